"""Storyboards: the pictures of a board in frames, as shots."""

from pindeck import db as database
from pindeck.db.scripts import run

# A picture is one shot of a storyboard, in a slot of a frame or, without one, only described. A frame is one of its storyboard;
# that is asked when the transaction ends, because a storyboard goes with both.
UP = """
CREATE TABLE storyboard (
  id TEXT PRIMARY KEY,
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  title TEXT NOT NULL CHECK (title <> ''),
  template TEXT NOT NULL,
  aspect TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX storyboard_of_board ON storyboard (board_id, id);
CREATE INDEX storyboard_of_user ON storyboard (user_id);
CREATE INDEX storyboard_deleted ON storyboard (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE storyboard_frame (
  id TEXT PRIMARY KEY,
  storyboard_id TEXT NOT NULL REFERENCES storyboard (id) ON DELETE CASCADE,
  position TEXT {bytewise} NOT NULL,
  style TEXT NOT NULL CHECK (style IN ('grid', 'hero', 'strip')),
  size INTEGER NOT NULL CHECK (size BETWEEN 2 AND 5),
  note TEXT CHECK (note <> ''),
  is_collapsed BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (id, storyboard_id)
);
CREATE INDEX storyboard_frame_order ON storyboard_frame (storyboard_id, position, id);

CREATE TABLE storyboard_shot (
  storyboard_id TEXT NOT NULL REFERENCES storyboard (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  frame_id TEXT,
  slot INTEGER,
  number TEXT CHECK (number <> ''),
  shot_size TEXT CHECK (shot_size <> ''),
  lens TEXT CHECK (lens <> ''),
  movement TEXT CHECK (movement <> ''),
  action TEXT CHECK (action <> ''),
  dialogue TEXT CHECK (dialogue <> ''),
  duration_ms INTEGER CHECK (duration_ms > 0),
  PRIMARY KEY (storyboard_id, image_id),
  CHECK ((frame_id IS NULL) = (slot IS NULL)),
  FOREIGN KEY (frame_id, storyboard_id) REFERENCES storyboard_frame (id, storyboard_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX storyboard_shot_place ON storyboard_shot (frame_id, slot) WHERE frame_id IS NOT NULL;
CREATE INDEX storyboard_shot_of ON storyboard_shot (image_id)
"""

DOWN = """
DROP TABLE storyboard_shot;
DROP TABLE storyboard_frame;
DROP TABLE storyboard
"""


def up(migrator, db):
    run(db, UP.format(bytewise='COLLATE "C"' if database.is_postgres() else ""))


def down(migrator, db):
    run(db, DOWN)
