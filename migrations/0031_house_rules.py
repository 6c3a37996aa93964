"""Rules of the house for the model, every version of them; and which description a call was made for."""

from pindeck.db.scripts import run

# The last row counts. `run_id` is the action id of what the answer wrote, so that its price can be told beside it.
UP = """
CREATE TABLE house_rules (
  id TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL
);
ALTER TABLE analysis ADD COLUMN run_id TEXT;
CREATE INDEX analysis_of_run ON analysis (run_id) WHERE run_id IS NOT NULL
"""

DOWN = """
DROP INDEX analysis_of_run;
ALTER TABLE analysis DROP COLUMN run_id;
DROP TABLE house_rules
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
