"""What a machine suggests for a field in which somebody has written: it waits until a person accepts or refuses it."""

from pindeck.db.scripts import run

# What is unique is a digest, because a text may be longer than what an index takes.
UP = """
CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  value_key TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_version TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'refused', 'withdrawn')),
  decided_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  decided_at BIGINT,
  created_at BIGINT NOT NULL,
  UNIQUE (image_id, field, model, prompt_version, value_key)
);
CREATE UNIQUE INDEX proposal_open ON proposal (image_id, field) WHERE state = 'proposed';
CREATE INDEX proposal_run ON proposal (run_id);
"""

DOWN = """
DROP TABLE proposal;
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
