"""Images of the library that have no unique id get one, and are found by it."""

import secrets
from types import SimpleNamespace

from pindeck import db as database
from pindeck.services.images import search, search_words

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BATCH = 500
NAMES = (
    "seq", "id", "title", "description", "category", "group", "genre", "shot", "style", "sref", "moodboard", "attribution",
    "project",
)  # fmt: skip
IMAGES = """
SELECT i.seq, i.id, i.title, i.description, i.category, i."group", i.genre, i.shot, i.style, i.sref, i.moodboard,
       i.attribution, CASE WHEN p.is_default THEN NULL ELSE p.name END AS project
FROM image i JOIN project p ON p.id = i.project_id
WHERE i.seq > :last AND i.status = 'active' AND i.unique_tag IS NULL ORDER BY i.seq LIMIT :batch
"""
TAGS = """
SELECT image_id, tag FROM image_tag WHERE image_id IN (SELECT id FROM image WHERE seq > :last AND seq <= :to)
ORDER BY image_id, position
"""


def up(migrator, db):
    known = {row[0] for row in database.sql("SELECT unique_tag FROM image WHERE unique_tag IS NOT NULL").fetchall()}
    last = 0
    while rows := database.sql(IMAGES, last=last, batch=BATCH).fetchall():
        images = [SimpleNamespace(**dict(zip(NAMES, row, strict=True))) for row in rows]
        tags = {}
        for image_id, tag in database.sql(TAGS, last=last, to=images[-1].seq).fetchall():
            tags.setdefault(image_id, []).append(tag)
        for image in images:
            image.unique_tag = new_id(known)
            database.sql("UPDATE image SET unique_tag = :tag WHERE seq = :seq", tag=image.unique_tag, seq=image.seq)
        search.write_rows([row_of(image, tags.get(image.id, [])) for image in images])
        last = images[-1].seq


def new_id(known):
    while True:
        drawn = "PD-" + "".join(secrets.choice(LETTERS) for _ in range(5))
        if drawn not in known:
            known.add(drawn)
            return drawn


def row_of(image, tags):
    found = search_words.indexed
    return image.seq, " ".join(found([image.title])), " ".join(found(search.texts_of(image, tags, image.project)))


def down(migrator, db):
    """Ids that are in use stay: nobody can tell them from those that people typed."""
