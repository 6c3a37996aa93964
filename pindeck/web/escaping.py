"""Templates write what they escape as plain text.

Jinja wraps every value that a template writes in `Markup`, only to join it with its neighbours a moment later. A page of
fifty pictures writes a thousand values, and the wrapping took a seventh of it. What is escaped, and how, is the same.
"""

from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import _escape_inner, escape


def escaped(value: Any) -> str:
    """A value as HTML. Texts and numbers, which are most, need no look at what else they may be."""
    if type(value) is str:
        return _escape_inner(value)
    if type(value) is int:
        return str(value)
    return escape(value)


class PlainWriter(CodeGenerator):
    """Compiles templates so that they call `escaped`, where autoescaping is known to be on."""

    def _output_child_pre(self, node: Any, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


def install(environment: Environment) -> None:
    """Before the first template is compiled."""
    environment.code_generator_class = PlainWriter
    environment.escaped = escaped  # type: ignore[attr-defined]
