"""What is asked before something is written: whether a word that nobody has used is meant, and whether pictures go to another
project and lose their aliases. As a page, or over the page that asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck.errors import Conflict
from pindeck.services.images.project_words import RELEASES
from pindeck.web.rendering import ask, back, wants_fragment

MOVE = "Move it"
Given = list[tuple[str, str]]


def asks_first(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Answer with the question where a form would release aliases; it is sent once more as `confirmed`."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except Conflict as error:
            if error.code != RELEASES:
                raise
            if not wants_fragment():
                return page("Move to another project?", lost_of(error), sent(), back(url_for("gallery.index")))
            return ask(error.message, MOVE)

    return asked


def page(question: str, released: list[str], given: Given, back_to: str, *, verb: str = MOVE, status: int = 200) -> Response:
    """A page whose button sends what is `given` and `confirmed`."""
    shown = render_template("projects/ask.html", question=question, released=released, given=given, verb=verb, back_to=back_to)
    return make_response(shown, status)


def page_of_word(word: str, question: str, back_to: str, released: list[str]) -> Response:
    """The question about a word in a field: a new one, or the name of a project where aliases would be `released`."""
    given = [*sent("new", "value"), ("value", word)]
    if released:
        return page("Move this picture to another project?", released, [*given, ("new", word)], back_to, status=422)
    shown = render_template("shared/new_word.html", word=word, question=question, given=given, back_to=back_to)
    return make_response(shown, 422)


def sent(*without: str) -> Given:
    """What the form sent, to be sent once more."""
    return [each for each in request.form.items(multi=True) if each[0] not in ("csrf_token", "confirmed", *without)]


def lost_of(error: Conflict) -> list[str]:
    """The aliases that an error names."""
    found: Any = error.details.get("aliases", [])
    return list(found)
