"""How much palette, light, edges and words count when a person looks for what is like a picture."""

UP = """
CREATE TABLE look_dials (
  user_id TEXT PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
  palette BIGINT NOT NULL CHECK (palette BETWEEN 0 AND 3),
  light BIGINT NOT NULL CHECK (light BETWEEN 0 AND 3),
  edges BIGINT NOT NULL CHECK (edges BETWEEN 0 AND 3),
  words BIGINT NOT NULL CHECK (words BETWEEN 0 AND 3)
)
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP TABLE look_dials")
