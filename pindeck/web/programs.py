"""Programs, for administrators: clients, what they may do, and their keys."""

from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from pindeck.access.scopes import ALLOWED_SCOPES, SCOPES
from pindeck.errors import Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.services.clients import api_keys, clients
from pindeck.web.rendering import ListPage

bp = Blueprint("programs", __name__, url_prefix="/admin/programs")


def _shown() -> dict[str, Any]:
    return {
        "clients": clients.list_clients(g.actor),
        "scopes": SCOPES,
        "allowed": ALLOWED_SCOPES,
        "errors": {},
        "form": {},
    }


PAGE = ListPage("admin/programs.html", "admin/_programs.html", "programs.index", _shown)


def _key_once(key_text: str, client_name: str) -> ResponseReturnValue:
    return PAGE.once(key_text=key_text, key_for=client_name)


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    return PAGE.show()


@bp.post("/create")
@access_to("admin")
def create() -> ResponseReturnValue:
    form = request.form
    try:
        view, _, text = clients.create(
            g.actor,
            api_keys.NewClient(
                form.get("kind", ""),
                name=form.get("name", ""),
                project=form.get("project") or None,
                identifier=form.get("identifier"),
                install_scope=form.get("install_scope"),
                user_email=form.get("user"),
                scopes=tuple(form.getlist("scopes")),
                expires_in_days=_days(form.get("days", "")),
            ),
        )
    except Invalid as error:
        return PAGE.show(422, errors=error.fields, form=form)
    return _key_once(text, view.client.name or view.client.identifier)


def _days(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 5:
        sentence = "Give a number of days."
        raise invalid("expires-in", sentence)
    return int(text)


@bp.post("/<client_id>/key")
@access_to("admin")
def add_key(client_id: str) -> ResponseReturnValue:
    days = request.form.get("days", "")
    try:
        view, _, text = clients.add_key(g.actor, client_id, expires_in_days=_days(days))
    except Invalid as error:
        return PAGE.show(422, key_fault={"client": client_id, "days": days, "says": error.message})
    return _key_once(text, view.client.name or view.client.identifier)


@bp.post("/<client_id>/scopes")
@access_to("admin")
def set_scopes(client_id: str) -> ResponseReturnValue:
    clients.set_scopes(g.actor, client_id, tuple(request.form.getlist("scopes")))
    return PAGE.changed("Saved. It applies from the next request on.")


@bp.post("/<client_id>/disable")
@access_to("admin")
def disable(client_id: str) -> ResponseReturnValue:
    clients.set_disabled(g.actor, client_id, True)
    return PAGE.changed("Its keys no longer work. Its pictures stay.")


@bp.post("/<client_id>/enable")
@access_to("admin")
def enable(client_id: str) -> ResponseReturnValue:
    clients.set_disabled(g.actor, client_id, False)
    return PAGE.changed("Its keys work again.")


@bp.post("/keys/<key_id>/revoke")
@access_to("admin")
def revoke(key_id: str) -> ResponseReturnValue:
    key = clients.revoke(g.actor, key_id)
    return PAGE.changed(f"The key {key.prefix}… is revoked.")
