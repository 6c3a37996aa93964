"""What a person notes about a picture for nobody else."""

from pindeck.db.scripts import run

UP = """
CREATE TABLE memo (
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  text TEXT NOT NULL CHECK (text <> ''),
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, image_id)
);
CREATE INDEX memo_of_image ON memo (image_id);
"""

DOWN = """
DROP TABLE memo;
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
