"""Pictures go out: addresses of feeds that a person made, and programs that are told what becomes of pictures."""

from pindeck.db.scripts import run

# Of a feed's key only its SHA-256 is kept. A message to a webhook is written with its cause; `next_at` is when it is
# sent, or sent again, and each try is a row of its own, written before it is made.
UP = """
CREATE TABLE feed (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  query TEXT NOT NULL,
  title TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  UNIQUE (user_id, query)
);

CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  events TEXT NOT NULL,
  disabled_at BIGINT,
  disabled_reason TEXT,
  failing_since BIGINT,
  failures INTEGER NOT NULL DEFAULT 0,
  retry_at BIGINT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  image_id TEXT,
  body TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'withheld')),
  tries INTEGER NOT NULL DEFAULT 0,
  next_at BIGINT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  CHECK ((state = 'waiting') = (next_at IS NOT NULL))
);
CREATE INDEX webhook_delivery_page ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE webhook_attempt (
  id TEXT PRIMARY KEY,
  delivery_id TEXT NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
  at BIGINT NOT NULL,
  ms INTEGER,
  status INTEGER,
  error TEXT,
  said TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_attempt_of ON webhook_attempt (delivery_id, id)
"""

# SQLite changes no condition of a column, so the column is made anew.
QUEUES = """
ALTER TABLE job ADD COLUMN queue_new TEXT NOT NULL DEFAULT 'io' CHECK (queue_new IN ({queues}));
UPDATE job SET queue_new = queue;
ALTER TABLE job DROP COLUMN queue;
ALTER TABLE job RENAME COLUMN queue_new TO queue
"""

DOWN = """
DROP TABLE webhook_attempt;
DROP TABLE webhook_delivery;
DROP TABLE webhook;
DROP TABLE feed
"""


def up(migrator, db):
    run(db, UP)
    run(db, QUEUES.format(queues="'media', 'io', 'ai', 'out'"))


def down(migrator, db):
    db.execute_sql("DELETE FROM job WHERE queue = 'out'")
    run(db, QUEUES.format(queues="'media', 'io', 'ai'"))
    run(db, DOWN)
