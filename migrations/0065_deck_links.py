"""The public link of a deck: the SHA-256 of its token, as a board has it."""

from pindeck.db.scripts import run

# An added column cannot be UNIQUE in SQLite, so an index sees to it.
UP = """
ALTER TABLE deck ADD COLUMN share_hash TEXT;
CREATE UNIQUE INDEX deck_share ON deck (share_hash) WHERE share_hash IS NOT NULL
"""

DOWN = """
DROP INDEX deck_share;
ALTER TABLE deck DROP COLUMN share_hash
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
