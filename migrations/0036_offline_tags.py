"""Tags that describing without a model wrote in earlier versions are found by what wrote them."""

# Nothing of the kind is written any more, so the index is empty in a new library and never grows.
UP = (
    "CREATE INDEX field_event_offline ON field_event (image_id, id)"
    " WHERE field = 'tags' AND writer = 'machine' AND program = 'offline' AND undone_at IS NULL"
)


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql("DROP INDEX field_event_offline")
