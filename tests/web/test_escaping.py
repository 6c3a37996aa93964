"""What templates write is escaped as Jinja escapes it."""

from typing import Any

import pytest
from flask import Flask
from jinja2 import ChainableUndefined
from markupsafe import Markup, escape

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
