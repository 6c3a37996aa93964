"""Signing in and out, guests, invitations, resets, and one's own account."""

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from pindeck import config
from pindeck.errors import Busy, Invalid, TooMany
from pindeck.http.auth import access_to, clear_cookie, public, set_cookie
from pindeck.http.sign_in import origin, remember_browser
from pindeck.models import User
from pindeck.services.accounts import accounts, invitations, sessions
from pindeck.services.clients import discord_people
from pindeck.services.library import feeds, gallery
from pindeck.web.rendering import done, go, retarget, safe_path, show, tell, wants_fragment

bp = Blueprint("accounts", __name__)


def _let_in(token: str, target: str, user: User | None = None) -> Response:
    """Start afresh: a new session token and a new CSRF token, so that nothing from before the door counts.

    Who signed in over a page that stands still goes on with it: the answer brings the page its new token.
    """
    sessions.end(g.actor.session_id)
    session.clear()
    g.renew_cookie = None  # or the cookie of the session that just ended would be written over the new one
    response = _back_on_the_page(user.id) if user and _is_over_a_page() else make_response(go(target))
    set_cookie(response, token)
    if user:  # not a guest
        remember_browser(response, user.id)
    return response


def _is_over_a_page() -> bool:
    return wants_fragment() and bool(request.values.get("here"))


def _back_on_the_page(user_id: str | None) -> Response:
    g.pop("csrf_token", None)  # made for the session before
    response = make_response(render_template("accounts/_back.html"))
    return tell(response, "pindeck:signed-in", token=generate_csrf(), user=user_id)


def _door(status: int = 200, *, mode: str, errors: dict[str, str] | None = None, **context: object) -> Response:
    given = config.current()
    first = not accounts.first_account_exists()
    answer = show(
        "accounts/door.html",
        "accounts/_door.html",
        status,
        mode=mode,
        errors=errors or {},
        form=request.form,
        next=safe_path(request.values.get("next"), ""),
        first=first,
        needs_code=first and not given.listens_on_loopback,
        may_sign_up=accounts.may_sign_up(),
        registration=given.registration,
        guests_allowed=given.guests_allowed and not g.actor.is_signed_in,
        picture=gallery.newest_for_strangers(),
        here=_is_over_a_page(),
        **context,
    )
    return make_response(answer)


def _later(error: TooMany | Busy, *, mode: str, field: str = "password", **context: object) -> Response:
    """The form again, with when to come back. What was typed stays, but for the password."""
    response = retarget(_door(error.status, mode=mode, errors={field: error.message}, **context), "#accounts-door")
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if g.actor.is_curator and _is_over_a_page():  # signed in elsewhere meanwhile
        return _back_on_the_page(g.actor.user_id)
    if g.actor.is_curator:
        return redirect(safe_path(request.args.get("next")))
    if not accounts.first_account_exists():
        return redirect(url_for(".sign_up", next=safe_path(request.args.get("next"), "") or None))
    return _door(mode="sign_in")


@bp.post("/sign-in")
@public
def sign_in_submit() -> ResponseReturnValue:
    try:
        user, token = accounts.sign_in(request.form.get("email"), request.form.get("password"), origin()
        )
    except Invalid as error:
        return _door(422, mode="sign_in", errors=error.fields)
    except (TooMany, Busy) as error:
        return _later(error, mode="sign_in")
    return _let_in(token, safe_path(request.form.get("next")), user)


