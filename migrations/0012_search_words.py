"""Words are found in scripts without spaces, under strokes (Ø, ł) and as emoji: the search index is made anew.

Tags that looked the same become one, and one with a comma in it becomes two.
"""

import unicodedata
from types import SimpleNamespace

from pindeck import db as database
from pindeck.services.images import search, search_words
from pindeck.services.images.fields import tags_in

# Words come as they are to be kept, so the tokenizer only has to cut at spaces: that of ASCII takes all else as letters.
TABLE = (
    "CREATE VIRTUAL TABLE image_search USING fts5 (title, body, tokenize = '{}', detail = column, prefix = '2 3')"
)
BATCH = 1000
IMAGES = """
SELECT i.seq, i.id, i.title, i.description, i.category, i."group", i.genre, i.shot, i.style, i.sref, i.moodboard,
       i.attribution, i.unique_tag, CASE WHEN p.is_default THEN NULL ELSE p.name END AS project
FROM image i JOIN project p ON p.id = i.project_id
WHERE i.seq > :last ORDER BY i.seq LIMIT :batch
"""
TAGS = """
SELECT image_id, tag FROM image_tag WHERE image_id IN (SELECT id FROM image WHERE seq > :last AND seq <= :to)
ORDER BY image_id, position
"""


def up(migrator, db):
    unite_tags()
    make_anew("ascii", search_words.indexed)


def down(migrator, db):
    make_anew("unicode61", formerly_indexed)


def unite_tags():
    """The tags of the images that have one which is kept in another way now."""
    known = [row[0] for row in database.sql("SELECT DISTINCT tag FROM image_tag").fetchall()]
    for tag in (tag for tag in known if tags_in([tag]) != [tag]):
        for (image_id,) in database.sql("SELECT image_id FROM image_tag WHERE tag = :tag", tag=tag).fetchall():
            rows = database.sql("SELECT tag FROM image_tag WHERE image_id = :id ORDER BY position", id=image_id)
            tags = tags_in([row[0] for row in rows.fetchall()])
            database.sql("DELETE FROM image_tag WHERE image_id = :id", id=image_id)
            for n, each in enumerate(tags):
                database.sql(
                    "INSERT INTO image_tag (image_id, tag, position) VALUES (:id, :tag, :n)", id=image_id, tag=each, n=n
                )


def make_anew(tokenizer, indexed):
    """All rows of the index, some hundred at a time."""
    if database.is_postgres():
        database.sql("TRUNCATE image_search")
        for column in ("title", "body"):  # made in one go at the end, which is many times quicker
            database.sql(f"DROP INDEX image_search_{column}")
    else:
        database.sql("DROP TABLE image_search")
        database.sql(TABLE.format(tokenizer))
    last = 0
    while rows := database.sql(IMAGES, last=last, batch=BATCH).fetchall():
        images = [SimpleNamespace(**dict(zip(NAMES, row, strict=True))) for row in rows]
        tags = {image.id: [] for image in images}
        for image_id, tag in database.sql(TAGS, last=last, to=images[-1].seq).fetchall():
            tags[image_id].append(tag)
        search.write_rows([row_of(image, tags[image.id], indexed) for image in images])
        last = images[-1].seq
    if database.is_postgres():
        for column in ("title", "body"):
            database.sql(f"CREATE INDEX image_search_{column} ON image_search USING gin ({column})")


NAMES = (
    "seq", "id", "title", "description", "category", "group", "genre", "shot", "style", "sref", "moodboard", "attribution",
    "unique_tag", "project",
)  # fmt: skip


def row_of(image, tags, indexed):
    return image.seq, " ".join(indexed([image.title])), " ".join(indexed(search.texts_of(image, tags, image.project)))


def formerly_indexed(parts):
    return list(dict.fromkeys(word for part in parts if part for word in former_words(part)))


def former_words(text):
    """As words were kept until then."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (c if c.isalnum() else " " for c in decomposed if not unicodedata.category(c).startswith("M"))
    folded = unicodedata.normalize("NFKD", "".join(kept).casefold())
    return ["".join(c for c in word if c.isalnum())[:64] for word in folded.split()]
