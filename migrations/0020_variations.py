"""A run says to whom it was sent, under which name, and which others were asked for with it."""

from peewee import PostgresqlDatabase

UP = """
ALTER TABLE generation ADD COLUMN batch TEXT;
ALTER TABLE generation ADD COLUMN position INTEGER;
ALTER TABLE generation ADD COLUMN client_id TEXT REFERENCES client (id) ON DELETE SET NULL;
ALTER TABLE generation ADD COLUMN provider TEXT;
ALTER TABLE generation ADD COLUMN model TEXT;
ALTER TABLE generation ADD COLUMN request_id TEXT;
ALTER TABLE generation ADD COLUMN addresses TEXT;
ALTER TABLE generation ADD COLUMN sender TEXT;
ALTER TABLE generation ADD COLUMN sent_at BIGINT;
ALTER TABLE generation ADD COLUMN cost {real};
CREATE UNIQUE INDEX generation_place ON generation (batch, position) WHERE batch IS NOT NULL;
CREATE INDEX generation_open ON generation (updated_at) WHERE status IN ('queued', 'submitting', 'processing');
CREATE INDEX generation_day ON generation (user_id, created_at) WHERE batch IS NOT NULL;
CREATE UNIQUE INDEX image_generation ON image (generation_id) WHERE generation_id IS NOT NULL;
"""
INDEXES = ("image_generation", "generation_day", "generation_open", "generation_place")
# What an index or a reference names goes before what is named.
COLUMNS = ("cost", "sent_at", "sender", "addresses", "request_id", "model", "provider", "client_id", "position", "batch")


def up(migrator, db):
    for statement in UP.format(real="DOUBLE PRECISION" if isinstance(db, PostgresqlDatabase) else "REAL").split(";\n"):
        if statement.strip():
            db.execute_sql(statement)


def down(migrator, db):
    for name in INDEXES:
        db.execute_sql(f"DROP INDEX {name}")
    for name in COLUMNS:
        db.execute_sql(f"ALTER TABLE generation DROP COLUMN {name}")
