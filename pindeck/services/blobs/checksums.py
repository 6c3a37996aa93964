"""The CRC-32 of stored bytes, which a ZIP tells of each file: kept when it was reckoned once, by the SHA-256 of the bytes."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.models import Checksum


def known(digests: Iterable[str]) -> dict[str, int]:
    """By SHA-256, those that were kept. One statement for each 500."""
    found: dict[str, int] = {}
    for part in chunked(dict.fromkeys(digests), 500):
        rows: Any = Checksum.select(Checksum.sha256, Checksum.crc32).where(Checksum.sha256.in_(list(part))).tuples()
        found |= dict(rows)
    return found


def keep(found: Mapping[str, int]) -> None:
    rows = [{"sha256": digest, "crc32": checksum} for digest, checksum in found.items()]
    for part in chunked(rows, 200):
        with db.writing():
            Checksum.insert_many(part).on_conflict_ignore().execute()
