"""What a model was asked: one row for each call, so that limits hold and what was paid can be told."""

from pindeck.db.scripts import run

# No key of the picture and the job: the row outlives both. `answer` stands there until it is used.
UP = """
CREATE TABLE analysis (
  id TEXT PRIMARY KEY,
  image_id TEXT,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  job_id TEXT,
  model TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  form TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('asked', 'answered', 'unusable', 'refused', 'lost')),
  answer TEXT,
  error TEXT,
  tokens_in INTEGER CHECK (tokens_in >= 0),
  tokens_out INTEGER CHECK (tokens_out >= 0),
  cost_micro BIGINT CHECK (cost_micro >= 0),
  ms INTEGER CHECK (ms >= 0),
  created_at BIGINT NOT NULL
);
CREATE INDEX analysis_age ON analysis (created_at);
CREATE INDEX analysis_of_user ON analysis (user_id, created_at);
CREATE INDEX analysis_of_job ON analysis (job_id);
CREATE INDEX analysis_of_image ON analysis (image_id);
CREATE INDEX analysis_of_model ON analysis (model, id) WHERE outcome = 'answered'
"""

DOWN = """
DROP TABLE analysis
"""


def up(migrator, db):
    run(db, UP)


def down(migrator, db):
    run(db, DOWN)
