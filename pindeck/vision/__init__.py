"""Describing a picture in film terms. `offline` reads what the file itself tells; providers come later.

It may use `imaging`, settings and errors, and knows no table.
"""

from typing import TYPE_CHECKING

from pindeck.config import Settings

if TYPE_CHECKING:
    from pindeck.vision.base import Describer


def from_settings(settings: Settings) -> "Describer":
    """Who describes pictures, as VISION_BACKEND says."""
    # Only those who describe load one.
    from pindeck.vision.offline import OfflineDescriber

    return {"offline": OfflineDescriber}[settings.vision_backend]()
