"""An item of a source counts how many runs could not fetch its page, so that it is given up some day."""

# A database that goes down and up again begins to count anew.
MADE_AGAIN = {"source_item.tries": "1 = 1"}

UP = "ALTER TABLE source_item ADD COLUMN tries INTEGER NOT NULL DEFAULT 0"
DOWN = "ALTER TABLE source_item DROP COLUMN tries"


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
