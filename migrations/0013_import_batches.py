"""Imports can be made and read over the API: which project's key made one, and what they are found by."""

# A database that goes down loses which key made an import; imports that nobody made with a key have nothing to lose.
UP = (
    "ALTER TABLE import_batch ADD COLUMN project_id TEXT",
    "CREATE INDEX import_batch_user ON import_batch (user_id, id)",
    "CREATE INDEX image_import_batch ON image (import_batch_id) WHERE import_batch_id IS NOT NULL",
)
DOWN = (
    "DROP INDEX image_import_batch",
    "DROP INDEX import_batch_user",
    "ALTER TABLE import_batch DROP COLUMN project_id",
)


def up(migrator, db):
    for statement in UP:
        db.execute_sql(statement)


def down(migrator, db):
    for statement in DOWN:
        db.execute_sql(statement)
