"""Imports look for what is there already by the id of another platform, and by the address a picture came from."""

from pindeck.db.scripts import run

UP = """
CREATE INDEX image_external_any ON image (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX image_came_from ON image (user_id, source_url) WHERE source_url IS NOT NULL;
"""

DOWN = """
DROP INDEX image_came_from;
DROP INDEX image_external_any;
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
