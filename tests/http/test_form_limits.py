"""What stands around the files of a form is not gathered, and no body goes on for ever, announced or not."""

from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from itertools import chain, repeat
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.api.extensions.upload_form import CALLER
from pindeck.http import multipart
from pindeck.models import Image
from tests.api.extending import IMAGES, key_x
from tests.conftest import ClientFor
from tests.factories import new_photo, objects
from tests.programs import ProgramFor, new_key

MIB = 2**20
FORM = "multipart/form-data; boundary=b"
Send = Callable[..., Any]


class Endless(RawIOBase):
    """A body that is made while it is read, up to far more than any limit. `taken` says how much was."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.rest = b""
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.rest:
            self.rest = next(self.pieces, b"")
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        self.taken += len(piece)
        return len(piece)


def part(name: str, data: bytes = b"", filename: str | None = "a.jpg") -> bytes:
    named = f'; filename="{filename}"' if filename else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"


def comes(body: Endless, kind: str, length: int | None = None) -> dict[str, Any]:
    """As a server hands over what has no announced length, or this one."""
    announced = {} if length is None else {"CONTENT_LENGTH": str(length)}
    return {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_TYPE": kind, **announced}


def much(piece: bytes = b"x" * 65536) -> Iterator[bytes]:
    return repeat(piece, 64 * MIB // len(piece))


@pytest.fixture
def engine() -> str:
    """Nothing of this comes to a database."""
    return "sqlite"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"MAX_UPLOAD_MB": "1", "MAX_FILES_PER_UPLOAD": "3", "MAX_FILE_MB": "4", "VISION_BASE_URL": "http://127.0.0.1:9/v1"}


@pytest.fixture
def doors(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> dict[str, tuple[Send, str, str]]:
    """Every door that takes a form: who sends, its address, and what it calls a file."""
    m, x, browser = program_for(new_key()), program_for(key_x(olga)), client_for(olga)
    return {
        "page": (browser.post, "/upload", "files"),
        "dropped": (browser.post, "/colours/dropped", "picture"),
        "preview": (browser.post, "/uploads/previews", "picture"),
        "project": (m.post, "/api/v1/images/upload", "file"),
        "extension": (x.post, IMAGES, "data"),
        "batch": (x.post, f"{IMAGES}/batch", "data"),
    }


DOORS = pytest.mark.parametrize("door", ["page", "dropped", "preview", "project", "extension", "batch"])
SHAPES: dict[str, Callable[[str], Iterable[bytes]]] = {
    "a preamble": lambda name: much(),
    "a preamble of lines": lambda name: much(b"\r\n--b" + b" " * 60),
    "one header": lambda name: chain([b"--b\r\nX-Long: "], much()),
    "many headers": lambda name: chain([b"--b\r\n"], much(b"X-Many: 1\r\n" * 6000)),
    "an epilogue": lambda name: chain([part("note", b"x", None) + b"--b--\r\n"], much()),
}


@DOORS
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_no_file_is_not_gathered(door: str, shape: str, doors: dict[str, Any]) -> None:
    send, path, name = doors[door]
    body = Endless(SHAPES[shape](name))
    answer = send(path, environ_overrides=comes(body, FORM))
    assert answer.status_code == 400, answer.text
    assert body.taken < MIB
    assert Image.select().count() == 0 and not list(objects("staging/"))


@DOORS
def test_headers_that_come_all_at_once_are_too_many_as_well(door: str, doors: dict[str, Any]) -> None:
    """They are whole in one piece that was read, so the decoder never waits for more of them."""
    send, path, name = doors[door]
    most = multipart.HELD_BYTES
    for size, status in ((most // 2, None), (most + 1, 400)):
        head = part(name).replace(b"--b\r\n", b"--b\r\nX-Long: " + b"x" * size + b"\r\n").removesuffix(b"\r\n")
        data = head + new_photo() + b"\r\n--b--\r\n"
        answer = send(path, data=data, content_type=FORM)
        assert answer.status_code == status or (status is None and answer.status_code < 400), answer.text


@DOORS
def test_a_line_that_might_become_a_boundary_is_part_of_the_data(door: str, doors: dict[str, Any]) -> None:
    """Blanks may follow a boundary; so many of them are no boundary any more, and a file has its own limit."""
    send, path, name = doors[door]
    body = Endless(chain([part(name).removesuffix(b"\r\n"), b"\r\n--b"], much(b" " * 65536)))
    answer = send(path, environ_overrides=comes(body, FORM))
    assert answer.status_code in (400, 413), answer.text  # a batch that is too large in no single file just ends
    assert Image.select().count() == 0 and not list(objects("staging/"))


@pytest.mark.parametrize(
    ("door", "field", "status"),
    [
        ("page", "note", 413),
        ("project", "alias", 400),  # no field of it comes twice
        ("extension", CALLER, 413),
        ("batch", CALLER, 413),
    ],
)
def test_parts_without_end_are_refused(door: str, field: str, status: int, doors: dict[str, Any]) -> None:
    """In a field that the door takes. That there are too many is said as soon as they are."""
    send, path, _ = doors[door]
    body = Endless(much(part(field, b"@x", None) * 100))
    answer = send(path, environ_overrides=comes(body, FORM))
    assert answer.status_code == status, answer.text
    assert ("parts" if status == 413 else "twice") in answer.text
    assert body.taken < MIB


@pytest.mark.parametrize("filename", [None, "skipped.bin"])
@pytest.mark.parametrize("door", ["project", "extension", "batch"])
def test_a_field_that_a_form_has_not_is_not_read_to_its_end(
    door: str, filename: str | None, doors: dict[str, Any]
) -> None:
    send, path, _ = doors[door]
    body = Endless(chain([part("other", b"", filename).removesuffix(b"\r\n")], much()))
    answer = send(path, environ_overrides=comes(body, FORM))
    assert answer.status_code == 400 and "other" in answer.text, answer.text
    assert body.taken < MIB


@pytest.mark.parametrize(
    ("door", "field", "files"),
    [
        ("page", "other", 3),
        ("project", "file", 1),  # it passes over no part, so the end of the one file comes first
        ("extension", CALLER, 1),
        ("batch", CALLER, 100),
    ],
)
def test_a_form_has_an_end_that_follows_from_the_limits(
    door: str, field: str, files: int, doors: dict[str, Any]
) -> None:
    """Of no announced length, all in a part that the door takes or passes over."""
    send, path, _ = doors[door]
    most = files * MIB + multipart.FORM_BYTES
    body = Endless(chain([part(field, b"", "skipped.bin").removesuffix(b"\r\n")], repeat(bytes(65536), 200 * 16)))
    answer = send(path, environ_overrides=comes(body, FORM))
    assert answer.status_code == 413, answer.text
    assert body.taken <= most + MIB
    if door != "project":
        assert body.taken >= most
    announced = send(path, environ_overrides=comes(Endless(much()), FORM, most + 1))
    assert announced.status_code == 413
    assert Image.select().count() == 0 and not list(objects("staging/"))


def test_bodies_that_are_no_form_have_an_end_too(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> None:
    m, x, nobody = program_for(new_key()), program_for(key_x(olga)), program_for(None)
    ticket = m.post("/api/v1/storage/upload-url").get_json()["uploadUrl"].partition("localhost")[2]
    doors: tuple[tuple[Send, str, str, int], ...] = (
        (x.post, IMAGES, "image/png", MIB),
        (x.post, f"{IMAGES}/data-url", "application/json", 3 * MIB),
        (x.post, f"{IMAGES}/delete", "application/json", 3 * MIB),
        (nobody.post, "/api/v1/session", "application/json", 3 * MIB),
        (m.post, "/api/v1/storage", "application/octet-stream", 4 * MIB),
        (m.post, ticket or "", "application/octet-stream", 4 * MIB),
        (client_for(olga).post, "/account/name", "application/x-www-form-urlencoded", 3 * MIB),
        (client_for(olga).post, "/account/name", FORM, 3 * MIB),
    )
    for send, path, kind, most in doors:
        body = Endless(chain([b"--b\r\n"], much(b"[" * 65536)))
        answer = send(path, environ_overrides=comes(body, kind))
        assert answer.status_code in (400, 413, 422), (path, answer.status_code, answer.text)
        assert body.taken <= most + MIB, (path, body.taken)
