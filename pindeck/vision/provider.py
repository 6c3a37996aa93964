"""Asks a model until it has described a picture or it is clear that it will not. Each call is counted in the book."""

import time
from typing import Any

from pindeck.config import Settings
from pindeck.vision import answers, prompt, reading
from pindeck.vision.base import Analysis, Book, Subject, Usage
from pindeck.vision.chat import FORMS, Chat, Reply
from pindeck.vision.errors import FormRefused, TooFewTokens, Unreadable, VisionAway, VisionRefused

BACKEND = "openai"
TOKENS = (900, 2700, 8100)  # a model that thinks needs more; each step is a further call
AGAIN = "Where it does so again, an administrator can choose another VISION_MODEL."


class Provider:
    """Describes pictures by the model of the settings. Threads may share one."""

    is_at_hand = False

    def __init__(self, settings: Settings, book: Book) -> None:
        self._model = settings.vision_model
        self._chat = Chat(settings)
        self._book = book

    def describe(self, subject: Subject) -> Analysis:
        """Raises VisionRefused, VisionAway or Waits. An answer that came before its job died is not asked for again."""
        version = prompt.version(subject.context.rules)
        words = self._book.paid(subject.asked, self._model, version)
        if words is None:
            words = self._ask(subject, version)
        return Analysis(backend=BACKEND, model=self._model, prompt_version=version, **words)

    def _ask(self, subject: Subject, version: str) -> dict[str, Any]:
        if subject.picture is None:
            raise VisionRefused("There is no picture to look at.")
        picture, instruction = subject.picture(), prompt.text(subject)
        forms = list(FORMS[FORMS.index(known) :] if (known := self._book.form(self._model)) in FORMS else FORMS)
        tokens, is_last = list(TOKENS), False
        while True:
            try:
                return self._one_call(subject, version, instruction, picture, forms[0], tokens)
            except FormRefused:
                if len(forms) == 1:
                    raise
                forms.pop(0)
            except TooFewTokens:
                if len(tokens) == 1:
                    raise
                tokens.pop(0)
            except Unreadable:
                if is_last:
                    raise
                is_last = True

    def _one_call(
        self, subject: Subject, version: str, instruction: str, picture: bytes, form: str, tokens: list[int]
    ) -> dict[str, Any]:
        call = self._book.begin(subject.asked, self._model, version, form)
        began = time.monotonic()
        usage = Usage()
        try:
            reply = self._chat.ask(instruction, picture, form=form, tokens=tokens[0])
            usage = reply.usage
            said = _description(reply, is_most=len(tokens) == 1, tokens=tokens[0])
            words = answers.checked(said, subject.context.tags)
        except (VisionAway, VisionRefused) as error:
            self._book.end(call, error.outcome, ms=_ms(began), usage=usage, error=error.message)
            raise
        self._book.end(call, "answered", ms=_ms(began), usage=usage, answer=words)
        return words


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _description(reply: Reply, *, is_most: bool, tokens: int) -> dict[str, Any]:
    """What an answer says. One that was cut is taken as it is only where there are no more tokens to ask for."""
    if reply.is_cut and not (is_most and reply.text):
        spent = "were spent before the answer was whole" if reply.text else "were spent on thinking"
        raise TooFewTokens(f"All {tokens} tokens {spent}. Choose another VISION_MODEL.", outcome="unusable")
    if reply.refusal:
        raise VisionRefused("The model does not want to describe this picture. Describe it by hand.", outcome="unusable")
    if not reply.text:
        raise Unreadable(f"The model answered with nothing. {AGAIN}", outcome="unusable")
    said = reading.description_in(reply.text, answers.KEYS)
    if said is None:
        raise Unreadable(f"The model's answer holds no description. {AGAIN}", outcome="unusable")
    return said
