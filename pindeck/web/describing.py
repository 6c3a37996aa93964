"""Describing pictures, for administrators: which model does it, a trial of it, what it took, and the rules of the house."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.errors import Conflict, Invalid
from pindeck.http.auth import access_to
from pindeck.services.images import calls, house_rules
from pindeck.vision import prompt
from pindeck.web.actions import undo_url
from pindeck.web.rendering import done, show

bp = Blueprint("describing", __name__, url_prefix="/admin/describing")


def _page() -> dict[str, Any]:
    settings = config.current()
    versions = house_rules.list_versions(g.actor)
    rules = versions[0].text if versions else ""
    return {
        "settings": settings,
        "month": calls.of_month(),
        "versions": versions,
        "rules": rules,
        "basis": versions[0].id if versions else "",
        "prompt_version": prompt.version(rules),
        "most": house_rules.MOST,
    }


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    return show("describing/page.html", "describing/_rules.html", **_page())


@bp.post("/rules")
@access_to("admin")
def write() -> ResponseReturnValue:
    text = request.form.get("rules", "")
    basis = request.form.get("based_on")
    try:
        action_id = house_rules.write(g.actor, text, based_on=basis)
    except Invalid as error:
        return _not_written(text, error.fields.get("rules", error.message))
    except Conflict as error:
        return _not_written(text, error.message, is_newer=True)
    toast = "The next description follows these rules." if action_id else None
    back_to = url_for(".index")
    return done("describing/_rules.html", back_to=back_to, toast=toast, undo=undo_url(action_id), **_page())


def _not_written(text: str, error: str, *, is_newer: bool = False) -> ResponseReturnValue:
    """The form again, with what was typed. After a conflict it says what stands there, and is based on that."""
    shown = _page()
    theirs = shown["rules"] if is_newer else None
    return show(
        "describing/page.html", "describing/_rules.html", 409 if is_newer else 422,
        **{**shown, "rules": text}, error=error, theirs=theirs,
    )  # fmt: skip


@bp.post("/try")
@access_to("admin")
def ask() -> ResponseReturnValue:
    from pindeck.services.maintenance import vision_trial

    job = vision_trial.ask(g.actor)
    return done("describing/_trial.html", back_to=url_for(".tried", job_id=job.id), trial=job)


@bp.get("/tries/<job_id>")
@access_to("admin")
def tried(job_id: str) -> ResponseReturnValue:
    """What the trial found, or that a worker is at it."""
    from pindeck.services.maintenance import vision_trial

    trial = vision_trial.result_of(g.actor, job_id)
    return show("describing/page.html", "describing/_trial.html", **_page(), trial=trial)
