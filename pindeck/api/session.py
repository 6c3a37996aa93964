"""A session for programs that have a person's password, and the token its changes need."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, session
from flask_wtf.csrf import generate_csrf
from pydantic import Field

from pindeck import config
from pindeck.access import Actor
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.types import Input, Output, Text
from pindeck.errors import Invalid, NotSignedIn
from pindeck.http.auth import clear_cookie, set_cookie
from pindeck.http.sign_in import origin, remember_browser
from pindeck.services.accounts import accounts, sessions

bp = Blueprint("api_session", __name__, url_prefix=f"{PREFIX}/session")


class SignIn(Input):
    email: Text = Field(max_length=254, examples=["olga@example.org"])
    password: Text = Field(max_length=200, examples=["a long pass phrase"])


class Person(Output):
    id: str
    name: str
    email: str | None
    role: str = Field(description="admin, curator or guest", examples=["curator"])


class SessionState(Output):
    user: Person | None
    csrfToken: str = Field(description="Send it as X-CSRFToken with every change of this session.")


class SignedOut(Output):
    success: bool


EXAMPLE = {
    "user": {"id": "0190…", "name": "Olga", "email": "olga@example.org", "role": "curator"},
    "csrfToken": "ImY2…",
}


def _state(actor: Actor) -> dict[str, Any]:
    person = None
    if actor.is_signed_in:
        person = {"id": actor.user_id, "name": actor.name, "email": actor.email, "role": actor.role}
    return {"user": person, "csrfToken": generate_csrf()}


@bp.get("")
@operation(
    "public",
    surface="session",
    summary="Who am I",
    answers=Answer(SessionState, says="The signed-in person, or null.", example=EXAMPLE, headers=("Set-Cookie",)),
)
def read_session() -> dict[str, Any]:
    """The person behind the session cookie, and the token that changes with this session need."""
    if g.actor.is_program:
        raise NotSignedIn("This is about sessions. Leave the key out.")
    return _state(g.actor)


@bp.post("")
@operation(
    "public",
    surface="session",
    summary="Sign in",
    answers=Answer(SessionState, says="Signed in; the cookie is set.", example=EXAMPLE, headers=("Set-Cookie",)),
    body=JsonBody(SignIn, example={"email": "olga@example.org", "password": "a long pass phrase"}),
    faults=(
        Fault(401, "UNAUTHORIZED", "E-mail and password do not match an account."),
        Fault(429, "RATE_LIMIT_EXCEEDED", "Too many failed sign-ins; `Retry-After` says when to try again."),
        Fault(503, "SERVER_BUSY", "Too many people sign in at once; this sign-in was not checked."),
    ),
    bucket=None,  # sign-in has a limit of its own
    callers=("session",),
    repeats=Repeats.REFUSED,
)
def sign_in(body: SignIn) -> Response:
    """Open a session with e-mail and password. A session that was open before ends."""
    try:
        user, token = accounts.sign_in(body.email, body.password, origin())
    except Invalid as error:
        raise NotSignedIn(error.message) from error
    sessions.end(g.actor.session_id)
    session.clear()
    g.renew_cookie = None
    found = sessions.find(token, days=config.current().session_days)
    response = jsonify(_state(found[0] if found else g.actor))
    response.headers["Cache-Control"] = "private, no-store"
    set_cookie(response, token)
    remember_browser(response, user.id)
    return response


@bp.delete("")
@operation(
    "public",
    surface="session",
    summary="Sign out",
    answers=Answer(SignedOut, example={"success": True}, headers=("Set-Cookie",)),
    bucket=None,
    callers=("session",),
)
def sign_out() -> Response:
    """End the session. Without one this changes nothing and answers the same."""
    sessions.end(g.actor.session_id)
    session.clear()
    g.renew_cookie = None
    response = jsonify(success=True)
    clear_cookie(response)
    return response
