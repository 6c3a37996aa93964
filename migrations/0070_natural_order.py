"""Titles, categories, descriptions, credits, style references and tags sort as people expect: numbers by their value, without regard to case."""

import re

from peewee import PostgresqlDatabase

COLUMNS = {"title": "title_key", "category": "category_key", "description": "description_key", "attribution": "credit_key", "sref": "sref_key"}
OTHERS = ("category_key", "description_key", "credit_key", "sref_key", "tags_key")
HIDDEN = {"original"}
PART = 1000
MADE_AGAIN = {f"image.{name}": "1 = 1" for name in ("title_key", *OTHERS)}


def key(text):
    """As `services/images/word_store.py` had it when this was written."""
    number = re.compile("0*([0-9]+)")
    return number.sub(lambda found: ":" * (len(found[1]) - 1) + found[1], (text or "")[:120].strip().casefold())[:60] or None


def bytewise(db):
    return ' COLLATE "C"' if isinstance(db, PostgresqlDatabase) else ""


def up(migrator, db):
    words = bytewise(db)
    db.execute_sql(f"ALTER TABLE image ADD COLUMN title_key TEXT{words} NOT NULL DEFAULT ''")
    for name in OTHERS:
        db.execute_sql(f"ALTER TABLE image ADD COLUMN {name} TEXT{words}")
    mark = "%s" if words else "?"
    sets = ", ".join(f"{name} = {mark}" for name in (*COLUMNS.values(), "tags_key"))
    seq = -1
    while rows := db.execute_sql(f"SELECT seq, id, {', '.join(COLUMNS)} FROM image WHERE seq > {seq} ORDER BY seq LIMIT {PART}").fetchall():
        tags = {}
        some = f"SELECT id FROM image WHERE seq >= {rows[0][0]} AND seq <= {rows[-1][0]}"
        for image_id, tag in db.execute_sql(f"SELECT image_id, tag FROM image_tag WHERE image_id IN ({some}) ORDER BY image_id, position").fetchall():
            tags.setdefault(image_id, []).append(tag)
        cursor = db.cursor()
        cursor.executemany(f"UPDATE image SET {sets} WHERE seq = {mark}", [changed(row, tags.get(row[1], ())) for row in rows])
        seq = rows[-1][0]
    db.execute_sql("DROP INDEX image_listed_name")
    db.execute_sql("CREATE INDEX image_listed_name ON image (is_listed, title_key, seq)")
    for name in OTHERS:
        db.execute_sql(f"CREATE INDEX image_listed_{name} ON image ({name}, is_listed, seq) WHERE {name} IS NOT NULL")


def changed(row, tags):
    title, *others = (key(text) for text in row[2:])
    return (title or "", *others, key(", ".join(tag for tag in tags if tag not in HIDDEN)), row[0])


def down(migrator, db):
    for name in ("name", *OTHERS):
        db.execute_sql(f"DROP INDEX image_listed_{name}")
    for name in ("title_key", *OTHERS):
        db.execute_sql(f"ALTER TABLE image DROP COLUMN {name}")
    db.execute_sql(f"CREATE INDEX image_listed_name ON image (is_listed, lower(substr(title, 1, 60){bytewise(db)}), seq)")
