"""Exports: files that a job makes of pictures, kept for a while."""

from pindeck.db.scripts import run

# Who asks for the same again gets the same row (`same`), whose file is made anew when what it was made of has changed.
UP = """
CREATE TABLE export (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  project_id TEXT,
  of_what TEXT NOT NULL,
  kind TEXT NOT NULL,
  quality TEXT NOT NULL CHECK (quality IN ('screen', 'print')),
  options TEXT NOT NULL,
  same TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('making', 'done', 'failed')),
  error TEXT,
  notes TEXT NOT NULL,
  image_ids TEXT NOT NULL,
  fingerprint TEXT,
  job_id TEXT,
  file_id TEXT REFERENCES stored_file (id) ON DELETE SET NULL,
  filename TEXT,
  mime TEXT,
  sha256 TEXT,
  size BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  made_at BIGINT,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX export_same ON export (user_id, same);
CREATE INDEX export_of_user ON export (user_id, id);
CREATE INDEX export_expires ON export (expires_at);
CREATE INDEX export_file ON export (file_id) WHERE file_id IS NOT NULL
"""

DOWN = """
DROP TABLE export
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
