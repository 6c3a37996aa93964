"""Pictures that look alike are found: a perceptual hash of each, and an index for each quarter of it."""

# Whatever of it is lost is worked out anew from the pictures, by a sweep that remembers in `setup` how far it is.
MADE_AGAIN = {"image.phash": "1 = 1", "setup": "name = 'likeness'"}
SHIFTS = (48, 32, 16, 0)


def up(migrator, db):
    db.execute_sql("ALTER TABLE image ADD COLUMN phash BIGINT")
    for shift in SHIFTS:  # with the whole hash, so that no row is read for one that turns out to be far
        quarter = f"((phash >> {shift}) & 65535)"
        db.execute_sql(f"CREATE INDEX image_phash_{shift} ON image ({quarter}, phash) WHERE phash IS NOT NULL")


def down(migrator, db):
    db.execute_sql("DELETE FROM setup WHERE name = 'likeness'")
    for shift in SHIFTS:
        db.execute_sql(f"DROP INDEX image_phash_{shift}")
    db.execute_sql("ALTER TABLE image DROP COLUMN phash")
