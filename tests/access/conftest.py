"""A table of images with one row for every state there is, and the actors that may ask for them."""

import itertools
from dataclasses import dataclass

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.access.scopes import SCOPES
from pindeck.config import Settings
from pindeck.models import Blob, Client, Image, Project, StoredFile, User
from pindeck.services.images.projects import DEFAULT_ID
from pindeck.states import ClientKind, ImageStatus, Role, Visibility

OWNERS = {"olga": Role.CURATOR, "sam": Role.CURATOR, "mo": Role.ADMIN, "gus": Role.GUEST}
MAKERS = {"master": None, "walled": "secret", "extension": None}
PROJECTS = (DEFAULT_ID, "secret")


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@dataclass(frozen=True)
class EveryState:
    """Images in every state, with the file of each or None, and files that no image uses."""

    images: list[Image]
    files: dict[str, StoredFile]
    loose: list[StoredFile]

    def file_of(self, image: Image) -> StoredFile | None:
        return self.files.get(image.file_id or "")


@pytest.fixture
def every_state(database: Settings) -> EveryState:
    now = db.now_ms()
    for name, role in OWNERS.items():
        User.create(id=name, email=f"{name}@example.org", password_hash="none", name=name, role=role, created_at=now)
    Project.create(id="secret", slug="secret", name="Secret", name_key="secret", created_at=now)
    for kind, project in MAKERS.items():
        real = ClientKind.PROJECT if kind == "walled" else ClientKind(kind)
        scope = "operator" if kind == "extension" else None
        Client.create(id=kind, kind=real, identifier=kind, project=project, install_scope=scope, created_at=now)
    Blob.create(id="blob", sha256="0" * 64, size=1, bucket="b", object_key="k", created_at=now)
    holders = list(itertools.product((None, *OWNERS), (None, *MAKERS), (None, *PROJECTS)))
    files = [
        {
            "id": f"f{number:04}",
            "file_key": f"key{number}",
            "blob": "blob",
            "user": user,
            "client": client,
            "project": project,
            "purpose": "image",
            "created_at": now,
        }
        for number, (user, client, project) in zip(range(900), itertools.cycle(holders), strict=False)
    ]
    states = itertools.product(
        ImageStatus, Visibility, (None, now), ("olga", "sam", "mo", "gus"), (None, *MAKERS), PROJECTS
    )
    images = [
        {
            "id": f"i{number:04}",
            "status": status,
            "visibility": visibility,
            "deleted_at": deleted_at,
            "user": user,
            "client": client,
            "project": project,
            # Every seventh has no file of ours; the step of the others meets all kinds of holders.
            "file": None if number % 7 == 0 else files[number]["id"],
            "external_url": "https://example.org/",
            "created_at": now,
            "updated_at": now,
        }
        for number, (status, visibility, deleted_at, user, client, project) in enumerate(states)
    ]
    with db.writing():
        for rows, model in ((files, StoredFile), (images, Image)):
            for start in range(0, len(rows), 50):
                model.insert_many(rows[start : start + 50]).execute()
    kept = {file.id: file for file in StoredFile.select()}
    used = {row["file"] for row in images}
    return EveryState(list(Image.select()), kept, [file for name, file in kept.items() if name not in used])


def people() -> list[Actor]:
    return [VISITOR, *(Actor(name, role, name) for name, role in OWNERS.items())]


def programs() -> list[Actor]:
    """Each kind of client, for nobody and for each kind of person, with all scopes and with those for reading."""
    found = []
    for (client, project), (user, role) in itertools.product(MAKERS.items(), ((None, None), *OWNERS.items())):
        kind = ClientKind.PROJECT if client == "walled" else ClientKind(client)
        for scopes in (SCOPES, ("images:read", "storage:read")):
            found.append(
                Actor(user, role, client_id=client, client_kind=kind, project_id=project, scopes=frozenset(scopes))
            )
    return found
