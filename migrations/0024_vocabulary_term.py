"""Words for a picture's fields that the vocabulary does not have, until an administrator decides about them."""

# `key` is what spellings of one word have in common. `term` is what a merged one is another word for.
UP = """
CREATE TABLE vocabulary_term (
  id TEXT PRIMARY KEY,
  field TEXT NOT NULL,
  key TEXT NOT NULL,
  spelling TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'merged', 'refused')),
  term TEXT,
  count INTEGER NOT NULL CHECK (count > 0),
  first_seen_at BIGINT NOT NULL,
  UNIQUE (field, key),
  CHECK ((state = 'merged') = (term IS NOT NULL))
);
CREATE INDEX vocabulary_term_state ON vocabulary_term (state, id)
"""


def up(migrator, db):
    for statement in UP.split(";\n"):
        db.execute_sql(statement)


def down(migrator, db):
    db.execute_sql("DROP TABLE vocabulary_term")
