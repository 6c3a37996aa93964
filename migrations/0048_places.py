"""The pictures of a project in the order of its row, and how many each project and each person has, stand in indexes."""

# A row is walked along the first index. The other two hold whatever the condition asks, so that counting reads no row.
LISTED = "status = 'active' AND visibility = 'library' AND deleted_at IS NULL"
UP = (
    f"CREATE INDEX image_in_row ON image (project_id, COALESCE(project_order, 9999), title, seq) WHERE {LISTED}",
    "CREATE INDEX image_of_project ON image (project_id, status, visibility, deleted_at, file_id)"
    f" WHERE {LISTED} AND file_id IS NOT NULL",
    "CREATE INDEX image_of_person ON image (user_id, status, visibility, deleted_at, file_id)"
    f" WHERE {LISTED} AND file_id IS NOT NULL",
)


def up(migrator, db):
    for statement in UP:
        db.execute_sql(statement)


def down(migrator, db):
    for name in ("image_of_person", "image_of_project", "image_in_row"):
        db.execute_sql(f"DROP INDEX {name}")
