"""Asking a model about many pictures at once: what was asked for, how far it is, and which jobs belong to it."""

# A database that goes down forgets which jobs belonged together; each is done all the same.
MADE_AGAIN = {"job.round_id": "1 = 1"}

UP = (
    """CREATE TABLE analysis_round (
      id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
      client_id TEXT,
      choice TEXT NOT NULL,
      total INTEGER NOT NULL CHECK (total >= 0),
      asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0),
      edge BIGINT,
      state TEXT NOT NULL CHECK (state IN ('adding', 'added', 'stopped')),
      said TEXT,
      created_at BIGINT NOT NULL
    )""",
    "CREATE INDEX analysis_round_of_user ON analysis_round (user_id, id)",
    "ALTER TABLE job ADD COLUMN round_id TEXT",
    "CREATE INDEX job_of_round ON job (round_id, status, ended_at) WHERE round_id IS NOT NULL",
)
DOWN = (
    "DROP INDEX job_of_round",
    "ALTER TABLE job DROP COLUMN round_id",
    "DROP TABLE analysis_round",
)


def up(migrator, db):
    for statement in UP:
        db.execute_sql(statement)


def down(migrator, db):
    for statement in DOWN:
        db.execute_sql(statement)
