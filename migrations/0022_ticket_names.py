"""An upload address may be told what the picture is called, as it is asked for."""

# A name that goes down is lost with its address, which is good for an hour.


def up(migrator, db):
    db.execute_sql("ALTER TABLE upload_ticket ADD COLUMN filename TEXT")


def down(migrator, db):
    db.execute_sql("ALTER TABLE upload_ticket DROP COLUMN filename")
