"""How pictures look: a perceptual hash of the middle as well, so that crops are found; and of the bytes where their light lies
and how much each colour fills, small ones too. All pictures are read once more."""

from peewee import PostgresqlDatabase

MADE_AGAIN = {"image.phash_middle": "1 = 1", "look": "1 = 1"}
SHIFTS = (48, 32, 16, 0)
COLUMNS = {"phash": "phash, phash_middle", "phash_middle": "phash_middle, phash"}


def up(migrator, db):
    db.execute_sql("ALTER TABLE image ADD COLUMN phash_middle BIGINT")
    for shift in SHIFTS:
        db.execute_sql(f"DROP INDEX image_phash_{shift}")
        for column, kept in COLUMNS.items():  # with both hashes, so that no row is read for one that turns out to be far
            db.execute_sql(
                f"CREATE INDEX image_{column}_{shift} ON image ((({column} >> {shift}) & 65535), {kept})"
                f" WHERE {column} IS NOT NULL"
            )
    binary = "BYTEA" if isinstance(db, PostgresqlDatabase) else "BLOB"
    db.execute_sql(
        "CREATE TABLE look (blob_id TEXT NOT NULL PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,"
        f" light {binary} NOT NULL, amounts {binary} NOT NULL)"
    )
    db.execute_sql("DELETE FROM setup WHERE name = 'likeness'")


def down(migrator, db):
    for shift in SHIFTS:
        for column in COLUMNS:
            db.execute_sql(f"DROP INDEX image_{column}_{shift}")
        db.execute_sql(f"CREATE INDEX image_phash_{shift} ON image (((phash >> {shift}) & 65535), phash) WHERE phash IS NOT NULL")
    db.execute_sql("ALTER TABLE image DROP COLUMN phash_middle")
    db.execute_sql("DROP TABLE look")
