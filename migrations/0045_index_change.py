"""What the index of colours and light has to read again: one row for each image that looks different since."""

from pindeck.db.scripts import run

MADE_AGAIN = {"index_change": "1 = 1"}

UP = """
CREATE TABLE index_change (
  seq INTEGER PRIMARY KEY REFERENCES image (seq) ON DELETE CASCADE,
  at BIGINT NOT NULL
);
CREATE INDEX index_change_at ON index_change (at, seq);
"""

DOWN = """
DROP TABLE index_change;
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
