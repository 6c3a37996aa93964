"""A library with something of everything, a place to restore it to, and what is compared."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pindeck import db, storage
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.models import Blob, Image, Project, UploadTicket
from pindeck.services.backup import objects, rows
from pindeck.services.clients import api_keys
from pindeck.services.derivatives import delivery
from pindeck.services.images import detail, ledger, moderation, trash
from pindeck.services.library import filters, gallery
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import make_active, make_draft, new_photo, public_objects

OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


# A library, and a place to restore it to


def fill(olga: Actor, sam: Actor, mo: Actor) -> None:
    """Something of everything that people make."""
    # Large enough that no two sizes are the same bytes.
    large = new_photo(colour=(20, 90, 200), size=(1400, 900))
    first = make_active(olga, large, title="Neon alley", tags=["night", "rain"], project="Nocturne")
    twin = make_active(sam, title="Straße im Regen", description="mit „Zeichen“ und\nZeilen", tags=["night"])
    private = make_active(olga, title="Private harbour")
    moderation.update(olga, private.id, {}, visibility="private")
    make_draft(sam, name="draft.jpg", title="Waiting draft")
    equal = new_photo()
    make_active(olga, equal, title="Equal one")
    make_active(sam, equal, title="Equal two")
    run_due_jobs()
    delivery.picture(VISITOR, first.id, "screen")
    gone = make_active(olga, title="Trashed")
    trash.trash(olga, gone.id)
    purged = make_active(olga, title="Purged")
    trash.trash(olga, purged.id)
    trash.purge(olga, purged.id)
    detail.toggle_like(sam, first.id)
    detail.toggle_like(mo, first.id)
    ledger.write(first.id, {"title": "Neon alley, wide", "group": "Film"}, ledger.person(sam))
    api_keys.create(api_keys.NewClient("project", name="Site", project="library"))
    now = db.now_ms()

    def insert(table: str, **values: object) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        named = ", ".join(f":{name}" for name in values)
        db.sql(f'INSERT INTO "{table}" ({names}) VALUES ({named})', **values)

    project = Project.get(Project.name == "Nocturne").id
    insert("flow", id="flow-1", project_id=project, created_at=now, updated_at=now)
    insert(
        "alias", id="alias-1", project_id=project, name="Hero", name_key="hero", image_id=first.id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    insert(
        "generation", id="gen-1", project_id=project, flow_id="flow-1", user_id=sam.user_id, status="done",
        params='{"a": [1, null, "é"]}', inputs=f'["{first.id}"]', output_image_id=twin.id, created_at=now, updated_at=now,
    )  # fmt: skip
    insert("generation_input", generation_id="gen-1", image_id=first.id)
    insert("idempotency", id="once", request_hash="h", status=None, body=None, created_at=now)
    insert("attempt", kind="sign-in", subject="x", at=now)
    UploadTicket.create(
        id="t", token_hash="h", user=sam.user_id, purpose="file", max_bytes=10, created_at=now, expires_at=now + 10**9
    )
    # An image may name one that came later.
    Image.update(parent_id=twin.id, focal_x=0.1, focal_y=1 / 3, flow_id="flow-1").where(
        Image.id == first.id
    ).execute()


def enter(settings: Settings) -> Settings:
    """Services speak to that installation from now on."""
    db.close()
    db.bind(db.make(settings))
    storage.bind(storage.from_settings(settings))
    db.connect()
    return settings


PlaceOn = Callable[[str], Settings]


# What is compared


def everything() -> dict[str, list[rows.Row]]:
    """Every row that travels, without the name of the bucket, which is the place's."""
    found = {
        table.name: sorted(rows.read(table), key=lambda row: [str(row[name]) for name in table.key])
        for table in rows.tables()
    }
    found["blob"] = [{name: value for name, value in row.items() if name != "bucket"} for row in found["blob"]]
    return found


def buckets() -> set[str]:
    return {blob.bucket for blob in Blob.select()}


def contents() -> dict[str, str]:
    """The SHA-256 of the bytes of every object that a row names, by key."""
    tables = [table.name for table in rows.tables()]
    keys_of = [one.key for one in objects.listed(rows.reader(), tables)]
    return {key: hashlib.sha256(invariants.read(key)).hexdigest() for key in keys_of}


def searched(actor: Actor) -> list[list[str]]:
    words = ("night", "strasse", "neon wide", "nocturne", "film", "equal", "purged", "private")
    return [[image.id for image in gallery.list_page(actor, filters.wanted(q=word)).images] for word in words]


def public_bytes() -> dict[str, bytes]:
    found = {}
    for key in public_objects():
        with storage.current().open_public(key) as stream:
            found[key] = stream.read()
    return found


class Interrupted(Exception):
    pass


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_rows(folder: Path, table: str, change: Callable[[dict[str, Any]], object], *, every: bool = False) -> None:
    """Change the first row, or every one, as somebody would who also puts the checksum right."""
    (path,) = (folder / "rows").glob(f"*/{table}.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines if every else lines[:1]:
        change(line)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    tables[table][1] = hashlib.sha256(path.read_bytes()).hexdigest()
    change_manifest(folder, tables=tables)