@bp.get("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    if g.actor.is_curator:
        return redirect("/")
    return _door(mode="sign_up")


@bp.post("/sign-up")
@public
def sign_up_submit() -> ResponseReturnValue:
    form = request.form
    try:
        user = accounts.sign_up(form.get("email"),
            form.get("password"),
            name=form.get("name", ""),
            code=form.get("code", ""),
            guest=g.actor,
            origin=origin(),
        )
    except Invalid as error:
        return _door(422, mode="sign_up", errors=error.fields)
    except TooMany as error:
        return _later(error, mode="sign_up", field="email" if accounts.first_account_exists() else "code")
    except Busy as error:
        return _later(error, mode="sign_up")
    return _welcome(user)


def _welcome(user: User) -> Response:
    return _let_in(
        accounts.start_session(user, origin()), safe_path(request.form.get("next")), user
    )


@bp.post("/guest")
@public
def guest() -> ResponseReturnValue:
    if g.actor.is_signed_in:
        return go(safe_path(request.form.get("next")))
    token = accounts.continue_as_guest(origin())
    return _let_in(token, safe_path(request.form.get("next")))


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    sessions.end(g.actor.session_id)
    session.clear()
    response = make_response(go("/"))
    clear_cookie(response)
    g.renew_cookie = None
    return response


@bp.get("/invite/<token>")
@public
def invite(token: str) -> ResponseReturnValue:
    found = invitations.find(token, "invite")
    return _door(mode="invite", role=found.role)


@bp.post("/invite/<token>")
@public
def invite_submit(token: str) -> ResponseReturnValue:
    form = request.form
    try:
        user = invitations.accept(
            token,
            form.get("email"),
            form.get("password"),
            name=form.get("name", ""),
            guest=g.actor,
            registration=config.current().registration,
        )
    except Invalid as error:
        return _door(422, mode="invite", errors=error.fields, role=invitations.find(token, "invite").role)
    except Busy as error:
        return _later(error, mode="invite", role=invitations.find(token, "invite").role)
    return _welcome(user)


@bp.get("/reset/<token>")
@public
def reset(token: str) -> ResponseReturnValue:
    invitations.find(token, "reset")
    return _door(mode="reset")


@bp.post("/reset/<token>")
@public
def reset_submit(token: str) -> ResponseReturnValue:
    try:
        user = invitations.reset(token, request.form.get("password"))
    except Invalid as error:
        return _door(422, mode="reset", errors=error.fields)
    except Busy as error:
        return _later(error, mode="reset")
    return _let_in(accounts.start_session(user, origin()), "/", user)


@bp.get("/account")
@access_to("account")
def index() -> ResponseReturnValue:
    return _account()


def _account(status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return show("accounts/page.html", "accounts/_profile.html", status, **{**own_account(), "form": request.form, "errors": errors or {}})


def own_account() -> dict[str, Any]:
    """What the page of one's own account is made of."""
    settings = config.current()
    return {
        "user": accounts.get_own(g.actor),
        "sessions": sessions.list_for(g.actor),
        "feeds": feeds.list_own(g.actor),
        "links": discord_people.list_own(g.actor),
        "has_discord": bool(settings.discord_token or settings.discord_public_key),
        "form": {},
        "errors": {},
    }


def _profile_saved(text: str) -> ResponseReturnValue:
    return done(
        "accounts/_profile.html",
        back_to=url_for(".index"),
        toast=text,
        user=accounts.get_own(g.actor),
        form={},
        errors={},
    )


def _sessions_ended(text: str) -> ResponseReturnValue:
    left = sessions.list_for(g.actor)
    return done("accounts/_sessions.html", back_to=url_for(".index"), toast=text, sessions=left)


@bp.post("/account/name")
@access_to("account")
def rename() -> ResponseReturnValue:
    try:
        accounts.rename(g.actor, request.form.get("name"))
    except Invalid as error:
        return _account(422, error.fields)
    return _profile_saved("Name saved.")


@bp.post("/account/password")
@access_to("account")
def change_password() -> ResponseReturnValue:
    try:
        accounts.change_password(g.actor, request.form.get("current"), request.form.get("new"))
    except Invalid as error:
        return _account(422, error.fields)
    response = make_response(_profile_saved("Password changed. Every other session has ended."))
    remember_browser(response, str(g.actor.user_id))
    return response


@bp.post("/account/sessions/<session_id>/end")
@access_to("account")
def end_session(session_id: str) -> ResponseReturnValue:
    ended = sessions.end_own(g.actor, session_id)
    return _sessions_ended("Signed out there." if ended else "That session had ended already.")


@bp.post("/account/sessions/end-others")
@access_to("account")
def end_others() -> ResponseReturnValue:
    count = sessions.end_all(str(g.actor.user_id), but=g.actor.session_id)
    return _sessions_ended(f"Signed out in {count} other {'place' if count == 1 else 'places'}.")
