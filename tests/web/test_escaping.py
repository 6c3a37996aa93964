"""What templates write is escaped as Jinja escapes it."""

from typing import Any

import pytest
from flask import Flask
from jinja2 import ChainableUndefined, UndefinedError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pindeck.web.assets import asset
from pindeck.web.escaping import escaped


class Word(str):
    """A text that is none of the plain kind."""


class Made:
    def __html__(self) -> str:
        return "<b>made</b>"


@pytest.mark.parametrize(
    "value",
    ["", "a", "<a href=\"x\">'&amp;'</a>", "日本<語", Word("<i>"), Markup("<b>&</b>"), Made(), 0, -7, 2**70, 1.5, True,
     None, ["<"], b"<", ChainableUndefined(name="x")],
)  # fmt: skip
def test_every_kind_of_value_is_written_as_jinja_writes_it(value: Any) -> None:
    assert str(escaped(value)) == str(escape(value))


def test_templates_are_compiled_to_it(app: Flask) -> None:
    source = app.jinja_env.compile("{{ name }}{% set part %}{{ name }}{% endset %}{{ part }}", raw=True)
    assert source.count("environment.escaped(") == 3 and " escape(" not in source
    made = app.jinja_env.from_string("{{ name }}{% set part %}{{ name }}{% endset %}{{ part }}{{ name | upper }}")
    assert made.render(name="<a>") == "&lt;a&gt;&lt;a&gt;&lt;A&gt;"


def test_where_escaping_is_off_nothing_is_escaped(app: Flask) -> None:
    off = app.jinja_env.from_string("{% autoescape false %}{{ name }}{% endautoescape %}{{ name }}")
    assert off.render(name="<") == "<&lt;"


def test_a_function_of_a_template_gets_what_it_asks_for_and_no_more(app: Flask) -> None:
    @pass_context
    def read(context: Context, name: str) -> str:
        return str(context[name])

    text = "{% for n in (1, 2) %}{{ read('word') }}{{ plain(n, last=loop.last) }}{{ word.upper() }}{{ nothing() if 0 }}{% endfor %}"
    made = app.jinja_env.from_string(text)
    assert made.render(read=read, plain=lambda n, last: f"-{n}{last} ", word="a") == "a-1False Aa-2True A"
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nothing() }}").render()


def test_an_icon_is_drawn_once_and_its_words_are_escaped(app: Flask) -> None:
    made = app.jinja_env.from_string('{% from "ui.html" import icon %}{{ icon("x") }}|{{ icon("x", "a <b>") }}')
    bare, named = made.render().split("|")
    assert bare == f'<svg class="i" aria-hidden="true"><use href="{asset("icons.svg")}#x"/></svg>'
    assert named == f'{bare}<span class="sr">a &lt;b&gt;</span>'
