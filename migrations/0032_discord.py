"""Discord: who there is which account, the codes by which somebody shows that, and threads that belong to a project."""

# `linked_by` is who said so; nobody, where the person typed the code of the account in Discord.
UP = """
CREATE TABLE discord_person (
  discord_id TEXT PRIMARY KEY,
  name TEXT NOT NULL DEFAULT '',
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  linked_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX discord_person_user ON discord_person (user_id);
CREATE INDEX discord_person_linked_by ON discord_person (linked_by) WHERE linked_by IS NOT NULL;

CREATE TABLE discord_code (
  user_id TEXT PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL UNIQUE,
  expires_at BIGINT NOT NULL
);

CREATE TABLE discord_thread (
  channel_id TEXT PRIMARY KEY,
  guild_id TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
  bound_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX discord_thread_project ON discord_thread (project_id);
CREATE INDEX discord_thread_bound_by ON discord_thread (bound_by) WHERE bound_by IS NOT NULL
"""


def up(migrator, db):
    for statement in UP.split(";\n"):
        db.execute_sql(statement)


def down(migrator, db):
    for table in ("discord_thread", "discord_code", "discord_person"):
        db.execute_sql(f"DROP TABLE {table}")
