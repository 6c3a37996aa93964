"""What a model makes of the words of images, which images are due, and how much that counts for a person."""

from peewee import PostgresqlDatabase

from pindeck.db.scripts import run

MADE_AGAIN = {"image_embedding": "1 = 1", "embedding_due": "1 = 1", "look_dials.meaning": "meaning = 1"}

# `numbers` is empty where the model refuses the text. `mark` is another one whenever words are written, so that who read them before knows.
UP = """
CREATE TABLE image_embedding (
  seq INTEGER PRIMARY KEY REFERENCES image (seq) ON DELETE CASCADE,
  model TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  numbers {binary} NOT NULL
);
CREATE TABLE embedding_due (
  seq INTEGER PRIMARY KEY REFERENCES image (seq) ON DELETE CASCADE,
  mark TEXT NOT NULL
);
ALTER TABLE look_dials ADD COLUMN meaning BIGINT NOT NULL DEFAULT 1 CHECK (meaning BETWEEN 0 AND 3)
"""

DOWN = """
ALTER TABLE look_dials DROP COLUMN meaning;
DROP TABLE embedding_due;
DROP TABLE image_embedding;
DELETE FROM setup WHERE name = 'embeddings'
"""


def up(migrator, db):
    run(db, UP.format(binary="BYTEA" if isinstance(db, PostgresqlDatabase) else "BLOB"))


def down(migrator, db):
    run(db, DOWN)
