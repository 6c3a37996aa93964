"""How templates are compiled: what Jinja does for each value and each import is done where it is needed.

It wraps every value that a template writes in `Markup`, only to join it with its neighbours a moment later. A page of
fifty pictures writes a thousand values, and the wrapping took a seventh of it. What is escaped, and how, is the same.
At every import of macros it compares all names that templates know, which took a twentieth.
"""

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, Template
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner, escape

if TYPE_CHECKING:
    from jinja2.environment import TemplateModule
    from jinja2.runtime import Context


def escaped(value: Any) -> str:
    """A value as HTML. Texts and numbers, which are most, need no look at what else they may be."""
    if type(value) is str:
        return _escape_inner(value)
    if type(value) is Markup:
        return value
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


class Lender(Template):
    """A template whose macros are made once: nobody gives a template names of its own, which they would have to know."""

    def _get_default_module(self, ctx: "Context | None" = None) -> "TemplateModule":
        return self._module or super()._get_default_module(ctx)


def install(environment: Environment) -> None:
    """Before the first template is compiled."""
    environment.code_generator_class = PlainWriter
    environment.template_class = Lender
    environment.escaped = escaped  # type: ignore[attr-defined]
