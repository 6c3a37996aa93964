"""Workers say that they live, so that an administrator sees who works, at what, and who does not."""

# A row is written anew every few seconds by the worker that it is about.
MADE_AGAIN = {"worker": "1 = 1"}

UP = """
CREATE TABLE worker (
  name TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  queues TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  memory_bytes BIGINT
)
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP TABLE worker")
