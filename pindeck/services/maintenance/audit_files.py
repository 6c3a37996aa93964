"""The trail as a file: CSV for spreadsheets, JSON lines for programs. A line is written as it is read."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO

from pindeck.errors import invalid
from pindeck.services.maintenance.audit import Line
from pindeck.times import iso

COLUMNS = ("time", "who", "email", "from", "program", "key", "asked_by", "what", "deed", "picture", "title", "why", "detail")
# A spreadsheet takes a cell that begins like this for a formula, also where it was sent as text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
TOGETHER = 100  # lines in one piece of an answer


def written(lines: Iterable[Line], form: str) -> Iterator[str]:
    """The pieces of a file. Raises Invalid for a form there is not."""
    if form not in TYPES:
        raise invalid("format", f"Choose from: {', '.join(TYPES)}.")
    return _in_pieces(_csv(lines) if form == "csv" else _json(lines))


def _in_pieces(texts: Iterable[str]) -> Iterator[str]:
    piece: list[str] = []
    for text in texts:
        piece.append(text)
        if len(piece) == TOGETHER:
            yield "".join(piece)
            piece = []
    if piece:
        yield "".join(piece)


def _csv(lines: Iterable[Line]) -> Iterator[str]:
    yield _row(COLUMNS)
    for line in lines:
        told = _told(line)
        yield _row([harmless(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)) for value in told.values()])


def harmless(text: str) -> str:
    """The same text for a cell, where no spreadsheet computes it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(values: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(values)
    return out.getvalue()


def _json(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(_told(line), ensure_ascii=False) + "\n"


def _told(line: Line) -> dict[str, object]:
    values = (
        iso(line.at), line.who, line.email, line.way, line.program, line.key, line.asker, line.what, line.verb, line.image_id,
        line.title, line.why, line.detail,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
