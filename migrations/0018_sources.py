"""Sources: where pictures come from again and again, what was found there, and the runs that brought it."""

from pindeck.db.scripts import run

# A run is an import; one of a source at a time. A picture that stands under five addresses is one item.
UP = """
CREATE TABLE source (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('feed', 'links', 'folder', 'pinterest', 'arena', 'discord')),
  name TEXT NOT NULL,
  url TEXT,
  links TEXT,
  path TEXT,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  project_id TEXT REFERENCES project (id) ON DELETE SET NULL,
  tags TEXT NOT NULL DEFAULT '[]',
  moderated BOOLEAN NOT NULL DEFAULT TRUE,
  paused_at BIGINT,
  pause_reason TEXT,
  every_minutes INTEGER CHECK (every_minutes > 0),
  next_run_at BIGINT,
  etag TEXT,
  last_modified TEXT,
  last_run_id TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX source_of_user ON source (user_id, id);
CREATE INDEX source_due ON source (next_run_at) WHERE next_run_at IS NOT NULL AND paused_at IS NULL;
CREATE INDEX source_project ON source (project_id) WHERE project_id IS NOT NULL;

CREATE TABLE source_item (
  id TEXT PRIMARY KEY,
  source_id TEXT NOT NULL REFERENCES source (id) ON DELETE CASCADE,
  external_id TEXT NOT NULL,
  url TEXT,
  page_url TEXT,
  title TEXT NOT NULL DEFAULT '',
  words TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'sent', 'skipped', 'failed')),
  reason TEXT,
  image_id TEXT REFERENCES image (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (source_id, external_id)
);
CREATE INDEX source_item_page ON source_item (source_id, id);
CREATE INDEX source_item_new ON source_item (source_id, id) WHERE state = 'new';
CREATE INDEX source_item_image ON source_item (image_id) WHERE image_id IS NOT NULL;

ALTER TABLE import_batch ADD COLUMN source_id TEXT REFERENCES source (id) ON DELETE SET NULL;
ALTER TABLE import_batch ADD COLUMN status TEXT NOT NULL DEFAULT 'done' CHECK (status IN ('running', 'done', 'failed'));
ALTER TABLE import_batch ADD COLUMN failed_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import_batch ADD COLUMN error TEXT;
CREATE INDEX import_batch_source ON import_batch (source_id, id) WHERE source_id IS NOT NULL;
CREATE UNIQUE INDEX import_batch_running ON import_batch (source_id) WHERE status = 'running'
"""

DOWN = """
DROP INDEX import_batch_running;
DROP INDEX import_batch_source;
ALTER TABLE import_batch DROP COLUMN error;
ALTER TABLE import_batch DROP COLUMN failed_count;
ALTER TABLE import_batch DROP COLUMN status;
ALTER TABLE import_batch DROP COLUMN source_id;
DROP TABLE source_item;
DROP TABLE source
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
