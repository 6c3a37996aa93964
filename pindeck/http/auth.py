"""Who is asking, and whether the request is really theirs: key or session, CSRF, and response headers."""

import re
import uuid
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from pindeck import access, config, db
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import NotSignedIn
from pindeck.queue import asking
from pindeck.services.accounts import sessions
from pindeck.services.clients import api_keys, ingest_key

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

COOKIE = "pindeck_session"
SMALL_FORM_BYTES = 1_000_000
csrf = CSRFProtect()

P = ParamSpec("P")
R = TypeVar("R")

# Doors without a person behind them: no session is looked at, and no token of a page is asked for.
ANONYMOUS = (
    "static",
    "assets.style_sheet",
    "installing.manifest",
    "modules.module",
    "delivery.media",
    "health.alive",
    "health.ready",
    "upload_door.upload",
    "upload_door.preflight",
    "upload_door.wrong_method",
    "bots.wrong_method",
    "discord.interact",
    "feeds.feed",
    "feeds.picture",
    "shares.index",
    "shares.opened",
    "shares.present",
    "shares.picture",
)
# Where programs may knock with a key. Pages are for people.
KEY_PATHS = ("/api/", "/i/", "/storage/")
DISCORD = "discord"
BOTS = "bots"  # the blueprint of the addresses that only they use
# Those of them that pages show as well: a single-sign-on proxy adds its own header to them, too.
BYTES_PATHS = ("/i/", "/storage/")
HEALTH_PATHS = ("/healthz", "/readyz")


def access_to(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a route with the rule of `access/` that opens it; the service checks again with the image."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if action != "public":
                access.require(g.actor, action)
            return view(*args, **kwargs)

        guarded.access = action  # type: ignore[attr-defined]
        return guarded

    return decorate


public = access_to("public")


def init_app(app: Flask) -> None:
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)

    @app.before_request
    def know_the_actor() -> None:
        g.actor = VISITOR
        g.renew_cookie = None
        if request.endpoint in ANONYMOUS or request.path in HEALTH_PATHS:
            return
        if "\x00" in request.path:
            abort(404)  # nothing is called so, and PostgreSQL cannot even be asked
        db.connect()
        key = key_given()
        if key is not None:  # the key alone counts, and a bad one never falls back to the cookie
            g.actor = _program(key)
            return
        token = request.cookies.get(COOKIE)
        if token:
            found = sessions.find(token, days=config.current().session_days)
            if found:
                g.actor, renew = found
                if renew:
                    g.renew_cookie = token

    @app.before_request
    def know_the_visitors() -> None:
        asking.for_visitor.set(not (g.actor.is_signed_in or g.actor.is_program))

    @app.before_request
    def check_token() -> None:
        """Ask for a token on every change made with a session, in the header where there is one.

        The upload form carries its token in the query, so that its body can stream.
        """
        if request.method in ("GET", "HEAD", "OPTIONS", "TRACE") or request.endpoint in ANONYMOUS:
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None:  # nothing is there, and nothing will be done
            return
        if hasattr(view, "operation"):  # programs: the token comes in the header or not at all
            if g.actor.session_id is not None:
                _check(request.headers.get("X-CSRFToken"))
            return
        if not getattr(view, "token_in_query", False):
            request.max_content_length = SMALL_FORM_BYTES  # nobody may spool files before the token is known
        if getattr(view, "token_in_query", False):
            token = request.headers.get("X-CSRFToken") or request.args.get("csrf_token")
            _check(token)
        elif request.headers.get("X-CSRFToken"):
            _check(request.headers["X-CSRFToken"])
        elif "csrf_token" not in session:
            raise CSRFError("No page was opened before this form was sent.")  # so no token can be right, and the body is not waited for
        else:
            csrf.protect()

    @app.after_request
    def write_cookie(response: Response) -> Response:
        if g.get("renew_cookie"):
            set_cookie(response, g.renew_cookie)
        return response

    @app.after_request
    def headers(response: Response) -> Response:
        h = response.headers
        h.setdefault("X-Request-Id", request_id())
        if h.get("Content-Encoding") == "identity":  # has kept the compressor away, and means nothing
            del h["Content-Encoding"]
        h.setdefault("X-Content-Type-Options", "nosniff")
        h.setdefault("Referrer-Policy", "same-origin")
        if response.mimetype == "text/html":
            h.setdefault("Content-Security-Policy", app.config["CSP"])
            h.setdefault("X-Frame-Options", "DENY")
            h.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
            h.setdefault("Cache-Control", "private, no-cache")
            response.vary.add("Cookie")
        if request.is_secure:
            h.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        db.release()


def key_given() -> str | None:
    """The key in `X-API-Key` or `Authorization: Bearer`, which may be empty; None when there is neither header.

    Outside of the API what is no key of ours counts as absent: a single-sign-on proxy in front sends a token of its
    own with every page and picture, and the person behind it has a session here.
    """
    key = request.headers.get("X-API-Key")
    is_named = key is not None  # as one of ours: nobody else's header is called so
    if key is None:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        key = rest if scheme.lower() == "bearer" else None
    if key is None:
        return None
    key = key.strip()
    asks_as_program = request.path.startswith("/api/") or request.blueprint == BOTS or (is_named and request.path.startswith(BYTES_PATHS))
    return key if asks_as_program or api_keys.is_ours(key) else None


def _program(key: str) -> Actor:
    if not request.path.startswith(KEY_PATHS) and request.blueprint != BOTS:
        if request.endpoint is None:  # there is no such page, whoever asks
            return VISITOR
        raise NotSignedIn("Keys open the API. Pages need a signed-in person.", may_sign_in=False)
    found = ingest_key.actor() if request.blueprint == BOTS and ingest_key.is_it(key) else api_keys.actor_of(key)
    if found is None:
        raise NotSignedIn("This key is not known here, has expired, or was revoked.")
    return found


def request_id() -> str:
    """What the caller named the request, if that is plain, else a name of ours. Stands in the log as well."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid.uuid4().hex
    return g.request_id


def _check(token: str | None) -> None:
    from flask_wtf.csrf import validate_csrf
    from wtforms import ValidationError

    try:
        validate_csrf(token)
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def token_in_query(view: Callable[P, R]) -> Callable[P, R]:
    """For forms whose body must not be read before authority is known: uploads."""
    view.token_in_query = True  # type: ignore[attr-defined]
    return view


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=config.current().session_days * 86400,
        httponly=True,
        samesite="Lax",
        secure=is_secure(),
    )


def is_secure() -> bool:
    """Whether cookies are kept to https: where the site is, or this very request came by it."""
    return request.is_secure or config.current().site_url.startswith("https://")


class PageSession(SecureCookieSessionInterface):
    """What a page remembers, such as the token of its forms, in a cookie like that of the session.

    What signs it is made once for an application, not for each request: the keys stay as long as the application.
    """

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> "URLSafeTimedSerializer | None":
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_secure()


def clear_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE)


def content_security_policy(settings: Settings) -> str:
    from urllib.parse import urlsplit

    origins = []
    if settings.media_base_url:
        parts = urlsplit(settings.media_base_url)
        origins.append(f"{parts.scheme}://{parts.netloc}")
    if settings.is_s3:
        origins.append(f"{'https' if settings.minio_secure else 'http'}://{settings.minio_endpoint}")
    pictures = " ".join(["'self'", "data:", "blob:", *origins])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        f"img-src {pictures}; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def actor() -> Actor:
    return g.actor
