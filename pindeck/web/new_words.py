"""The question before a word that nobody has used becomes a category, or stands among the terms of a field."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from pindeck.web.rendering import retarget, wants_fragment

OURS = ("csrf_token", "new", "value")


def asked(word: str, question: str, fragment: str, place: str, back_to: str) -> ResponseReturnValue:
    """The question at its place in the page, or as a page."""
    if not wants_fragment():
        return page(word, question, back_to)
    part = render_template(fragment, word=word, question=question)
    return retarget(make_response(part, 422), place)


def page(word: str, question: str, back_to: str) -> ResponseReturnValue:
    """The question as a page: its button sends what was sent once more."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    given = [*sent, ("value", word)]
    return render_template("shared/new_word.html", word=word, question=question, given=given, back_to=back_to), 422
