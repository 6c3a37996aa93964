"""Searches by measures, by age and by the day a picture was taken, and the library by likes, by name, by project and shuffled,
along indexes."""

from peewee import PostgresqlDatabase

ORDERS = {
    "likes": "likes",
    "name": "lower(substr(title, 1, 60){bytewise})",
    "row": "project_id, coalesce(project_order, 2147483647)",
    "random": "substr(id, 25)",
}
# Measures stand behind the place in the library: a search for few of many is a walk along this index, without reading a picture.
MEASURED = "is_listed, seq, created_at, width, height, origin"


def taken(db):
    return "(exif::jsonb ->> 'taken_at')" if isinstance(db, PostgresqlDatabase) else "json_extract(exif, '$.taken_at')"


def up(migrator, db):
    words = {"bytewise": ' COLLATE "C"' if isinstance(db, PostgresqlDatabase) else ""}
    for name, columns in ORDERS.items():
        db.execute_sql(f"CREATE INDEX image_listed_{name} ON image (is_listed, {columns.format(**words)}, seq)")
    db.execute_sql(f"CREATE INDEX image_taken ON image ({taken(db)}) WHERE {taken(db)} IS NOT NULL")
    listed(db, MEASURED)


def listed(db, columns):
    db.execute_sql("DROP INDEX image_listed")
    db.execute_sql(f"CREATE INDEX image_listed ON image ({columns})")


def down(migrator, db):
    listed(db, "is_listed, seq")
    for name in ("listed_likes", "listed_name", "listed_row", "listed_random", "taken"):
        db.execute_sql(f"DROP INDEX image_{name}")
