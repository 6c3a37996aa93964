"""Describing a picture in film terms: `offline` reads what the file itself tells, a provider's model looks at it.

`embeddings` asks another endpoint what words mean. Both speak through `endpoint`.

It may use `imaging`, the vocabulary, settings and errors, and knows no table: calls are counted in a book that it is given.
"""

from typing import TYPE_CHECKING

from pindeck.config import Settings

if TYPE_CHECKING:
    from pindeck.vision.base import Book, Describer


def from_settings(settings: Settings, book: "Book") -> "Describer":
    """Who describes pictures, as VISION_BACKEND says."""
    # Only those who describe load one.
    if settings.vision_is_on:
        from pindeck.vision.provider import Provider

        return Provider(settings, book)
    from pindeck.vision.offline import OfflineDescriber

    return OfflineDescriber()
