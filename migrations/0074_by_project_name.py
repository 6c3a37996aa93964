"""Pictures sort by the name of their project, as people expect: numbers by their value, without regard to case."""

import re

from peewee import PostgresqlDatabase

MADE_AGAIN = {"image.project_key": "1 = 1"}
PLACE = "coalesce(project_order, 2147483647)"


def key(text):
    """As `services/images/word_store.py` had it when this was written."""
    number = re.compile("0*([0-9]+)")
    return number.sub(lambda found: ":" * (len(found[1]) - 1) + found[1], text[:120].strip().casefold())[:60]


def up(migrator, db):
    is_postgres = isinstance(db, PostgresqlDatabase)
    words, mark = (' COLLATE "C"', "%s") if is_postgres else ("", "?")
    db.execute_sql(f"ALTER TABLE image ADD COLUMN project_key TEXT{words} NOT NULL DEFAULT ''")
    for project_id, name in db.execute_sql("SELECT id, name FROM project WHERE is_default = FALSE").fetchall():
        db.execute_sql(f"UPDATE image SET project_key = {mark} WHERE project_id = {mark}", (key(name), project_id))
    db.execute_sql("DROP INDEX image_listed_row")
    db.execute_sql(f"CREATE INDEX image_listed_row ON image (is_listed, project_key, project_id, {PLACE}, seq)")


def down(migrator, db):
    db.execute_sql("DROP INDEX image_listed_row")
    db.execute_sql("ALTER TABLE image DROP COLUMN project_key")
    db.execute_sql(f"CREATE INDEX image_listed_row ON image (is_listed, project_id, {PLACE}, seq)")
