"""Whether somebody waits for a job, so that an import does not hold up what a person just uploaded."""

MADE_AGAIN = {"job.lane": "1 = 1"}


def up(migrator, db):
    db.execute_sql("ALTER TABLE job ADD COLUMN lane TEXT NOT NULL DEFAULT 'now' CHECK (lane IN ('now', 'later'))")


def down(migrator, db):
    db.execute_sql("ALTER TABLE job DROP COLUMN lane")
