"""People, for administrators: invitations, roles, disabling, sessions, reset links."""

from flask import Blueprint, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck.services import accounts, invites
from pindeck.web.auth import access_to, settings
from pindeck.web.rendering import done

bp = Blueprint("admin", __name__, url_prefix="/admin")


def _page(status: int = 200, **context: object) -> Response:
    page = render_template(
        "admin/users.html", users=accounts.list_users(g.actor), invites=invites.list_open(g.actor), **context
    )
    return make_response(page, status)


def _absolute(path: str) -> str:
    return (settings().site_url or request.host_url.rstrip("/")) + path


@bp.get("/users")
@access_to("admin")
def users() -> ResponseReturnValue:
    return _page()


@bp.post("/users/invite")
@access_to("admin")
def invite() -> ResponseReturnValue:
    """The link is in this answer and nowhere else, so it is no redirect."""
    token = invites.make_invite(g.actor, request.form.get("role", ""))
    return _page(link=_absolute(url_for("accounts.invite", token=token)), link_for="a new account")


@bp.post("/users/<user_id>/reset")
@access_to("admin")
def reset(user_id: str) -> ResponseReturnValue:
    token = invites.make_reset(g.actor, user_id)
    return _page(link=_absolute(url_for("accounts.reset", token=token)), link_for="a new password")


@bp.post("/users/invites/<invite_id>/withdraw")
@access_to("admin")
def withdraw(invite_id: str) -> ResponseReturnValue:
    invites.withdraw(g.actor, invite_id)
    return done(None, back_to=url_for(".users"), toast="The invitation is withdrawn.")


@bp.post("/users/<user_id>/role")
@access_to("admin")
def set_role(user_id: str) -> ResponseReturnValue:
    user = accounts.set_role(g.actor, user_id, request.form.get("role", ""))
    return done(None, back_to=url_for(".users"), toast=f"{user.display_name} is {user.role} now.")


@bp.post("/users/<user_id>/disable")
@access_to("admin")
def disable(user_id: str) -> ResponseReturnValue:
    user = accounts.disable(g.actor, user_id)
    return done(None, back_to=url_for(".users"), toast=f"{user.display_name} can no longer sign in.")


@bp.post("/users/<user_id>/enable")
@access_to("admin")
def enable(user_id: str) -> ResponseReturnValue:
    user = accounts.enable(g.actor, user_id)
    return done(None, back_to=url_for(".users"), toast=f"{user.display_name} can sign in again.")


@bp.post("/users/<user_id>/sign-out")
@access_to("admin")
def sign_out(user_id: str) -> ResponseReturnValue:
    count = accounts.sign_out_everywhere(g.actor, user_id)
    return done(None, back_to=url_for(".users"), toast=f"Signed out in {count} places.")
