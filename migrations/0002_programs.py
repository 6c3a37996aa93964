"""What the API needs: limits of tickets, results of jobs, kept crops, and the orders programs list in."""

from pindeck.db.scripts import run

UP = """
ALTER TABLE upload_ticket ADD COLUMN content_types TEXT;

ALTER TABLE job ADD COLUMN client_id TEXT;
ALTER TABLE job ADD COLUMN result TEXT;

CREATE TABLE crop (
  id TEXT PRIMARY KEY,
  blob_id TEXT NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
  variant TEXT NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  mime TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  UNIQUE (blob_id, variant)
);
CREATE INDEX crop_used ON crop (used_at);

CREATE INDEX stored_file_project ON stored_file (project_id, created_at, id) WHERE project_id IS NOT NULL;
CREATE INDEX stored_file_user ON stored_file (user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX stored_file_client ON stored_file (client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX stored_file_age ON stored_file (created_at, id);

CREATE INDEX image_managed ON image (project_id, created_at, id)
  WHERE status = 'active' AND visibility <> 'private' AND deleted_at IS NULL;
CREATE INDEX image_of_user ON image (user_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX image_of_client ON image (client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX image_of_character ON image (user_id, subject_character) WHERE subject_character IS NOT NULL;
CREATE INDEX image_of_chat ON image (user_id, subject_chat) WHERE subject_chat IS NOT NULL;
"""

DOWN = """
DROP INDEX image_of_chat;
DROP INDEX image_of_character;
DROP INDEX image_of_client;
DROP INDEX image_of_user;
DROP INDEX image_managed;
DROP INDEX stored_file_age;
DROP INDEX stored_file_client;
DROP INDEX stored_file_user;
DROP INDEX stored_file_project;
DROP TABLE crop;
ALTER TABLE job DROP COLUMN result;
ALTER TABLE job DROP COLUMN client_id;
ALTER TABLE upload_ticket DROP COLUMN content_types;
"""

MADE_AGAIN = {"crop": "1 = 1"}  # crops are drawn when they are asked for


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
