"""What becomes of a tag when somebody writes it, and what was found about tags that look like one another."""

from pindeck.db.scripts import run

UP = """
CREATE TABLE tag_rule (
  id TEXT PRIMARY KEY,
  tag TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('alias', 'imply', 'forbid')),
  means TEXT NOT NULL DEFAULT '' CHECK ((means = '') = (kind = 'forbid') AND means <> tag),
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (tag, kind, means)
);
CREATE UNIQUE INDEX tag_rule_one ON tag_rule (tag) WHERE kind <> 'imply';
CREATE TABLE tag_finding (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  tag TEXT NOT NULL,
  tag_count BIGINT NOT NULL,
  other TEXT NOT NULL DEFAULT '',
  other_count BIGINT NOT NULL DEFAULT 0,
  found_at BIGINT NOT NULL
);
CREATE INDEX tag_finding_of_kind ON tag_finding (kind, id)
"""

DOWN = """
DROP TABLE tag_finding;
DROP TABLE tag_rule
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
