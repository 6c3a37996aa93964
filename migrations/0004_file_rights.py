"""A ticket remembers the key that asked for it, and a stored picture the type its bytes have."""

UP = """
ALTER TABLE upload_ticket ADD COLUMN api_key_id TEXT;
ALTER TABLE stored_file ADD COLUMN measured_type TEXT;
"""

DOWN = """
ALTER TABLE stored_file DROP COLUMN measured_type;
ALTER TABLE upload_ticket DROP COLUMN api_key_id;
"""


def run(db, script):
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
