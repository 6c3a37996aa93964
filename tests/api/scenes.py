"""Every operation of the API, asked about one picture: where it is, what a good body would be, and what it changed."""

import functools
import tempfile
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from pindeck import bootstrap, config, db
from pindeck.api import openapi
from pindeck.api.openapi import Endpoint
from pindeck.api.operations import JsonBody
from pindeck.db import dialect
from tests.factories import new_photo

ALIAS = "secret"
# Rows that a refused call may touch: when a key or a session was last used.
VOLATILE = {"session", "attempt", "schema_migration", "migratehistory"}


@functools.cache
def endpoints() -> list[Endpoint]:
    with tempfile.TemporaryDirectory() as folder:
        app = bootstrap.create_app(config.load({"DATA_DIR": folder, "LOG_LEVEL": "error"}))
        return openapi.endpoints(app)


@dataclass(frozen=True)
class Scene:
    """A private picture in a project, with everything that hangs on it, and a file beside it in that project.

    `words` tell of the picture; `file_words` of the file, which the keys of the project may read.
    """

    parameters: dict[str, str]
    words: list[str]
    file_id: str
    file_words: list[str]
    published: list[str]

    def path(self, endpoint: Endpoint) -> str:
        path = endpoint.path
        for name, value in self.parameters.items():
            path = path.replace("{" + name + "}", value)
        assert "{" not in path, f"What stands for the parameter in {path}?"
        return path

    def turns(self, endpoint: Endpoint, *, outside: bool) -> list["Scene"]:
        """What to ask for in turn: the picture by its id and by its name and, from outside the project, the file."""
        base = replace(self, words=[*self.words, *self.file_words]) if outside else self
        found = [base]
        if "{ref}" in endpoint.path and not endpoint.path.endswith("/restore"):  # what lies in the trash has no name
            found.append(base.with_parameter("ref", f"@{ALIAS}"))
        if outside and "/storage/" in endpoint.path:
            found.append(base.with_parameter("storage_id", self.file_id))
        return found

    def with_parameter(self, name: str, value: str) -> "Scene":
        return replace(self, parameters={**self.parameters, name: value})


def body_of(endpoint: Endpoint, scene: Scene) -> dict[str, Any]:
    """A body that would be good if it came from somebody who may."""
    about = endpoint.operation
    ids = [scene.parameters["image_id"]]
    if isinstance(about.body, JsonBody):
        known = {
            "focalPoint": {"x": 0.1, "y": 0.1}, "alias": "@taken", "aliases": {"@taken": ids[0]}, "imageIds": ids, "imageId": ids[0],
            "text": "x", "ids": ids, "into": "mine", "storageIds": [scene.parameters["storage_id"]], "title": "Taken over", "projectName": "Mine",
            "name": "Mine", "slug": "mine", "status": "completed", "kind": {"blocks": "tone", "objects": "picture"}.get(endpoint.path.rpartition("/")[2], "master"), "disabled": True, "limit": 5,
            "url": "http://203.0.113.1/", "imageUrl": "http://203.0.113.1/a.jpg", "tags": [], "category": "Film",
            "uploads": [{"storageId": scene.parameters["storage_id"], "title": "x", "category": "x", "tags": []}],
            "frames": [{}], "frameId": "none", "slot": 0, "objects": [{"id": ids[0], "x": 3}], "to": "front", "how": "rename" if endpoint.path.endswith("/tend") else "packed",
            "email": "x@example.org", "password": "x", "olderThanHours": 18, "word": "A genre of the secret", "means": "Mine", "dataUrl": "data:image/png;base64,AAAA",
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
        columns = [column for column, _, _ in dialect.columns(name) if column != "last_used_at"]
        spelt = ", ".join(f'"{column}"' for column in columns)
        found[name] = sorted(map(repr, db.database.execute_sql(f'SELECT {spelt} FROM "{name}"').fetchall()))
    return found


def ask(caller: Any, endpoint: Endpoint, scene: Scene) -> TestResponse:
    query = {}
    if endpoint.path.endswith("/search"):
        query["searchTerm"] = "Nobody"
    fields = getattr(endpoint.operation.query, "model_fields", {})
    if "imageId" in fields:
        query["imageId"] = scene.parameters["image_id"]
    if scene.parameters["ref"].startswith("@") and "project" in fields:
        query["project"] = scene.parameters["project"]
    options = body_of(endpoint, scene)
    return caller.open(scene.path(endpoint), method=endpoint.method.upper(), query_string=query, **options)
