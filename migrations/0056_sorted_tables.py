"""Tables by views, number of tags, hue and size: two columns that are kept beside tags and palette, and an index for each order."""

import colorsys
import json

ORDERS = {
    "views": "views",
    "tag_count": "tag_count",
    "hue": "coalesce(hue, 9999)",
    "pixels": "(cast(coalesce(width, 0) as bigint) * coalesce(height, 0))",
}
PART = 1000
MADE_AGAIN = {"image.tag_count": "1 = 1", "image.hue": "1 = 1"}
TAGS = "SELECT COUNT(*) FROM image_tag t WHERE t.image_id = image.id AND t.tag <> 'original'"


def hue_of(palette):
    """As `services/images/colours.py` had it when this was written."""
    if not palette:
        return None
    code = palette[0].lstrip("#")
    hue, saturation, value = colorsys.rgb_to_hsv(*(int(code[n : n + 2], 16) / 255 for n in (0, 2, 4)))
    return round(hue * 359) if saturation * value >= 0.12 else 1000 + round(value * 100)


def up(migrator, db):
    db.execute_sql("ALTER TABLE image ADD COLUMN tag_count INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE image ADD COLUMN hue INTEGER")
    db.execute_sql(f"UPDATE image SET tag_count = ({TAGS}) WHERE EXISTS (SELECT 1 FROM image_tag t WHERE t.image_id = image.id)")
    seq = -1
    while rows := db.execute_sql(
        f"SELECT seq, colors FROM image WHERE seq > {seq} AND colors <> '[]' ORDER BY seq LIMIT {PART}"
    ).fetchall():
        seqs = {}
        for seq, colors in rows:  # noqa: B007 — the last one is where the next part begins
            hue = hue_of(json.loads(colors))
            if hue is not None:
                seqs.setdefault(hue, []).append(seq)
        for hue, some in seqs.items():
            db.execute_sql(f"UPDATE image SET hue = {hue} WHERE seq IN ({', '.join(map(str, some))})")
    for name, column in ORDERS.items():
        db.execute_sql(f"CREATE INDEX image_listed_{name} ON image (is_listed, {column}, seq)")


def down(migrator, db):
    for name in ORDERS:
        db.execute_sql(f"DROP INDEX image_listed_{name}")
    db.execute_sql("ALTER TABLE image DROP COLUMN hue")
    db.execute_sql("ALTER TABLE image DROP COLUMN tag_count")
