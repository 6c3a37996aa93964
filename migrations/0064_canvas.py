"""The canvas of a board: objects that people place on an endless plane, and who looked at it last."""

from pindeck.db.scripts import run

# One row for each object, so that two people who move two objects do not meet. `version` is that of the board when the object
# changed last: it only grows, and "what changed since" is one comparison. A picture has one object, which goes when the picture
# leaves the board. An arrow points from its place by its width and height, which may be negative.
UP = """
CREATE TABLE canvas_object (
  id TEXT PRIMARY KEY,
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'note', 'swatch', 'arrow')),
  image_id TEXT,
  x INTEGER NOT NULL CHECK (x BETWEEN -1000000 AND 1000000),
  y INTEGER NOT NULL CHECK (y BETWEEN -1000000 AND 1000000),
  width INTEGER NOT NULL CHECK (width BETWEEN -20000 AND 20000),
  height INTEGER NOT NULL CHECK (height BETWEEN -20000 AND 20000),
  layer INTEGER NOT NULL CHECK (layer BETWEEN -1000000000 AND 1000000000),
  group_id TEXT CHECK (group_id <> ''),
  text TEXT CHECK (text <> ''),
  color TEXT CHECK (length(color) = 7),
  version INTEGER NOT NULL,
  CHECK ((kind = 'picture') = (image_id IS NOT NULL)),
  CHECK (kind = 'arrow' OR (width >= 16 AND height >= 16)),
  CHECK (kind <> 'swatch' OR color IS NOT NULL),
  UNIQUE (board_id, image_id),
  FOREIGN KEY (board_id, image_id) REFERENCES board_image (board_id, image_id) ON DELETE CASCADE
);
CREATE INDEX canvas_object_of ON canvas_object (board_id, layer, id);

CREATE TABLE canvas_visit (
  board_id TEXT NOT NULL REFERENCES board (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (board_id, user_id)
);
CREATE INDEX canvas_visit_of ON canvas_visit (user_id)
"""

DOWN = """
DROP TABLE canvas_visit;
DROP TABLE canvas_object
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
