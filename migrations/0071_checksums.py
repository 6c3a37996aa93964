"""The CRC-32 of bytes that went into a ZIP, by their SHA-256, so that the next ZIP need not read them for it."""

from pindeck.db.scripts import run

MADE_AGAIN = {"checksum": "1 = 1"}

UP = """
CREATE TABLE checksum (
  sha256 TEXT NOT NULL PRIMARY KEY,
  crc32 BIGINT NOT NULL CHECK (crc32 BETWEEN 0 AND 4294967295)
)
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, "DROP TABLE checksum")
