"""Up to where a person has looked at the gallery."""

# `seq` is that of the newest picture that hung there for the person; the image may be gone by now.
UP = """
CREATE TABLE seen_mark (
  user_id TEXT PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL
)
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP TABLE seen_mark")
