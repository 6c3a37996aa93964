"""When each stored object was last read and found right, and which were found damaged."""

from pindeck.db.scripts import run

UP = """
ALTER TABLE blob ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE blob ADD COLUMN damaged_at BIGINT;
ALTER TABLE blob ADD COLUMN damage TEXT CHECK (damage IN ('missing', 'differs', 'unreadable'));
ALTER TABLE blob ADD COLUMN damage_note TEXT;
ALTER TABLE derivative ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE derivative ADD COLUMN damaged_at BIGINT;

UPDATE blob SET checked_at = created_at;
UPDATE derivative SET checked_at = created_at;

CREATE INDEX blob_longest_unread ON blob (checked_at) WHERE state = 'live';
CREATE INDEX derivative_longest_unread ON derivative (checked_at);
CREATE INDEX blob_damaged ON blob (damaged_at) WHERE damaged_at IS NOT NULL;
CREATE INDEX derivative_damaged ON derivative (damaged_at) WHERE damaged_at IS NOT NULL;
"""

# Reading the files again finds out all of it.
MADE_AGAIN = {
    "blob.checked_at": "1 = 1",
    "blob.damaged_at": "1 = 1",
    "blob.damage": "1 = 1",
    "blob.damage_note": "1 = 1",
    "derivative.checked_at": "1 = 1",
    "derivative.damaged_at": "1 = 1",
}

DOWN = """
DROP INDEX derivative_damaged;
DROP INDEX blob_damaged;
DROP INDEX derivative_longest_unread;
DROP INDEX blob_longest_unread;
ALTER TABLE derivative DROP COLUMN damaged_at;
ALTER TABLE derivative DROP COLUMN checked_at;
ALTER TABLE blob DROP COLUMN damage_note;
ALTER TABLE blob DROP COLUMN damage;
ALTER TABLE blob DROP COLUMN damaged_at;
ALTER TABLE blob DROP COLUMN checked_at;
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
