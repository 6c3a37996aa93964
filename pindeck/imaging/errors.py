"""Why a file cannot be kept as a picture."""

CUT_OFF = "This file is cut off: only part of the picture arrived."
DAMAGED = "This file is damaged and cannot be read as a picture."
CRASHED = "This picture cannot be read here; open it in an editor and save it again."
TOO_LARGE = "This picture is too large to be read here; make it smaller, or save it as a plain JPEG."
TOO_MANY_PARTS = "This file is built from too many small parts; open it in an editor and save it again."
TOO_MUCH_TEXT = "This file carries too much text beside its picture; save it again without it."
UNREAD_JPEG = "This kind of JPEG cannot be read here (more than 8 bits, or without loss); save it as a plain JPEG."
TOO_MANY_PASSES = "This JPEG is built from too many passes; save it again as a plain JPEG."


class BadImage(Exception):
    """The file cannot be used as a picture. `reason` is a plain sentence for the person who uploaded it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAPicture(BadImage):
    """The file is of no kind that is accepted, rather than a picture that is damaged or too large."""
