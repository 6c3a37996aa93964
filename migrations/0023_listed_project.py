"""The pictures of one project are found by an index of their own, as those of one category are."""


def up(migrator, db):
    db.execute_sql("CREATE INDEX image_listed_project ON image (project_id, is_listed, seq)")


def down(migrator, db):
    db.execute_sql("DROP INDEX image_listed_project")
