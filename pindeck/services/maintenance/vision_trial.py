"""Show one small picture of ours to the model, and tell what came back, how long it took and what it cost."""

from typing import Any

from pindeck import config, vision
from pindeck.errors import PindeckError
from pindeck.services.images.calls import Calls
from pindeck.services.maintenance.doctor import Finding
from pindeck.vision.base import Subject, Usage


class _Watched(Calls):
    """Counts as every book does, and keeps what the calls took."""

    def __init__(self) -> None:
        self.ms = 0
        self.usages: list[Usage] = []

    def end(self, call_id: str, outcome: str, *, ms: int, usage: Usage = Usage(), error: str | None = None, **_: Any) -> None:
        self.ms += ms
        self.usages.append(usage)
        super().end(call_id, outcome, ms=ms, usage=usage, error=error)  # without the answer: nobody will use it


def show() -> Finding:
    """What the model makes of it. It is a call like others: counted, and paid."""
    settings = config.current()
    if not settings.vision_is_on:
        return Finding("vision", False, "No model looks at pictures here.", "Set VISION_API_KEY, or VISION_BASE_URL for a server of your own.")
    from pindeck.imaging import trial

    book = _Watched()
    subject = Subject("trial.jpg", trial.picture)
    try:
        found = vision.from_settings(settings, book).describe(subject)
    except PindeckError as error:
        return Finding(
            "vision", False, f"{settings.vision_model} at {settings.vision_base_url}: {error.message}",
            "Look at VISION_BASE_URL, VISION_API_KEY and VISION_MODEL, and at what the provider says of the account.",
        )  # fmt: skip
    if not found.title and not found.description:
        return Finding("vision", False, f"{found.model} answered{_took(book)}, and described nothing.", "Choose a VISION_MODEL that can look at pictures.")
    return Finding("vision", True, f"{found.model} answered{_took(book)}: “{found.title or found.description}”.")


def _took(book: _Watched) -> str:
    tokens = sum((usage.tokens_in or 0) + (usage.tokens_out or 0) for usage in book.usages)
    costs = [usage.cost_micro for usage in book.usages if usage.cost_micro is not None]
    price = f" for ${sum(costs) / 1e6:.4f}" if costs else ", and named no price"
    return f" after {book.ms / 1000:.1f} s, with {tokens} tokens{price}"
