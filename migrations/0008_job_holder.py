"""Which worker holds a job that runs, so that what a dead one held need not wait for its lease."""

MADE_AGAIN = {"job.holder": "1 = 1"}


def up(migrator, db):
    db.execute_sql("ALTER TABLE job ADD COLUMN holder TEXT")


def down(migrator, db):
    db.execute_sql("ALTER TABLE job DROP COLUMN holder")
