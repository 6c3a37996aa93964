"""Decks: pages made of blocks, with the pictures that were chosen for them."""

from pindeck import db as database
from pindeck.db.scripts import run

# A block is one of its deck; that is asked when the transaction ends, because a deck goes with both. A board may go before
# the decks that were made from it.
UP = """
CREATE TABLE deck (
  id TEXT PRIMARY KEY,
  board_id TEXT REFERENCES board (id) ON DELETE SET NULL,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  project_id TEXT,
  title TEXT NOT NULL CHECK (title <> ''),
  style TEXT NOT NULL CHECK (style IN ('cinematic', 'minimal', 'neon', 'bold', 'noir')),
  layout TEXT NOT NULL CHECK (layout IN ('editorial', 'collage')),
  scroll_fx TEXT NOT NULL CHECK (scroll_fx IN ('parallax', 'snap', 'kinetic', 'dolly', 'sequence')),
  overlay INTEGER NOT NULL CHECK (overlay BETWEEN 0 AND 100),
  overlay_variation INTEGER NOT NULL CHECK (overlay_variation BETWEEN 0 AND 100),
  overlay_seed INTEGER NOT NULL CHECK (overlay_seed >= 0),
  palette TEXT,
  font_family TEXT NOT NULL,
  has_credits BOOLEAN NOT NULL DEFAULT TRUE,
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX deck_of_user ON deck (user_id, id);
CREATE INDEX deck_of_board ON deck (board_id, id);
CREATE INDEX deck_deleted ON deck (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE deck_person (
  deck_id TEXT NOT NULL REFERENCES deck (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  PRIMARY KEY (deck_id, user_id)
);
CREATE INDEX deck_person_of ON deck_person (user_id);

CREATE TABLE deck_image (
  deck_id TEXT NOT NULL REFERENCES deck (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  position TEXT {bytewise} NOT NULL,
  PRIMARY KEY (deck_id, image_id)
);
CREATE INDEX deck_image_order ON deck_image (deck_id, position, image_id);
CREATE INDEX deck_image_of ON deck_image (image_id);

CREATE TABLE deck_block (
  id TEXT PRIMARY KEY,
  deck_id TEXT NOT NULL REFERENCES deck (id) ON DELETE CASCADE,
  position TEXT {bytewise} NOT NULL,
  kind TEXT NOT NULL,
  is_on BOOLEAN NOT NULL DEFAULT TRUE,
  is_locked BOOLEAN NOT NULL DEFAULT FALSE,
  variant TEXT NOT NULL DEFAULT '' CHECK (variant IN ('', 'A', 'B')),
  title TEXT,
  text TEXT,
  notes TEXT CHECK (notes <> ''),
  UNIQUE (id, deck_id)
);
CREATE INDEX deck_block_order ON deck_block (deck_id, position, id);

CREATE TABLE deck_still (
  block_id TEXT NOT NULL,
  slot INTEGER NOT NULL CHECK (slot >= 0),
  deck_id TEXT NOT NULL REFERENCES deck (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  focal_x DOUBLE PRECISION CHECK (focal_x BETWEEN 0 AND 1),
  focal_y DOUBLE PRECISION CHECK (focal_y BETWEEN 0 AND 1),
  PRIMARY KEY (block_id, slot),
  FOREIGN KEY (block_id, deck_id) REFERENCES deck_block (id, deck_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX deck_still_of_deck ON deck_still (deck_id);
CREATE INDEX deck_still_of ON deck_still (image_id)
"""

DOWN = """
DROP TABLE deck_still;
DROP TABLE deck_block;
DROP TABLE deck_image;
DROP TABLE deck_person;
DROP TABLE deck
"""


def up(migrator, db):
    run(db, UP.format(bytewise='COLLATE "C"' if database.is_postgres() else ""))


def down(migrator, db):
    run(db, DOWN)
