"""A word of a picture that is empty is none: it stood first among those that have one."""

COLUMNS = ('"group"', "genre", "shot", "style", "sref", "moodboard")


def up(migrator, db):
    for name in COLUMNS:
        db.execute_sql(f"UPDATE image SET {name} = NULL WHERE {name} = ''")


def down(migrator, db):
    """Nobody has asked for an empty word."""
