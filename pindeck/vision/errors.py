"""How asking a model can fail. Each failure has its own sentence and its own course.

`outcome` is what is written down of the call: `refused` was not paid, `unusable` was, and of `lost` nobody knows.
"""

from pindeck.errors import Invalid, Upstream
from pindeck.vision.base import Usage


class VisionAway(Upstream):
    """May pass: the job tries again, not before `retry_after_s` where the provider named a time."""

    code = "VISION_UNAVAILABLE"

    def __init__(self, message: str, *, outcome: str = "refused", retry_after_s: int = 0) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.outcome = outcome
        self.usage = Usage()


class VisionRefused(Invalid):
    """Trying again brings the same: somebody has to change a setting, the model or the picture."""

    code = "VISION_REFUSED"

    def __init__(self, message: str, *, outcome: str = "refused", usage: Usage = Usage()) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.usage = usage


class FormRefused(VisionRefused):
    """The request is not understood: a plainer form of answer may be."""


class TooMuch(VisionRefused):
    """What was sent is too large."""


class TooFewTokens(VisionRefused):
    """The answer ended where its tokens did: it is asked for again with more."""


class Unreadable(VisionRefused):
    """An answer came, and nothing in it is a description: it is asked for once more."""
