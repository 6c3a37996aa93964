"""Who decided what, for administrators: the trail with its filters, and as a file."""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from pindeck import db
from pindeck.errors import Invalid, NotFound
from pindeck.http.auth import access_to
from pindeck.services.accounts import administration
from pindeck.services.images import image_urls
from pindeck.times import iso_day
from pindeck.web.params import clean_query

bp = Blueprint("audit", __name__, url_prefix="/admin/audit")

FILTERS = ("who", "verb", "way", "image", "since", "until")


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    from pindeck.services.maintenance import audit, audit_files
    from pindeck.services.maintenance.audit_words import WAYS, WORDS

    asked, wrong = _asked(), ""
    after = clean_query(request.args.get("after", "")) or None
    lines: list[audit.Line] = []
    following = None
    try:
        lines, following = audit.look(g.actor, audit.filters_of(**asked), after=after)
    except (Invalid, NotFound) as error:
        wrong = error.message
    pictures = audit.pictures(g.actor, lines)
    shown: dict[str, Any] = {
        "lines": lines,
        "pictures": {image.id: image for image in pictures},
        "small": image_urls.small_of(pictures),
        "wrong": wrong,
        "asked": asked,
        "is_later": after is not None,
        "people": administration.list_users(g.actor),
        "deeds": WORDS,
        "ways": WAYS,
        "files": {form: url_for(".export", form=form, **asked) for form in audit_files.TYPES},
        "next_url": url_for(".index", after=following, **asked) if following else None,
    }
    return make_response(render_template("audit/page.html", **shown), 422 if wrong else 200)


@bp.get("/trail.<any(csv, jsonl):form>")
@access_to("admin")
def export(form: str) -> ResponseReturnValue:
    """Sent as it is read. What is wrong is said before anything is sent."""
    from pindeck.services.maintenance import audit, audit_files

    filters = audit.filters_of(**_asked())
    pieces = audit_files.written(audit.export(g.actor, filters), form)
    response = Response(stream_with_context(pieces), mimetype=audit_files.TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="pindeck-audit-{iso_day(db.now_ms())}.{form}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _asked() -> dict[str, Any]:
    return {name: clean_query(request.args.get(name, "")) for name in FILTERS}
