"""A picture in review can be held, and what waits for a decision has indexes of its own."""

WAITS = "(status = 'draft' OR status = 'pending') AND deleted_at IS NULL"

# A database that goes down and up again holds nothing any more.
MADE_AGAIN = {"image.held_at": "1 = 1"}


def up(migrator, db):
    db.execute_sql("ALTER TABLE image ADD COLUMN held_at BIGINT")
    db.execute_sql(f"CREATE INDEX image_waiting ON image (held_at, seq) WHERE {WAITS}")
    db.execute_sql(f"CREATE INDEX image_waiting_of_user ON image (user_id, held_at, seq) WHERE {WAITS}")


def down(migrator, db):
    db.execute_sql("DROP INDEX image_waiting_of_user")
    db.execute_sql("DROP INDEX image_waiting")
    db.execute_sql("ALTER TABLE image DROP COLUMN held_at")
