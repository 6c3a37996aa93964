"""A person sees what the workers do, may cancel it, and may ask for it once more with all its tries."""

# A database that goes down forgets who cancelled what: such a job has failed then, and its error says why.
MADE_AGAIN = {"job.cancelled_at": "1 = 1", "job.spent": "1 = 1"}

UP = (
    "ALTER TABLE job ADD COLUMN cancelled_at BIGINT",
    "ALTER TABLE job ADD COLUMN spent INTEGER NOT NULL DEFAULT 0",
    # The list of one person: what has no end yet, and the rest by its end.
    "CREATE INDEX job_of_user ON job (user_id, ended_at, id)",
    "CREATE INDEX job_failed ON job (ended_at, id) WHERE status = 'failed'",
)
DOWN = (
    "DROP INDEX job_failed",
    "DROP INDEX job_of_user",
    "ALTER TABLE job DROP COLUMN spent",
    "ALTER TABLE job DROP COLUMN cancelled_at",
)


def up(migrator, db):
    for statement in UP:
        db.execute_sql(statement)


def down(migrator, db):
    for statement in DOWN:
        db.execute_sql(statement)
