"""The picture behind `/api/v1/images/{id}`, for the key of an extension and for people."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image as Picture
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.imaging import confined
from pindeck.models import Derivative, Image
from pindeck.services.clients import api_keys, clients
from pindeck.services.derivatives import single_flight
from pindeck.services.images import trash
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival
from pindeck.states import ImageStatus, Visibility
from tests.api.extending import IMAGES, good, send
from tests.conftest import Browser, ClientFor, RunJobs
from tests.factories import blob_of, new_photo, overwrite
from tests.programs import Program, ProgramFor, new_key, refused

SIZES = ("sm", "lg", "preview", "small", "medium", "large", "screen")


@dataclass
class Scene:
    """Extension X of olga, and what it brought."""

    key: str
    x: Program
    people: ClientFor
    u: Browser

    def upload(self, data: bytes | None = None, **photo: object) -> Image:
        actor = api_keys.actor_of(self.key)
        assert actor is not None
        staged = uploads.stage(BytesIO(data or new_photo(**photo)))
        arrival = Arrival(status=ImageStatus.ACTIVE, visibility=Visibility.PRIVATE)
        return uploads.record(actor, staged, "still.jpg", arrival).image


@pytest.fixture
def scene(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> Scene:
    single_flight._failed.clear()
    key = new_key("extension", actor=olga, identifier="x.example", install_scope="user")
    return Scene(key, program_for(key), client_for, client_for(olga))


def path(image: Image, size: str | None = None) -> str:
    return f"/api/v1/images/{image.id}" + (f"?size={size}" if size else "")


def seen(answer: TestResponse) -> Picture.Image:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "image/webp" and len(answer.data) == int(answer.headers["Content-Length"])
    return Picture.open(BytesIO(answer.data))


def test_the_full_address_answers_the_upload(scene: Scene) -> None:
    data = new_photo()
    sent = send(scene.x, data)
    listed = good(scene.x.get(IMAGES))["data"][0]
    one = good(scene.x.get(f"{IMAGES}/{sent['id']}", query_string={"specificity": "full"}))
    for address in (sent["url"], listed["url"], one["url"], f"{sent['url']}?size=full"):
        answer = scene.x.get(address, headers={"Accept": "*/*"})
        assert (answer.status_code, answer.data) == (200, data)
        assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("done", [False, True])
def test_boxes_of_300_and_700(scene: Scene, done: bool, run_jobs: RunJobs) -> None:
    image = scene.upload(size=(2000, 1000))
    if done:
        run_jobs()
    assert seen(scene.x.get(path(image, "sm"))).size == (300, 150)
    assert seen(scene.x.get(path(image, "lg"))).size == (700, 350)


def test_a_small_picture_keeps_its_size(scene: Scene) -> None:
    assert seen(scene.x.get(path(scene.upload(size=(100, 80)), "lg"))).size == (100, 80)


@pytest.mark.parametrize("done", [False, True])
def test_a_turned_picture_is_upright(scene: Scene, done: bool, run_jobs: RunJobs) -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6
    image = scene.upload(size=(400, 200), exif=exif)
    if done:
        run_jobs()
    small = seen(scene.x.get(path(image, "sm")))
    assert small.size == (150, 300) and not small.getexif()
    # The left half of the file is the lighter one, and lies on top when it is turned.
    top, bottom = (small.convert("L").getpixel((75, y)) for y in (30, 270))
    assert top > bottom + 20  # type: ignore[operator]


@pytest.mark.parametrize("size", ["huge", "", "SM", "300", "sm%00", "../sm"])
def test_an_unknown_size_is_refused(scene: Scene, size: str) -> None:
    image = scene.upload()
    answer = scene.x.get(f"/api/v1/images/{image.id}?size={size}")
    assert answer.status_code == 400, answer.data
    if size == "huge":
        refused(answer, 400, "INVALID_SIZE")


def test_nobody_unauthorised_stranger_not_found_owner_served(scene: Scene, sam: Actor) -> None:
    image = scene.upload()
    for address in (path(image), path(image, "sm")):
        refused(scene.people().get(address), 401, "UNAUTHORIZED")
        missing = refused(scene.people(sam).get(address), 404, "IMAGE_NOT_FOUND")
        assert not missing
        assert scene.u.get(address).status_code == 200
        assert scene.people().get(address.replace("/api/v1/images", "/i")).status_code == 404


def test_conditions_and_ranges(scene: Scene) -> None:
    data = new_photo(size=(600, 400))
    image = scene.upload(data)
    for address in (path(image), path(image, "lg")):
        whole = scene.x.get(address)
        etag = whole.headers["ETag"]
        assert etag == f'"{hashlib.sha256(whole.data).hexdigest()}"'
        assert whole.headers["Accept-Ranges"] == "bytes"
        again = scene.x.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        part = scene.x.get(address, headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.data) == (206, whole.data[:100])
        assert part.headers["Content-Range"] == f"bytes 0-99/{len(whole.data)}"
        beyond = scene.x.get(address, headers={"Range": "bytes=999999999-"})
        assert beyond.status_code == 416
        assert beyond.headers["Content-Range"] == f"bytes */{len(whole.data)}"
        head = scene.x.call("HEAD", address)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == str(len(whole.data))
        for odd in ("bytes=0-9,20-29", "lines=0-9", "bytes=x-9", "bytes=9-3"):
            answer = scene.x.get(address, headers={"Range": odd})
            assert (answer.status_code, answer.data) == (200, whole.data)


def test_private_and_no_sniffing(scene: Scene) -> None:
    image = scene.upload()
    for who in (scene.x, scene.u):
        for size in (None, "full", *SIZES):
            answer = who.get(path(image, size))
            assert answer.status_code == 200
            etag = answer.headers["ETag"]
            part = who.get(path(image, size), headers={"Range": "bytes=0-9"})
            same = who.get(path(image, size), headers={"If-None-Match": etag})
            assert [answer.status_code, part.status_code, same.status_code] == [200, 206, 304]
            for one in (answer, part, same):
                assert one.headers["X-Content-Type-Options"] == "nosniff"
                assert one.headers["Cache-Control"] == "private, max-age=86400"
                vary = {each.strip() for each in one.headers["Vary"].split(",")}
                assert vary >= {"Cookie", "Authorization", "X-API-Key", "Accept"}


def test_a_size_that_cannot_be_made_is_a_503_and_never_the_full_picture(scene: Scene) -> None:
    image = scene.upload()
    overwrite(blob_of(image).object_key, b"damaged")
    answer = scene.x.get(path(image, "lg"))
    refused(answer, 503, "DERIVATIVE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert Derivative.select().count() == 0


def test_a_picture_deleted_while_its_size_is_made_is_a_404(
    scene: Scene, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, real = scene.upload(), confined.make

    def late(*args: object, **options: object) -> object:
        trash.purge(olga, image.id)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(confined, "make", late)
    refused(scene.x.get(path(image, "sm")), 404, "IMAGE_NOT_FOUND")
    assert Derivative.select().count() == 0


def test_a_right_that_is_taken_away_ends_the_keys_sight_and_not_the_owners(scene: Scene, mo: Actor) -> None:
    image = scene.upload()
    assert scene.x.get(path(image, "sm")).status_code == 200
    clients.set_scopes(mo, clients.id_of("x.example"), ("images:write",))
    refused(scene.x.get(path(image, "sm")), 403, "PERMISSION_DENIED")
    assert scene.u.get(path(image, "sm")).status_code == 200


def test_what_lies_in_the_trash_is_out_of_reach_of_keys(scene: Scene, olga: Actor, sam: Actor) -> None:
    image = scene.upload()
    trash.trash(olga, image.id)
    for address in (path(image, "sm"), f"/i/{image.id}", f"/i/{image.id}?size=sm"):
        assert scene.x.get(address).status_code == 404
        assert scene.people(sam).get(address).status_code == 404
    assert scene.u.get(f"/i/{image.id}?size=sm").status_code == 200
