"""Puts the records of the corpus straight into a Pindeck database, as if they had been uploaded and published."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bench import corpus
from pindeck.imaging import similar
from pindeck.services.images import search_words, word_store
from pindeck.services.images.projects import DEFAULT_ID, name_key, slug_for

EMAIL, PASSWORD = "bench@example.org", "a long pass phrase for measuring"
THUMBHASH = "1QcSHQRnh493V4dIh4eXh1h4kJUI"
BATCH = 5000

BLOBS = "INSERT INTO blob (id, sha256, size, bucket, object_key, state, created_at) VALUES (?, ?, ?, 'pindeck', ?, 'live', ?)"
FILES = (
    "INSERT INTO stored_file (id, file_key, blob_id, declared_type, filename, user_id, purpose, created_at)"
    " VALUES (?, ?, ?, 'image/jpeg', ?, ?, 'image', ?)"
)
IMAGES = (
    "INSERT INTO image (seq, id, project_id, user_id, file_id, original_filename, mime, size, width, height, status,"
    ' ai_status, persist_status, title, description, category, "group", colors, dominant, thumbhash, likes, views,'
    " public_token, created_at, updated_at, uploaded_at, title_key, description_key, category_key, tags_key,"
    " project_key)"
    " VALUES (?, ?, ?, ?, ?, ?, 'image/jpeg', ?, ?, ?, 'active', 'completed', 'succeeded', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
TAGS = "INSERT INTO image_tag (image_id, tag, position) VALUES (?, ?, ?)"
WORDS = "INSERT INTO image_search (rowid, title, body) VALUES (?, ?, ?)"
COLOURS = "INSERT INTO image_colour (cell, seq) VALUES (?, ?)"
LIKES = 'INSERT INTO "like" (user_id, image_id, created_at) VALUES (?, ?, ?)'
PROJECTS = "INSERT INTO project (id, slug, name, name_key, is_default, created_at) VALUES (?, ?, ?, ?, 0, 0)"


def uuid7(kind: str, i: int, ms: int) -> str:
    """The same UUIDv7 on every run: the time is the record's, the rest is a hash."""
    rest = hashlib.sha256(f"{kind}{i}".encode()).hexdigest()
    return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def image_id(i: int) -> str:
    return uuid7("image", i, (1_600_000_000 + i * 60) * 1000)


def token_of(i: int) -> str:
    """The public token of record i: 32 hex digits."""
    return hashlib.md5(f"public{i}".encode(), usedforsecurity=False).hexdigest()


def fill(database: Path, count: int, *, projects: int = 2000) -> None:
    """Write `count` images and their projects, tags, words and likes. The account must exist already.

    There is no ANALYZE, because Pindeck runs none: query plans are those of a library that grew by itself.
    """
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript("PRAGMA foreign_keys = 1; PRAGMA synchronous = off; PRAGMA cache_size = -200000;")
    user = connection.execute('SELECT id FROM "user" WHERE email = ?', (EMAIL,)).fetchone()[0]
    connection.execute("BEGIN IMMEDIATE")
    names = [f"Project {n:05d}" for n in range(projects)]
    project_ids = {name: uuid7("project", n, 1_600_000_000_000) for n, name in enumerate(names)}
    connection.executemany(
        PROJECTS, [(project_ids[name], slug_for(name), name, name_key(name)) for name in names]
    )
    for batch in _batches(count):
        rows: dict[str, list[tuple]] = {sql: [] for sql in (BLOBS, FILES, IMAGES, TAGS, WORDS, COLOURS, LIKES)}
        for record in batch:
            _add(rows, record, user, project_ids.get(record["project"], DEFAULT_ID))
        for sql, values in rows.items():
            connection.executemany(sql, values)
    connection.execute("COMMIT")
    connection.execute("INSERT INTO image_search (image_search) VALUES ('optimize')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _batches(count: int) -> Iterator[list[dict]]:
    batch: list[dict] = []
    for record in corpus.records(count):
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _add(rows: dict[str, list[tuple]], record: dict, user: str, project: str) -> None:
    i, at = record["i"], record["created"] * 1000
    own, blob, file = image_id(i), uuid7("blob", i, at), uuid7("file", i, at)
    sha256 = hashlib.sha256(f"picture{i}".encode()).hexdigest()
    name, token = f"picture-{i:06d}.jpg", token_of(i)
    liked = random.Random(i).random() < 0.1  # the reader likes one in ten
    likes = max(record["likes"], 1) if liked else record["likes"]
    key = f"media-uploads/2020/09_13/original/picture-{i:06d}-{sha256[:16]}.jpg"
    rows[BLOBS].append((blob, sha256, record["bytes"], key, at))
    rows[FILES].append((file, hashlib.md5(own.encode(), usedforsecurity=False).hexdigest(), blob, name, user, at))
    rows[IMAGES].append(
        (
            i + 1, own, project, user, file, name, record["bytes"], record["w"], record["h"], record["title"],
            record["description"], record["category"], record["group"], json.dumps(record["colors"]),
            record["colors"][0], THUMBHASH, likes, record["views"], token, at, at, at,
            *map(word_store.sort_key, (record["title"], record["description"], record["category"])), word_store.key_of_tags(record["tags"]),
            word_store.key_of_project(record["project"] if project != DEFAULT_ID else None),
        )
    )  # fmt: skip
    rows[TAGS].extend((own, tag, n) for n, tag in enumerate(record["tags"]))
    words = [record["title"], record["description"], *record["tags"], record["project"]]
    body = search_words.indexed([*words, record["category"], record["group"]])
    rows[WORDS].append((i + 1, " ".join(search_words.indexed([record["title"]])), " ".join(body)))
    cells = set().union(*map(similar.cells_around, record["colors"]))
    rows[COLOURS].extend((cell, i + 1) for cell in sorted(cells))
    if liked:
        rows[LIKES].append((user, own, at))
