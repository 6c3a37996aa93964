"""Record or picture: one path with two representations."""

from flask import request
from werkzeug.datastructures import MIMEAccept

from pindeck.access import Actor

VARY = ("Accept", "Cookie", "Authorization", "X-API-Key")


def wants_bytes(actor: Actor, format: str | None, size: str | None) -> bool:
    """By `format`, then `size`, then what `Accept` strictly prefers, then who asks."""
    if format is not None:
        return format == "bytes"
    if size is not None:
        return True
    record, picture = (
        _liking(request.accept_mimetypes, "application/json"),
        _liking(request.accept_mimetypes, "image"),
    )
    if record != picture:
        return picture > record
    return not actor.is_manager


def _liking(accept: MIMEAccept, kind: str) -> float:
    """The quality a caller gives to a media type, or to the best of a whole family such as `image`.

    The most specific range counts, as RFC 9110 §12.5.1 has it; a family is liked as its best liked member.
    """
    family = kind.partition("/")[0]
    named = [quality for value, quality in accept if value.lower().startswith(f"{family}/")]
    if kind != family:
        named = [quality for value, quality in accept if value.partition(";")[0].strip().lower() == kind] or [
            quality for value, quality in accept if value.lower() == f"{family}/*"
        ]
    return max(named or [quality for value, quality in accept if value == "*/*"], default=0.0)
