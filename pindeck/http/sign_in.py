"""What both doors of sign-in share: where a request comes from, and the cookie of a known browser."""

from flask import request
from werkzeug.wrappers import Response

from pindeck.http.auth import is_secure
from pindeck.models import User
from pindeck.services.accounts import known_browsers
from pindeck.services.accounts.accounts import Visit

COOKIE = "pindeck_known"


def origin() -> Visit:
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
    return Visit(request.remote_addr or "", agent, request.cookies.get(COOKIE, ""))


def remember_browser(response: Response, user_id: str) -> None:
    """Let failures of this browser be counted apart from those of strangers, until the password is replaced."""
    response.set_cookie(
        COOKIE,
        known_browsers.remember(request.cookies.get(COOKIE, ""), User.get_by_id(user_id)),
        max_age=known_browsers.DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=is_secure(),
    )
