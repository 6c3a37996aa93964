"""Page or fragment: the only reader of htmx headers, and the only user of htmx-flask."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from htmx_flask import Htmx
from werkzeug.wrappers import Response

VARY = ("HX-Request", "HX-Boosted", "HX-Target", "HX-History-Restore-Request")


def init_app(app: Flask) -> None:
    Htmx(app)

    @app.after_request
    def vary_on_htmx(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.update(VARY)
        return response


def is_htmx() -> bool:
    """Whether htmx asks, for a fragment or for a page."""
    return bool(getattr(request, "htmx", None))


def wants_fragment() -> bool:
    """A history restore gets the whole page, and so does a boosted link that names no target."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request and not (htmx.boosted and not htmx.target)


def aims_at(element_id: str) -> bool:
    """Whether the answer will take the place of this element, or its inside."""
    return bool(getattr(request, "htmx", None)) and request.htmx.target == element_id  # type: ignore[attr-defined]


def stands_at(path: str) -> bool:
    """Whether the browser shows this page: an answer carries parts of a page only there, because htmx tells an error of each part
    that has no place."""
    url = _current_url()
    return bool(url) and urlsplit(url).path == path


def query_of_page() -> dict[str, str]:
    """The query of the address that the browser shows, which a form does not send; empty where htmx does not tell it."""
    return dict(parse_qsl(urlsplit(_current_url()).query))


def _current_url() -> str:
    return getattr(getattr(request, "htmx", None), "current_url", None) or ""


def show(page: str, fragment: str, /, status: int = 200, **context: object) -> ResponseReturnValue:
    """Answer a GET, or a form that needs correcting (status 422)."""
    return make_response(render_template(fragment if wants_fragment() else page, **context), status)


def done(
    fragment: str | None,
    /,
    *,
    back_to: str,
    toast: str | None = None,
    undo: str | None = None,
    follow: str | None = None,
    link: tuple[str, str] | None = None,
    swaps_itself: bool = False,
    changes_page: bool = False,
    **context: object,
) -> ResponseReturnValue:
    """Answer a POST that worked: swap a fragment and toast, or flash and go back.

    `undo` is the address a POST to which takes the action back; the toast then offers it, and so it does with `link`, an
    address and its words. `follow` is the address of a toast that takes its place, for what still runs. `swaps_itself`: the fragment
    names by `hx-swap-oob` what it replaces, wherever the request aimed. `changes_page`: what the page shows may have
    changed anywhere, so it is read again.
    """
    if not wants_fragment():
        if toast:
            flash({"text": toast, "undo": undo, "link": link, "follow": follow})  # type: ignore[arg-type]
        return redirect(back_to, 303)
    part = render_template(fragment, **context) if fragment else ""  # nothing left: the element goes
    if toast:
        part += render_template("shared/_toast.html", text=toast, undo=undo, link=link, follow=follow, oob=True)
    response = make_response(part)
    if swaps_itself:
        response.headers["HX-Reswap"] = "none"
    if changes_page:
        response.headers["HX-Trigger"] = "pindeck:changed"
    return response


def show_toast(
    text: str,
    *,
    undo: str | None = None,
    follow: str | None = None,
    link: tuple[str, str] | None = None,
    changes_page: bool = False,
) -> ResponseReturnValue:
    """A toast for the place of the one that asked."""
    part = render_template("shared/_toast.html", text=text, undo=undo, follow=follow, link=link, oob=False)
    response = make_response(part)
    if changes_page:
        response.headers["HX-Trigger"] = "pindeck:changed"
    return response


@dataclass(frozen=True)
class ListPage:
    """A page around one list, which comes anew after each change of one of its lines.

    `page` and `items` are templates, `shown` gives what both are rendered with, `address` names the route of the page.
    """

    page: str
    items: str
    address: str
    shown: Callable[[], dict[str, Any]]

    def show(self, status: int = 200, **more: object) -> ResponseReturnValue:
        """The page, or the list alone."""
        return show(self.page, self.items, status, **{**self.shown(), **more})

    def changed(self, toast: str) -> ResponseReturnValue:
        """Answer a POST that worked."""
        return done(self.items, back_to=url_for(self.address), toast=toast, **self.shown())

    def once(self, **secret: object) -> ResponseReturnValue:
        """A secret stands in this one answer and nowhere else, so it is no redirect and no cache keeps it."""
        response = make_response(self.show(**secret))  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-store"
        return response


def go(back_to: str) -> ResponseReturnValue:
    """Send the browser elsewhere, from a form or from htmx."""
    if wants_fragment():
        return send_away(make_response("", 204), back_to)
    return redirect(back_to, 303)


def send_away(response: Response, target: str) -> Response:
    """Have htmx open another address as a page."""
    response.headers["HX-Redirect"] = target
    return response


def toast_error(message: str, status: int, **context: object) -> Response:
    """An error for htmx: a toast in the live region, whatever the request aimed at."""
    response = make_response(
        render_template("shared/_toast.html", text=message, kind="error", oob=False, **context), status
    )
    response.headers["HX-Retarget"] = "#toasts"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def retarget(response: Response, selector: str) -> Response:
    """Swap this answer there, whatever its status and whatever the request aimed at."""
    response.headers["HX-Retarget"] = selector
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def tell(response: Response, event: str, **details: object) -> Response:
    """Have htmx raise this event in the page, with what it brings."""
    response.headers["HX-Trigger"] = json.dumps({event: details})
    return response


def ask(question: str, verb: str) -> Response:
    """Have the page ask, and send the same request once more as `confirmed` when the answer is yes."""
    response = make_response("", 409)
    response.headers["HX-Reswap"] = "none"
    return tell(response, "pindeck:ask", question=question, verb=verb, path=request.path)


def safe_path(target: str | None, default: str = "/") -> str:
    """An address to return to that stays on this site.

    Browsers drop tabs and line ends from an address, so that `/<tab>/other.example` would lead away.
    """
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return default


def back(default: str) -> str:
    """Where a form without JavaScript returns to: its `next` field, if that stays on this site."""
    return safe_path(request.form.get("next") or request.args.get("next"), default)
