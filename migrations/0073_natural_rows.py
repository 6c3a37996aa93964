"""Pictures of a row that nobody has put anywhere stand by their titles as people expect."""

LISTED = "status = 'active' AND visibility = 'library' AND deleted_at IS NULL"


def up(migrator, db):
    in_row(db, "title_key")


def down(migrator, db):
    in_row(db, "title")


def in_row(db, title):
    db.execute_sql("DROP INDEX image_in_row")
    db.execute_sql(f"CREATE INDEX image_in_row ON image (project_id, COALESCE(project_order, 9999), {title}, seq) WHERE {LISTED}")
