"""The setting of the tests of extensions: U is Olga, with extensions X and Y; V is Sam; O serves everybody."""

import base64
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.models import Client
from pindeck.services.clients import clients
from pindeck.states import Role
from tests.conftest import Browser
from tests.factories import make_active, new_photo
from tests.programs import Program, ProgramFor, new_key

BASE = "/api/v1/extension"
IMAGES = f"{BASE}/images"
OPERATOR = Actor(role=Role.ADMIN)


def good(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def send(program: Program, data: bytes | None = None, **query: str) -> dict[str, Any]:
    answer = program.post(IMAGES, data=data or new_photo(), content_type="image/jpeg", query_string=query)
    found: dict[str, Any] = good(answer, 201)
    return found


def ids(listed: dict[str, Any]) -> list[str]:
    return [image["id"] for image in listed["data"]]


def as_data_url(data: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(data).decode()


def key_x(olga: Actor) -> str:
    return new_key("extension", identifier="ext_x", install_scope="user", actor=olga, scopes=("images",))


@dataclass
class World:
    x: Program
    y: Program
    o: Program
    x1: str
    x2: str
    x3: str
    y1: str
    u1: str


def begin(x: Program, program_for: ProgramFor, olga: Actor) -> World:
    """X's x1 (c1, t1), x2 (c1) and x3, Y's y1, and u1 from the gallery."""
    y = program_for(new_key("extension", identifier="ext_y", install_scope="user", actor=olga))
    o = program_for(new_key("extension", identifier="ext_o", install_scope="operator"))
    x1 = send(x, owner_character_id="c1", owner_chat_id="t1")["id"]
    x2 = send(x, owner_character_id="c1")["id"]
    x3 = send(x)["id"]
    y1 = send(y)["id"]
    return World(x, y, o, x1, x2, x3, y1, make_active(olga).id)


def client_of(identifier: str) -> str:
    found: str = Client.get(Client.identifier == identifier).id
    return found


def change_client(admin: Browser, identifier: str, **change: Any) -> None:
    """What an administrator does over HTTP: grant and revoke scopes, disable and enable."""
    answer = admin.patch(f"/api/v1/admin/clients/{client_of(identifier)}", json=change)
    told = good(answer)["data"]
    assert {name: told[name] for name in ("identifier", "disabled")} == {
        "identifier": identifier, "disabled": change.get("disabled", False),
    }  # fmt: skip


def set_scopes(identifier: str, *scopes: str) -> None:
    clients.set_scopes(OPERATOR, client_of(identifier), scopes)
