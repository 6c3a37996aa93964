"""What is known of the rights of a picture. Nothing is known of those that were there before, except that a machine made some."""

from pindeck.db.scripts import run

UP = """
ALTER TABLE image ADD COLUMN rights TEXT CHECK (rights IN ('Reference only', 'Cleared', 'Own', 'Generated'));
UPDATE image SET rights = 'Generated' WHERE generation_id IS NOT NULL
"""

DOWN = """
ALTER TABLE image DROP COLUMN rights
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
