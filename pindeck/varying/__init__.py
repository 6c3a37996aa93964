"""Making variations of a picture: the modes, the words that a provider is told, and the providers.

It may use `imaging`, settings and errors, and knows no table.
"""

from typing import TYPE_CHECKING

from pindeck.config import Settings

if TYPE_CHECKING:
    from pindeck.varying.base import Provider


def from_settings(settings: Settings) -> "Provider | None":
    """Who makes variations, as GENERATION_BACKEND says; None where nobody does."""
    # Only those who make them load one.
    if settings.generator == "off":
        return None
    if settings.generator == "fal":
        from pindeck.varying.fal import Fal

        return Fal(settings.fal_base_url, settings.fal_key, settings.generation_model, settings.generation_price)
    from pindeck.varying.simulated import Simulated

    return Simulated()
