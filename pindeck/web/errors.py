"""Errors as the reader needs them: JSON for programs, a toast for htmx, a page for people."""

from flask import Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from pindeck.errors import NotSignedIn, WrongHost
from pindeck.http.auth import BOTS, DISCORD
from pindeck.http.errors import Told, told
from pindeck.web.rendering import is_htmx, toast_error, wants_fragment

# Addresses that programs and pictures use; a browser that navigates to one says that it wants a page.
BYTES_PATHS = ("/i/", "/storage/")


def wants_json() -> bool:
    if request.path.startswith(BYTES_PATHS):
        return "text/html" not in request.headers.get("Accept", "")
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or request.blueprint in (BOTS, DISCORD) or (best == "application/json" and not is_htmx())


def init_app(app: Flask) -> None:
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The answer to whatever was raised: a page, a toast or JSON, as the caller reads it."""
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):
        return error.get_response()  # type: ignore[return-value]
    found = told(error)
    if wants_json():
        return found.as_json()
    if isinstance(error, WrongHost):
        # The pages' own frame would look for a session, and its files are not served under this name.
        return make_response(render_template("shared/wrong_host.html", message=error.message), error.status)
    if isinstance(error, NotSignedIn) and error.may_sign_in and not request.path.startswith(BYTES_PATHS):
        return _to_sign_in()
    if isinstance(error, CSRFError) and _ended():
        return _to_sign_in()
    return _shown(found)


def _ended() -> bool:
    """Whether a part of a page asks for what needs a session, and the session of the page has ended with its token."""
    view = current_app.view_functions.get(request.endpoint or "")
    return wants_fragment() and not g.actor.is_signed_in and getattr(view, "access", "public") != "public"


def _to_sign_in() -> Response:
    """A page goes to the door; a part of one stays where it is and offers to sign in there."""
    if not wants_fragment():
        target = url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None)
        return redirect(target, 303)  # type: ignore[return-value]
    form = url_for("accounts.sign_in", here=1)
    return toast_error("Your session has ended. Nothing was changed.", 401, sign_in_url=form)


def _shown(found: Told) -> Response:
    if wants_fragment():
        response = toast_error(found.message, found.status)
    else:
        page = render_template("shared/error.html", status=found.status, message=found.message, details=found.details)
        response = make_response(page, found.status)
    response.headers.update(found.headers)
    return response
