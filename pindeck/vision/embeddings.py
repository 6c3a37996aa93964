"""What texts mean, as numbers: an OpenAI-compatible endpoint gives each text a direction, and texts that mean the like point the same way.

A direction is kept as bytes, one for each number: whole numbers from -127 to 127, the largest of them 127. Its length says nothing.
"""

import math
from array import array
from typing import Any

from pindeck.config import Settings
from pindeck.vision.endpoint import Endpoint
from pindeck.vision.errors import VisionAway

MOST_BYTES = 32 * 1024 * 1024
MOST_TEXTS = 32  # of one call: some servers take no more
MOST_NUMBERS = 8192


class Embedder:
    """Asks the endpoint of the settings. Threads may share one."""

    def __init__(self, settings: Settings) -> None:
        url = f"{settings.embeddings_base_url}/embeddings"
        self.endpoint = Endpoint(settings, "embeddings", url, settings.embeddings_api_key, most_bytes=MOST_BYTES)
        self._model = settings.embeddings_model

    def embeddings_of(self, texts: list[str]) -> list[bytes]:
        """One for each of up to `MOST_TEXTS` texts, all of the same length. Raises VisionRefused or VisionAway."""
        said = self.endpoint.post({"model": self._model, "input": texts, "encoding_format": "float"})
        return [_packed(numbers) for numbers in _in_order(said.get("data"), len(texts))]


def _in_order(data: Any, count: int) -> list[list[float]]:
    """The numbers of each text, in the order of the texts, whatever that of the answer is."""
    entries = [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []
    if len(entries) != count:
        raise _unusable(f"holds {len(entries)} entries for {count} texts")
    places = [entry["index"] for entry in entries if type(entry.get("index")) is int]
    if sorted(places) != list(range(count)):
        raise _unusable("does not say which text each entry is of")
    found: list[Any] = [None] * count
    for entry in entries:
        found[entry["index"]] = _checked(entry.get("embedding"))
    if len({len(numbers) for numbers in found}) != 1:
        raise _unusable("holds entries of different lengths")
    return found


def _checked(numbers: Any) -> list[float]:
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_NUMBERS:
        raise _unusable(f"holds an entry that is no list of 1 to {MOST_NUMBERS} numbers")
    if any(type(number) not in (float, int) for number in numbers):
        raise _unusable("holds something else than numbers")
    try:
        found = [float(number) for number in numbers]
    except OverflowError:
        found = [math.inf]
    if not all(map(math.isfinite, found)) or not any(found):
        raise _unusable("holds numbers that point nowhere")
    return found


def _packed(numbers: list[float]) -> bytes:
    most = max(map(abs, numbers))
    return array("b", [round(number / most * 127) for number in numbers]).tobytes()


def _unusable(what: str) -> VisionAway:
    return VisionAway(f"The answer of the embeddings provider {what}.", outcome="unusable")
