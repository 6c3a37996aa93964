"""What the database holds, to be compared before and after."""

from functools import cache

from pindeck import db
from pindeck.db import dialect
from pindeck.models import Alias, Image, Like, Memo
from pindeck.services.images import craft, image_urls, word_store

# What tells of the past stays: the log, the ledger, the trail, and work that was asked for.
PAST = {"action", "action_step", "field_event", "activity", "job", "twin_due", "index_change"}
# A version only grows; a public address is new each time; what a machine found out is not forgotten.
MOVES_ON = {"version", "updated_at", "public_token", "ai_status", "ai_started_at", "ai_error"}
OURS_ALONE = ("schema_migration", "image_search_", "sqlite_")
# What people change of a picture, in columns of its row
COLUMNS = (
    "title", "genre", "shot", "unique_tag", "project_id", "flow_id", "visibility", "status", "focal_x", "focal_y", "meta",
    "deleted_at", "last_alias",
)  # fmt: skip

Cell = tuple[str, str]  # a picture, and one respect in which it can be changed


def tables() -> dict[str, list[str]]:
    """The rows of every table, as text, without what moves on."""
    found: dict[str, list[str]] = {}
    asked = _reads(db.is_postgres())
    if db.is_postgres():  # which is far away: it is asked once
        found = {table: [] for table, _ in asked}
        each = (f"SELECT '{table}', own::text FROM ({select}) AS own" for table, select in asked)
        for table, row in db.database.execute_sql(" UNION ALL ".join(each)).fetchall():
            found[table].append(row)
    else:
        found = {table: [repr(row) for row in db.database.execute_sql(select)] for table, select in asked}
    return {table: sorted(rows) for table, rows in found.items()}


@cache
def _reads(is_postgres: bool) -> list[tuple[str, str]]:
    """Every table and what reads it. All databases of a test process are migrated alike."""
    found = []
    for table in db.database.get_tables():
        if table in PAST or table == "image_search" or table.startswith(OURS_ALONE):
            continue
        names = [name for name, _, _ in dialect.columns(table) if name not in MOVES_ON]
        where = " WHERE n > 0" if table == "project_count" else ""  # no row and a row that counts nothing are one
        listed = ", ".join(f'"{name}"' for name in names)
        found.append((table, f'SELECT {listed} FROM "{table}"{where}'))
    seq, text = ("seq", "::text") if is_postgres else ("rowid", "")
    return [*found, ("image_search", f"SELECT {seq}, title{text}, body{text} FROM image_search")]


def cells() -> dict[Cell, object]:
    """What people can change of pictures, one value each; what is not there has none."""
    images = list(Image.select())
    found: dict[Cell, object] = {
        (image.id, name): getattr(image, name)
        for image in images
        for name in COLUMNS
        if getattr(image, name) is not None
    }
    found |= {(id, "tags"): tags for id, tags in word_store.tags_of_many([image.id for image in images]).items()}
    found |= {(id, name): value for id, of in craft.values_of(images).items() for name, value in of.items() if value}
    found |= {(memo.image_id, f"memo by {memo.user_id}"): memo.text for memo in Memo.select()}
    found |= {(like.image_id, f"like by {like.user_id}"): like.created_at for like in Like.select()}
    for alias in Alias.select():
        name = f"{alias.name_key} of {alias.flow_id}" if alias.flow_id else "alias"
        found[alias.image_id, name] = alias.name
    return found


def changed(one: dict[Cell, object], other: dict[Cell, object]) -> set[Cell]:
    return {cell for cell in one.keys() | other.keys() if one.get(cell) != other.get(cell)}


def hidden_with_an_address() -> list[str]:
    """Pictures that visitors may not see, and whose renditions have a public address."""
    return [image.id for image in Image.select() if image.public_token and not image_urls.is_published(image)]
