"""Boards: pictures that belong together, in an order that a person gave them."""

from pindeck import db as database
from pindeck.db.scripts import run

# `position` is a key of letters and digits that sorts by its bytes, so moving a picture writes one row. Only the SHA-256 of a
# link's token is kept. A deleted board stays until its deletion can no longer be undone. The section of a picture is one of its board;
# that is asked when the transaction ends, because a board goes with both.
UP = """
CREATE TABLE board (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  project_id TEXT REFERENCES project (id) ON DELETE SET NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  description TEXT,
  cover_id TEXT REFERENCES image (id) ON DELETE SET NULL,
  query TEXT,
  share_hash TEXT UNIQUE,
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX board_of_user ON board (user_id, id);
CREATE INDEX board_of_project ON board (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX board_cover ON board (cover_id) WHERE cover_id IS NOT NULL;
CREATE INDEX board_deleted ON board (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE board_section (
  id TEXT PRIMARY KEY,
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  position TEXT {bytewise} NOT NULL,
  UNIQUE (id, board_id)
);
CREATE INDEX board_section_order ON board_section (board_id, position);

CREATE TABLE board_image (
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  section_id TEXT,
  position TEXT {bytewise} NOT NULL,
  note TEXT CHECK (note <> ''),
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (board_id, image_id),
  FOREIGN KEY (section_id, board_id) REFERENCES board_section (id, board_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX board_image_order ON board_image (board_id, section_id, position, image_id);
CREATE INDEX board_image_first ON board_image (board_id, position, image_id);
CREATE INDEX board_image_of ON board_image (image_id);
CREATE INDEX board_image_section ON board_image (section_id) WHERE section_id IS NOT NULL;
CREATE INDEX board_image_user ON board_image (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE board_person (
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  PRIMARY KEY (board_id, user_id)
);
CREATE INDEX board_person_user ON board_person (user_id)
"""

DOWN = """
DROP TABLE board_person;
DROP TABLE board_image;
DROP TABLE board_section;
DROP TABLE board
"""


def up(migrator, db):
    run(db, UP.format(bytewise='COLLATE "C"' if database.is_postgres() else ""))


def down(migrator, db):
    run(db, DOWN)
