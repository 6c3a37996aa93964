"""Nothing invisible leaks: every operation, asked by everybody who may not, about something they may not see.

Each is refused in the documented way, learns no word of it, and changes nothing.
"""

import functools
import hashlib
import json
import tempfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pindeck import bootstrap, config, db
from pindeck.access import Actor
from pindeck.api import openapi
from pindeck.api.openapi import Place
from pindeck.api.operations import JsonBody
from pindeck.models import Alias, ApiKey, Blob, Flow, Image, Job, StoredFile
from pindeck.services import keys, ledger, projects, publishing
from tests.api.conftest import Program, ProgramFor, new_key
from tests.conftest import ClientFor
from tests.factories import make_active, new_photo

TITLE = "Nobody else may read this"
READ_ONLY = ("images:read", "storage:read")
# Rows that a refused call may touch: when a key or a session was last used.
VOLATILE = {"session", "attempt", "schema_migration", "migratehistory"}


@functools.cache
def places() -> list[Place]:
    with tempfile.TemporaryDirectory() as folder:
        app = bootstrap.create_app(config.load({"DATA_DIR": folder, "LOG_LEVEL": "error"}))
        return openapi.places(app)


@dataclass
class Scene:
    """A private picture in a project, with everything that hangs on it."""

    parameters: dict[str, str]
    words: list[str]

    def path(self, place: Place) -> str:
        path = place.path
        for name, value in self.parameters.items():
            path = path.replace("{" + name + "}", value)
        assert "{" not in path, f"What stands for the parameter in {path}?"
        return path


@pytest.fixture
def scene(app: Flask, olga: Actor) -> Scene:
    data = new_photo()
    image = make_active(olga, data, name="secret-still.jpg")
    ledger.write(image.id, {"title": TITLE, "project": "Secret project"}, ledger.person(olga))
    publishing.set_visibility(olga, image.id, "private")
    project = projects.find_or_create("Secret project")
    now = db.now_ms()
    flow = Flow.create(id=db.new_id(), project=project.id, created_at=now, updated_at=now)
    named = {"image_id": image.id, "created_at": now, "updated_at": now}
    Alias.create(id=db.new_id(), project_id=project.id, name="@secret", name_key="@secret", **named)
    Alias.create(id=db.new_id(), flow_id=flow.id, name="@inflow", name_key="@inflow", **named)
    Image.update(subject_character="c1", subject_chat="t1").where(Image.id == image.id).execute()
    client, key, text = keys.create("master")
    file = StoredFile.get(StoredFile.id == Image.get(Image.id == image.id).file_id)
    job = Job.create(
        id=db.new_id(),
        kind="fetch_file",
        queue="io",
        client_id=client.id,
        due_at=now,
        created_at=now,
        status="completed",
    )
    return Scene(
        {
            "ref": image.id,
            "image_id": image.id,
            "storage_id": file.id,
            "flow_id": flow.id,
            "alias": "@inflow",
            "job_id": job.id,
            "client_id": client.id,
            "key_id": key.id,
            "kind": "character",
            "subject_id": "c1",
        },
        [TITLE, "secret-still", file.file_key, hashlib.sha256(data).hexdigest(), Blob.get().object_key, text],
    )


def body_of(place: Place, scene: Scene) -> dict[str, Any]:
    """A body that would be good if it came from somebody who may."""
    about = place.operation
    ids = [scene.parameters["image_id"]]
    if isinstance(about.body, JsonBody):
        known = {
            "focalPoint": {"x": 0.1, "y": 0.1}, "alias": "@taken", "aliases": {"@taken": ids[0]}, "imageIds": ids,
            "ids": ids, "storageIds": [scene.parameters["storage_id"]], "title": "Taken over", "projectName": "Mine",
            "name": "Mine", "slug": "mine", "status": "completed", "kind": "master", "disabled": True, "limit": 5,
            "url": "http://203.0.113.1/", "imageUrl": "http://203.0.113.1/a.jpg", "tags": [], "category": "Film",
            "uploads": [{"storageId": scene.parameters["storage_id"], "title": "x", "category": "x", "tags": []}],
            "email": "x@example.org", "password": "x", "olderThanHours": 18, "dataUrl": "data:image/png;base64,AAAA",
        }  # fmt: skip
        fields = getattr(about.body.model, "model_fields", {})
        aliases = {(field.alias or name) for name, field in fields.items()}
        return {"json": {name: value for name, value in known.items() if name in aliases} or {}}
    if about.body is None:
        return {}
    if "multipart/form-data" in about.body.schemas:
        return {"data": {"file": (BytesIO(new_photo()), "a.jpg"), "data": (BytesIO(new_photo()), "a.jpg")}}
    return {"data": new_photo(), "content_type": "image/jpeg"}


