"""Which images have a colour like this one: the cells of their palettes, in the order the library is read."""

import json
import re

from peewee import PostgresqlDatabase

from pindeck.imaging.similar import cells_around

UP = """
CREATE TABLE image_colour (
  cell INTEGER NOT NULL,
  seq BIGINT NOT NULL REFERENCES image (seq) ON DELETE CASCADE,
  PRIMARY KEY (cell, seq)
){without_rowid};
CREATE INDEX image_colour_image ON image_colour (seq);
"""

BATCH = 500
MADE_AGAIN = {"image_colour": "1 = 1"}


def up(migrator, db):
    words = {"without_rowid": "" if isinstance(db, PostgresqlDatabase) else " WITHOUT ROWID"}
    for statement in UP.format(**words).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
    fill(db)


def fill(db):
    """The rows of the images that are there already, some hundred at a time."""
    last = 0
    while True:
        images = db.execute_sql(
            f"SELECT seq, colors FROM image WHERE seq > {last} AND colors <> '[]' ORDER BY seq LIMIT {BATCH}"
        ).fetchall()
        if not images:
            return
        rows = [f"({seq}, {cell})" for seq, colors in images for cell in sorted(cells_of(json.loads(colors)))]
        if rows:
            db.execute_sql("INSERT INTO image_colour (seq, cell) VALUES " + ", ".join(rows))
        last = images[-1][0]


def cells_of(colors):
    return set().union(*(cells_around(code) for code in colors if re.fullmatch("#[0-9a-f]{6}", code)))


def down(migrator, db):
    db.execute_sql("DROP TABLE image_colour")
