"""How templates are compiled: what Jinja does for each value and each import is done where it is needed.

It wraps every value that a template writes in `Markup`, only to join it with its neighbours a moment later. A page of
fifty pictures writes a thousand values, and the wrapping took a seventh of it. What is escaped, and how, is the same.
At every import of macros it compares all names that templates know, which took a twentieth.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, Template
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, _escape_inner, escape

if TYPE_CHECKING:
    from jinja2.environment import TemplateModule


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


_PLAIN = frozenset({FunctionType, MethodType, BuiltinFunctionType, type(cache(str))})


class Direct(Context):
    """What a template sees. It calls a plain function at once: Jinja looks three times whether one asks for the context."""

    def call(self, called: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        if type(called) not in _PLAIN or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **options)
        options.pop("_loop_vars", None)
        options.pop("_block_vars", None)
        return called(*args, **options)


class Whole(Template):
    """A template that is written as one piece, and whose macros are made once.

    Jinja hands on each piece through all templates around it; a page has eight hundred, and is joined in the end anyway.
    And nobody here gives a template names of its own, which its macros would have to know.
    """

    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: Any, globals: Any) -> "Whole":
        made = super()._from_namespace(environment, namespace, globals)
        pieces = made.root_render_func

        def written(context: Context) -> Iterator[str]:
            yield "".join(pieces(context))

        made.root_render_func = written
        return made  # type: ignore[return-value]

    def _get_default_module(self, ctx: Context | None = None) -> "TemplateModule":
        return self._module or super()._get_default_module(ctx)


def install(environment: Environment) -> None:
    """Before the first template is compiled."""
    environment.code_generator_class = PlainWriter
    environment.template_class = Whole
    environment.context_class = Direct
    environment.escaped = escaped  # type: ignore[attr-defined]
