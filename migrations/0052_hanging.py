"""How pictures hang at each place for each person: the view, the height of a tile in pixels, the columns of the table."""

UP = """
CREATE TABLE hanging (
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  area TEXT NOT NULL,
  layout TEXT NOT NULL,
  size_px INTEGER,
  columns TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (user_id, area)
)
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP TABLE hanging")
