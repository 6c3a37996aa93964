"""Searches that a person keeps under a name, and the last ones that the person made."""

from pindeck.db.scripts import run

UP = """
CREATE TABLE saved_search (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  query TEXT NOT NULL CHECK (query <> ''),
  sort TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (user_id, name_key)
);
CREATE TABLE recent_search (
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  query TEXT NOT NULL CHECK (query <> ''),
  at BIGINT NOT NULL,
  PRIMARY KEY (user_id, query)
)
"""

DOWN = """
DROP TABLE recent_search;
DROP TABLE saved_search
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
