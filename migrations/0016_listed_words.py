"""Pictures of the library are found by genre, shot, style and style reference."""

# Few pictures have such a word, and one that has none stands in no index.
COLUMNS = ("genre", "shot", "style", "sref")


def up(migrator, db):
    for name in COLUMNS:
        db.execute_sql(f"CREATE INDEX image_listed_{name} ON image ({name}, is_listed, seq) WHERE {name} IS NOT NULL")


def down(migrator, db):
    for name in COLUMNS:
        db.execute_sql(f"DROP INDEX image_listed_{name}")
