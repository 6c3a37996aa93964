"""The trail tells from where something was done, and by which key; administrators read it by time, person and kind.

The work that a program asked for is listed by its client."""

# What was written before says only what its row tells: a person without a key may have been at a page or at the command line.
MADE_AGAIN = {"activity.way": "way IN ('api', 'discord')", "activity.key_id": "key_id IS NULL"}
COLUMNS = ("way", "key_id")
INDEXES = {
    "activity_at": "(at, id)",
    "activity_of_user": "(user_id, at, id)",
    "activity_of_verb": "(verb, at, id)",
    "activity_of_way": "(way, at, id)",
}


def up(migrator, db):
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE activity ADD COLUMN {column} TEXT")
    pressed = '%"discord":{%'  # handed over, because a driver reads the sign in a text for a place of its own
    db.execute_sql(f"UPDATE activity SET way = 'discord' WHERE detail LIKE {db.param}", (pressed,))
    db.execute_sql("UPDATE activity SET way = 'api' WHERE way IS NULL AND client_id IS NOT NULL")
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON activity {columns}")
    db.execute_sql("CREATE INDEX job_of_client ON job (client_id, ended_at, id) WHERE client_id IS NOT NULL")


def down(migrator, db):
    db.execute_sql("DROP INDEX job_of_client")
    for name in INDEXES:
        db.execute_sql(f"DROP INDEX {name}")
    for column in reversed(COLUMNS):
        db.execute_sql(f"ALTER TABLE activity DROP COLUMN {column}")
