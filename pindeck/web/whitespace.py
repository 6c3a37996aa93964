"""Templates are indented to be read; what is sent is not."""

import re

from jinja2.ext import Extension

_INDENT = re.compile(r"^[ \t]+(<?)", re.MULTILINE)


class NoIndentation(Extension):
    """Takes the spaces at the start of a template's lines away when it is compiled, once.

    One space stays before what is no tag, because an attribute or a word may stand there.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENT.sub(lambda found: found[1] or " ", source)
