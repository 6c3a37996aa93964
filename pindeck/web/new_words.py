"""The question before a word that nobody has used becomes a category."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from pindeck.services.images import in_use
from pindeck.web.rendering import retarget, wants_fragment

OURS = ("csrf_token", "new", "value")


def asked(word: str, fragment: str, place: str, back_to: str) -> ResponseReturnValue:
    """The question at its place in the page, or as a page."""
    if not wants_fragment():
        return page(word, back_to)
    part = render_template(fragment, word=word, question=in_use.question(word))
    return retarget(make_response(part, 422), place)


def page(word: str, back_to: str) -> ResponseReturnValue:
    """The question as a page: its button sends what was sent once more."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    given = [*sent, ("value", word)]
    answer = render_template(
        "shared/new_word.html", word=word, question=in_use.question(word), given=given, back_to=back_to
    )
    return answer, 422
