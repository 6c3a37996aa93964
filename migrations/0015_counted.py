"""All of the library is counted along an index, for each category and type."""

# It holds whatever the condition asks, so that no row is read.
UP = """
CREATE INDEX image_counted ON image (category, "group", status, visibility, deleted_at, file_id)
WHERE status = 'active' AND visibility = 'library' AND deleted_at IS NULL AND file_id IS NOT NULL
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP INDEX image_counted")
