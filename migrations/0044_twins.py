"""Groups of pictures that are the same: by their bytes, or as copies of one scene. What people said is not the same, and the
history that a picture takes over from copies merged into it."""

from pindeck.db.scripts import run

MADE_AGAIN = {"twin": "1 = 1", "twin_due": "1 = 1"}

UP = """
CREATE TABLE twin (
  seq INTEGER PRIMARY KEY REFERENCES image (seq) ON DELETE CASCADE,
  group_id TEXT NOT NULL
);
CREATE UNIQUE INDEX twin_group ON twin (group_id, seq);
CREATE TABLE twin_due (
  seq INTEGER PRIMARY KEY REFERENCES image (seq) ON DELETE CASCADE
);
CREATE TABLE not_twin (
  one INTEGER NOT NULL REFERENCES image (seq) ON DELETE CASCADE,
  other INTEGER NOT NULL REFERENCES image (seq) ON DELETE CASCADE,
  PRIMARY KEY (one, other),
  CHECK (one < other)
);
CREATE INDEX not_twin_other ON not_twin (other);
CREATE TABLE inherited_event (
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  event_id BIGINT NOT NULL,
  title TEXT NOT NULL,
  field TEXT NOT NULL,
  old TEXT,
  new TEXT,
  writer TEXT NOT NULL,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  client_id TEXT,
  program TEXT,
  action_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (image_id, event_id)
);
CREATE INDEX inherited_event_user ON inherited_event (user_id) WHERE user_id IS NOT NULL;
"""

DOWN = """
DROP TABLE inherited_event;
DROP TABLE not_twin;
DROP TABLE twin_due;
DROP TABLE twin;
"""


def up(migrator, db):
    run(db, UP)
    db.execute_sql("INSERT INTO twin_due (seq) SELECT seq FROM image WHERE persist_status = 'succeeded' AND phash_middle IS NOT NULL")


def down(migrator, db):
    run(db, DOWN)
