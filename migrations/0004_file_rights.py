"""A ticket remembers the key that asked for it, and a stored picture the type its bytes have."""

from pindeck.db.scripts import run

UP = """
ALTER TABLE upload_ticket ADD COLUMN api_key_id TEXT;
ALTER TABLE stored_file ADD COLUMN measured_type TEXT;
"""

DOWN = """
ALTER TABLE stored_file DROP COLUMN measured_type;
ALTER TABLE upload_ticket DROP COLUMN api_key_id;
"""


# What going down puts aside and coming up again brings back: table, column, and where the values wait.
KEPT = (
    ("stored_file", "measured_type", "kept_0004_file_types"),
    ("upload_ticket", "api_key_id", "kept_0004_ticket_keys"),
)
MADE_AGAIN = {f"{table}.{column}": "1 = 1" for table, column, _ in KEPT}


def up(migrator, db):
    run(db, UP)
    for table, column, place in KEPT:
        if db.table_exists(place):
            value = f"SELECT k.{column} FROM {place} k WHERE k.id = {table}.id"
            db.execute_sql(f"UPDATE {table} SET {column} = ({value}) WHERE id IN (SELECT id FROM {place})")
            db.execute_sql(f"DROP TABLE {place}")


def down(migrator, db):
    for table, column, place in KEPT:
        known = f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL"
        if db.execute_sql(f"{known} LIMIT 1").fetchone():
            db.execute_sql(f"CREATE TABLE {place} (id TEXT PRIMARY KEY, {column} TEXT NOT NULL)")
            db.execute_sql(f"INSERT INTO {place} {known}")
    run(db, DOWN)
