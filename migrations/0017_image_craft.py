"""Terms of a frame's craft at pictures: shot size, light and the others, and what follows from terms that stand there."""

from peewee import PostgresqlDatabase

from pindeck import db as database
from pindeck import terms

# Rows lie in the order in which a page of one term is read. Without a place, a row follows from another term.
UP = """
CREATE TABLE image_craft (
  field TEXT NOT NULL,
  term TEXT NOT NULL,
  seq BIGINT NOT NULL REFERENCES image (seq) ON DELETE CASCADE,
  place INTEGER,
  PRIMARY KEY (field, term, seq)
){without_rowid};
CREATE INDEX image_craft_image ON image_craft (seq);
"""
COLUMNS = ("genre", "shot", "style")
MADE_AGAIN = {"image_craft": "place IS NULL"}


def up(migrator, db):
    words = {"without_rowid": "" if isinstance(db, PostgresqlDatabase) else " WITHOUT ROWID"}
    for statement in UP.format(**words).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
    for name in COLUMNS:
        fill(name)


def fill(name):
    """What follows from the words of the images that are there already."""
    known = database.sql(f"SELECT DISTINCT {name} FROM image WHERE {name} IS NOT NULL").fetchall()
    for (word,) in known:
        for field, term in terms.implied_by([(name, word)]):
            database.sql(
                "INSERT INTO image_craft (field, term, seq) SELECT :field, :term, seq FROM image"
                f" WHERE {name} = :word ON CONFLICT DO NOTHING",
                field=field,
                term=term,
                word=word,
            )


def down(migrator, db):
    db.execute_sql("DROP TABLE image_craft")
