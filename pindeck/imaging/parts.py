"""Counts the parts a file is built from, and stops where they are too many."""

from pindeck.imaging.errors import TOO_MANY_PARTS, TOO_MUCH_TEXT, BadImage

MOST_SMALL = 5_000
MOST_NOTES = 32 * 1024 * 1024  # bytes of EXIF, profiles, comments: a depth map of a phone is one of them
_SMALL = 256  # bytes; of larger parts the length of the file bounds the number


class Parts:
    """The parts of one file."""

    def __init__(self) -> None:
        self.small = 0
        self.notes = 0

    def count(self, length: int, *, is_note: bool = False) -> None:
        """One more part, of `length` bytes. Raises BadImage."""
        if length < _SMALL:
            self.small += 1
            if self.small > MOST_SMALL:
                raise BadImage(TOO_MANY_PARTS)
        if is_note:
            self.notes += length
            if self.notes > MOST_NOTES:
                raise BadImage(TOO_MUCH_TEXT)
