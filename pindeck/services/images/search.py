"""Text search on both engines: one index row an image, the same answers. `search_words` says what words are."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from peewee import SQL, Expression, ModelSelect, NodeList, Table

from pindeck import db
from pindeck.models import Image
from pindeck.services.images.indexed import reworded
from pindeck.services.images.search_words import indexed, tokens, wanted

MAX_TOKENS = 32
Row = tuple[int, str, str]  # the place of an image, the words of its title, and all its words, between spaces


def texts_of(
    image: Image, tags: Iterable[str], project: str | None, craft: Iterable[str] = ()
) -> list[str | None]:
    return [
        image.title, image.description, *tags, project, image.category, image.group, image.genre, image.shot,
        image.style, image.sref, image.moodboard, image.attribution, image.unique_tag,
        *craft,
    ]  # fmt: skip


def index(
    image: Image, tags: Iterable[str], project: str | None, craft: Iterable[str] = (), *, is_new: bool = False
) -> None:
    """Write the search row of an image, inside the transaction that changes its words."""
    reworded([image.seq])
    title, body = indexed([image.title]), indexed(texts_of(image, tags, project, craft))
    if db.is_postgres():
        # array_to_tsvector takes our tokens as they are; the parser of to_tsvector would cut them its own way.
        db.sql(
            "INSERT INTO image_search (seq, title, body)"
            " VALUES (:seq, array_to_tsvector(:title::text[]), array_to_tsvector(:body::text[]))"
            " ON CONFLICT (seq) DO UPDATE SET title = excluded.title, body = excluded.body",
            seq=image.seq,
            title=title,
            body=body,
        )
        return
    if not is_new:
        db.sql("DELETE FROM image_search WHERE rowid = :seq", seq=image.seq)
    db.sql(
        "INSERT INTO image_search (rowid, title, body) VALUES (:seq, :title, :body)",
        seq=image.seq,
        title=" ".join(title),
        body=" ".join(body),
    )


def index_many(rows: list[tuple[Image, list[str], str | None]], craft: Mapping[int, list[str]]) -> None:
    """The same for many images that were there before: each with its tags and its project, in two statements.

    `craft` are the terms that are true of them, by `seq`.
    """
    reworded([image.seq for image, _, _ in rows])
    bodies = [indexed(texts_of(image, tags, project, craft.get(image.seq, ()))) for image, tags, project in rows]
    write_rows(
        [
            (image.seq, " ".join(indexed([image.title])), " ".join(body))
            for (image, _, _), body in zip(rows, bodies, strict=True)
        ]
    )


def write_rows(found: list[Row]) -> None:
    """Inside a transaction: write rows of the index, in the place of those that are there."""
    if not found:
        return
    if db.is_postgres():
        seqs, titles, bodies = map(list, zip(*found, strict=True))
        db.sql(
            "INSERT INTO image_search (seq, title, body)"
            " SELECT seq, array_to_tsvector(string_to_array(title, ' ')), array_to_tsvector(string_to_array(body, ' '))"
            " FROM unnest(:seqs::bigint[], :titles::text[], :bodies::text[]) AS many (seq, title, body)"
            " ON CONFLICT (seq) DO UPDATE SET title = excluded.title, body = excluded.body",
            seqs=seqs,
            titles=titles,
            bodies=bodies,
        )
        return
    many = json.dumps(found)
    db.sql(
        "DELETE FROM image_search WHERE rowid IN (SELECT json_extract(value, '$[0]') FROM json_each(:many))", many=many
    )
    db.sql(
        "INSERT INTO image_search (rowid, title, body) SELECT json_extract(value, '$[0]'),"
        " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(:many)",
        many=many,
    )


def query(text: str, *, titles_only: bool = False, is_start: bool = True) -> str | None:
    """The AND of the tokens in the engine's words, the last one a beginning if it `is_start`; None when nothing can be searched.

    With `titles_only` what `matching` looks for in titles.
    """
    asked = wanted(tokens(text)[:MAX_TOKENS], is_start=is_start)[:MAX_TOKENS]
    if not asked:
        return None
    if db.is_postgres():
        return " & ".join(f"'{word}'" + (":*" if is_start else "") for word, is_start in asked)
    both = " AND ".join(f'"{word}"' + (" *" if is_start else "") for word, is_start in asked)
    return f"title : ({both})" if titles_only else both


def every(queries: list[str]) -> str:
    """One query for all of what `query` made."""
    return " & ".join(queries) if db.is_postgres() else " AND ".join(f"({one})" for one in queries)


def hits(words: Any) -> Any:
    """The places of the images with all of the words that `query` made, for a condition."""
    if db.is_postgres():
        return SQL("(SELECT seq FROM image_search WHERE body @@ %s::tsquery)", (words,))
    return SQL("(SELECT rowid FROM image_search WHERE image_search MATCH ?)", (words,))


def matching(
    rows: "ModelSelect[Image]", words: str, *, titles_only: bool = False
) -> tuple["ModelSelect[Image]", Any]:
    """Keep the images with all of the words that `query` made; and what "newest first" orders by then.

    On SQLite that is the row id of the search table, which it can walk backwards and stop after a page.
    """
    if db.is_postgres():
        column = "title" if titles_only else "body"
        hits = SQL(f"(SELECT seq FROM image_search WHERE {column} @@ %s::tsquery)", (words,))
        return rows.where(Image.seq.in_(hits)), Image.seq
    found = Table("image_search")
    match = Expression(found.c.image_search, "MATCH", words)
    # The plus keeps newer versions from walking the pictures and asking the search table about each.
    hit = NodeList((SQL("+"), found.c.rowid), glue="")
    return rows.switch(Image).join(found, on=(hit == Image.seq)).where(match), found.c.rowid
