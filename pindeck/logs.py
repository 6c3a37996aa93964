"""How lines of the log look: one line an event, whatever a stranger wrote into it, and no secrets.

What is logged may hold words of others: the path of a request, a file name, the text of an error. A line break in
one would let a stranger write lines of his own into the log; an escape sequence would act on the terminal that shows it.
"""

import logging
import re

from pindeck.masking import masked

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
# Controls of ASCII and Latin-1, marks that turn the direction of writing, separators of lines, and lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def escaped(text: str) -> str:
    """`text` on one line: what is not printed by itself is spelt as in Python, such as `\\n`."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Formatter(logging.Formatter):
    """A record on one line. A traceback follows, indented, so that no line of it looks like a record."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        # Only what the logging module adds below the message may have lines.
        count = len(record.getMessage().split("\n"))
        head = escaped("\n".join(lines[:count]))
        return masked("\n".join([head, *(f"    {escaped(line)}" for line in lines[count:])]))


def configure(level: str) -> None:
    """Everything of this process is logged this way, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
