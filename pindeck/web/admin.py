"""For administrators: people with their invitations, roles and sessions; and who does the work."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.http.auth import access_to
from pindeck.models import User
from pindeck.services.accounts import administration, invitations
from pindeck.services.blobs import room
from pindeck.services.maintenance import work, workers
from pindeck.web.rendering import ListPage, go, show

bp = Blueprint("admin", __name__, url_prefix="/admin")


def _people() -> dict[str, Any]:
    return {
        "users": administration.list_users(g.actor),
        "invites": invitations.list_open(g.actor),
        "may_invite": config.current().registration != "closed",
        "room": room.shown(g.actor),
    }


PAGE = ListPage("admin/users.html", "admin/_people.html", "admin.users", _people)


def _shown_once(path: str, link_for: str) -> ResponseReturnValue:
    link = (config.current().site_url or request.host_url.rstrip("/")) + path
    return PAGE.once(link=link, link_for=link_for)


@bp.get("/users")
@access_to("admin")
def users() -> ResponseReturnValue:
    return PAGE.show()


@bp.get("/workers", endpoint="workers")
@access_to("admin")
def who_works() -> ResponseReturnValue:
    return show(
        "admin/workers.html",
        "admin/_workers.html",
        workers=workers.list_workers(g.actor),
        queues=workers.list_queues(g.actor),
        verdict=workers.judge(),
        failed=work.count(g.actor).failed,
    )


@bp.post("/users/invite")
@access_to("admin")
def invite() -> ResponseReturnValue:
    token = invitations.make_invite(g.actor, request.form.get("role", ""), registration=config.current().registration)
    return _shown_once(url_for("accounts.invite", token=token), "a new account")


@bp.post("/users/<user_id>/reset")
@access_to("admin")
def reset(user_id: str) -> ResponseReturnValue:
    token = invitations.make_reset(g.actor, user_id)
    return _shown_once(url_for("accounts.reset", token=token), "a new password")


@bp.post("/users/invites/<invite_id>/withdraw")
@access_to("admin")
def withdraw(invite_id: str) -> ResponseReturnValue:
    invitations.withdraw(g.actor, invite_id)
    return PAGE.changed("The invitation is withdrawn.")


@bp.post("/users/<user_id>/role")
@access_to("admin")
def set_role(user_id: str) -> ResponseReturnValue:
    user = administration.set_role(g.actor, user_id, request.form.get("role", ""))
    text = f"{user.display_name} is {'an administrator' if user.is_admin else 'a curator'} now."
    return _changed_perhaps_oneself(user, text)


@bp.post("/users/<user_id>/disable")
@access_to("admin")
def disable(user_id: str) -> ResponseReturnValue:
    user = administration.disable(g.actor, user_id)
    return _changed_perhaps_oneself(user, f"{user.display_name} can no longer sign in.")


def _changed_perhaps_oneself(user: User, text: str) -> ResponseReturnValue:
    """A person who stopped being an administrator may not see this page again."""
    if user.id == g.actor.user_id and not (user.is_admin and user.disabled_at is None):
        return go("/")
    return PAGE.changed(text)


@bp.post("/users/<user_id>/enable")
@access_to("admin")
def enable(user_id: str) -> ResponseReturnValue:
    user = administration.enable(g.actor, user_id)
    return PAGE.changed(f"{user.display_name} can sign in again.")


@bp.post("/users/<user_id>/sign-out")
@access_to("admin")
def sign_out(user_id: str) -> ResponseReturnValue:
    count = administration.sign_out_everywhere(g.actor, user_id)
    if user_id == g.actor.user_id:
        return go("/")
    return PAGE.changed(f"Signed out in {count} {'place' if count == 1 else 'places'}.")