def state() -> dict[str, list[tuple]]:
    found = {}
    for name in db.database.get_tables():
        if name in VOLATILE or name.startswith(("image_search", "sqlite_")):
            continue
        columns = [c.name for c in db.database.get_columns(name) if c.name != "last_used_at"]
        spelt = ", ".join(f'"{column}"' for column in columns)
        found[name] = sorted(map(repr, db.database.execute_sql(f'SELECT {spelt} FROM "{name}"').fetchall()))
    return found


def ask(caller: Any, place: Place, scene: Scene) -> TestResponse:
    query = {"query_string": {"searchTerm": "Nobody"}} if place.path.endswith("/search") else {}
    return caller.open(scene.path(place), method=place.method.upper(), **query, **body_of(place, scene))


class Keyed:
    """A program as something with the same call as a browser."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def open(self, path: str, *, method: str, **options: Any) -> TestResponse:
        return self.program.call(method, path, **options)


def check(answer: TestResponse, place: Place, scene: Scene, who: str, refusals: tuple[int, ...]) -> None:
    where = f"{who}: {place.method} {place.path} → {answer.status_code} {answer.text[:300]}"
    for word in scene.words:
        assert word not in answer.text, where
    if answer.status_code < 400:
        # Lists without it, and what surface G says of the missing: null.
        assert place.method == "get" and scene.parameters["image_id"] not in answer.text, where
        return
    assert answer.status_code in refusals, where
    documented = {fault.status for fault in openapi.faults_of(place.operation)}
    assert answer.status_code in documented, where
    body = json.loads(answer.text)
    assert body["success"] is False and body["error"]["code"], where


def is_about_something(place: Place) -> bool:
    return "{" in place.path


OPEN = ("/api/v1/session", "/api/v1/openapi.json", "/storage/upload")


@pytest.mark.parametrize("place", places(), ids=lambda place: f"{place.method} {place.path}")
def test_nobody_who_may_not_learns_or_changes_anything(
    place: Place, scene: Scene, app: Flask, program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor,
    gus: Actor,
) -> None:  # fmt: skip
    revoked, expired = new_key("master"), new_key("master", expires_in_days=1)
    keys.revoke(revoked)
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.hash == keys._hash(expired)).execute()
    other = new_key("project", project="Another project", actor=sam)
    unbound = new_key("project", project="Another project")
    reader = new_key("project", project="Secret project", scopes=READ_ONLY)
    stranger_extension = new_key("extension", identifier="other", install_scope="user", actor=sam)
    browser_of_guest, browser_of_sam = client_for(gus), client_for(sam)
    before = state()

    def asked(caller: Any, who: str, *refusals: int) -> None:
        check(ask(caller, place, scene), place, scene, who, refusals)

    if not place.path.startswith(OPEN):
        for key, who in (("pd_m_wrong", "wrong key"), (revoked, "revoked key"), (expired, "expired key")):
            asked(Keyed(program_for(key)), who, 401)
        needs_nobody = place.operation.action in ("library.view", "public", "image.view")
        asked(program_for(None).client, "stranger", *((401, 403, 404) if needs_nobody else (401,)))
        asked(browser_of_guest, "guest", 401, 403, 404)
        if place.method != "get":
            asked(Keyed(program_for(reader)), "read-only key", 403)
        if is_about_something(place) or place.method == "get":
            for key, who in ((other, "another project's key"), (unbound, "an unbound key of another project")):
                asked(Keyed(program_for(key)), who, 403, 404)
            if "/owners/" in place.path:  # speaks of one's own images alone, and there are none
                assert ask(Keyed(program_for(stranger_extension)), place, scene).json == {"cleared": 0}
            else:
                asked(Keyed(program_for(stranger_extension)), "another user's extension", 401, 403, 404)
            if "/flows/" not in place.path:  # a flow is its project's, and so every curator's
                asked(browser_of_sam, "another curator", 401, 403, 404)
    elif place.method != "delete":  # signing out without a session is no secret
        asked(program_for(None).client, "stranger", 400, 401)
    assert state() == before
