"""Why a file is no picture that can be kept."""


class BadImage(Exception):
    """The file cannot be used as a picture. `reason` is a plain sentence for whoever uploaded it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAPicture(BadImage):
    """The file is of no kind that is accepted, rather than a picture that is damaged or too large."""
