"""Style references: numbers of Midjourney's, which stand in the texts of pictures, one or several in each. Reads only."""

import json
import re

from pindeck import db

NUMBER = re.compile(r"\d{1,20}")


def numbers_in(text: str) -> list[str]:
    """Each once, without zeros before it, as they stand there."""
    return list(dict.fromkeys(found.lstrip("0") or "0" for found in NUMBER.findall(text)))


def texts_for(text: str) -> str | None:
    """The texts of pictures that name this number, or the text itself where it is no number, as a JSON list; None for none.

    One statement at most.
    """
    found = [text]
    if NUMBER.fullmatch(text):
        number = numbers_in(text)[0]
        found = [each for each in _texts_with(number) if number in numbers_in(each)]
    return json.dumps(found) if found else None


def _texts_with(digits: str) -> list[str]:
    """Along the index of these texts; each once."""
    sql = "SELECT sref FROM image WHERE sref IS NOT NULL AND sref LIKE :digits GROUP BY sref ORDER BY sref"
    return [text for (text,) in db.sql(sql, digits=f"%{digits}%").fetchall()]
