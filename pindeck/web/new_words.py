"""The question before a word that nobody has used becomes a category, or stands among the terms of a field; and the one
before a word in a field moves a picture to another project."""

from collections.abc import Sequence

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from pindeck.web import asking
from pindeck.web.rendering import retarget, wants_fragment


def asked(word: str, question: str, fragment: str, place: str, back_to: str) -> ResponseReturnValue:
    """The question at its place in the page, or as a page."""
    if not wants_fragment():
        return page(word, question, back_to)
    part = render_template(fragment, word=word, question=question)
    return retarget(make_response(part, 422), place)


def page(word: str, question: str, back_to: str, released: Sequence[str] = ()) -> ResponseReturnValue:
    """The question as a page: its button sends what was sent once more. Another one where aliases would be `released`."""
    given = [*asking.sent("new", "value"), ("value", word)]
    if released:
        return asking.page("Move this picture to another project?", list(released), [*given, ("new", word)], back_to, status=422)
    return render_template("shared/new_word.html", word=word, question=question, given=given, back_to=back_to), 422
