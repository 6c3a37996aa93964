"""Which part of a file a request asks for (RFC 9110 §14)."""

import re

from werkzeug.exceptions import RequestedRangeNotSatisfiable

_ONE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,40})\s*-\s*([0-9]{0,40})\s*", re.IGNORECASE)


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole file.

    Whole is also the answer to several ranges, to other units and to what is malformed. Raises
    RequestedRangeNotSatisfiable for a range that holds no byte of the file.
    """
    found = _ONE.fullmatch(header) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, stop = max(0, size - int(found[2])), size
    else:
        start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None  # it counts backwards, which is malformed
    if start >= stop:
        raise RequestedRangeNotSatisfiable(size)
    return start, stop


def is_current(if_range: str | None, sha256: str) -> bool:
    """Whether `If-Range`, if it is given, names exactly this version. Dates and weak tags never do."""
    return if_range is None or if_range.strip() == f'"{sha256}"'
