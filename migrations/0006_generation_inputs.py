"""Which images a run began from, as rows that are found by either side; and the rest of what programs list by."""

from peewee import PostgresqlDatabase

from pindeck.db.scripts import run

UP = """
CREATE TABLE generation_input (
  generation_id TEXT NOT NULL REFERENCES generation (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (generation_id, image_id)
){without_rowid};
CREATE INDEX generation_input_image ON generation_input (image_id);
INSERT INTO generation_input (generation_id, image_id)
  SELECT DISTINCT g.id, i.id FROM generation g CROSS JOIN {inputs} AS input JOIN image i ON i.id = input.value;

CREATE INDEX generation_flow ON generation (flow_id) WHERE flow_id IS NOT NULL;

CREATE INDEX image_managed_trash ON image (project_id, created_at, id)
  WHERE status = 'active' AND visibility <> 'private' AND deleted_at IS NOT NULL;
CREATE INDEX image_managed_generated ON image (project_id, created_at, id)
  WHERE status = 'active' AND visibility <> 'private' AND deleted_at IS NULL AND origin = 'ai';
CREATE INDEX image_managed_uploaded ON image (project_id, created_at, id)
  WHERE status = 'active' AND visibility <> 'private' AND deleted_at IS NULL AND origin <> 'ai';
"""

DOWN = """
DROP INDEX image_managed_uploaded;
DROP INDEX image_managed_generated;
DROP INDEX image_managed_trash;
DROP INDEX generation_flow;
DROP TABLE generation_input;
"""

MADE_AGAIN = {"generation_input": "1 = 1"}
# `generation.inputs` is a list in JSON; an id in it may be of an image that is gone.
SQLITE = {"without_rowid": " WITHOUT ROWID", "inputs": "json_each(g.inputs)"}
POSTGRES = {"without_rowid": "", "inputs": "json_array_elements_text(g.inputs::json)"}


def up(migrator, db):
    run(db, UP.format(**(POSTGRES if isinstance(db, PostgresqlDatabase) else SQLITE)))


def down(migrator, db):
    run(db, DOWN)
