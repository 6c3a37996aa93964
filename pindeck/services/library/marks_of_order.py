"""How many pictures of a large library have each number of likes, and each initial: counted along the indexes of those orders."""

from pindeck import db

MOST_INITIALS = 2000  # of all scripts together
_LAST = chr(0x10FFFF)  # comes after whatever may follow an initial


def likes() -> dict[int, int]:
    return dict(db.sql("SELECT likes, COUNT(*) FROM image WHERE is_listed = TRUE GROUP BY likes").fetchall())


def initials() -> dict[str, int]:
    """From one initial the index is asked for the next one, so that no title is read in between."""
    following = "SELECT substr(title_key, 1, 1) FROM image WHERE is_listed = TRUE AND title_key > {} ORDER BY title_key LIMIT 1"
    sql = f"""
        WITH RECURSIVE initial (first) AS (
          SELECT ({following.format("''")})
          UNION ALL
          SELECT ({following.format("initial.first || :last")}) FROM initial WHERE initial.first IS NOT NULL
        )
        SELECT initial.first, (
          SELECT COUNT(*) FROM image
          WHERE is_listed = TRUE AND title_key >= initial.first AND title_key < initial.first || :last
        ) FROM initial WHERE initial.first IS NOT NULL LIMIT :most"""
    return dict(db.sql(sql, last=_LAST, most=MOST_INITIALS).fetchall())
