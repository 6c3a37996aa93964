"""Pictures that programs bring."""

from io import BytesIO
from typing import Any

import pytest

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.errors import NoSpace, Upstream
from pindeck.models import Alias, Blob, Flow, Image, StoredFile
from pindeck.services.ingest import api_uploads, uploads
from tests import invariants
from tests.api.managing import FIELDS, FLOWS, IMAGES, World, get, listed, name, new_flow, send, upload
from tests.conftest import ClientFor, RunJobs
from tests.factories import new_photo, objects, photo
from tests.programs import ProgramFor, new_key, refused

FORM = "multipart/form-data"


def nothing_is_left() -> None:
    for model in (Image, Alias, StoredFile, Blob):
        assert model.select().count() == 0, model
    assert objects() == []


def test_an_upload_is_active_unlisted_and_complete(world: World, run_jobs: RunJobs, olga: Actor) -> None:
    flow = new_flow(world.k)
    answer = send(
        world.k, name="blade_runner.jpg", alias="@Hero", flowId=flow, flowAlias="@scene", meta='{"a": {"b": [1]}}'
    )
    assert answer.status_code == 201
    image = answer.get_json()["data"]
    assert set(answer.get_json()) == {"success", "data"} and set(image) == FIELDS
    assert answer.headers["Location"] == f"{IMAGES}/{image['id']}"
    assert (image["alias"], image["flowId"], image["meta"]) == ("@Hero", flow, {"a": {"b": [1]}})
    row = Image.get()
    assert (row.status, row.visibility, row.title) == ("active", "unlisted", "blade runner")
    assert StoredFile.get().project_id == world.p
    assert get(world.k, "@scene", f"?flowId={flow}") == get(world.k, image["id"])
    run_jobs()
    assert get(world.k, image["id"]) == {**image, "updatedAt": get(world.k, image["id"])["updatedAt"]}
    invariants.check()


def test_an_upload_takes_a_name_over(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    two = upload(world.k, alias="@hero")
    assert two["alias"] == "@hero"
    assert get(world.k, one)["alias"] is None
    assert get(world.k, "@hero")["id"] == two["id"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"just some words", 415, "UNSUPPORTED_FILE_TYPE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "UNSUPPORTED_FILE_TYPE"),
        (photo(format="PNG")[:60], 422, "IMAGE_UNDECODABLE"),
        (b"", 400, "EMPTY_IMAGE"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, status: int, code: str, world: World) -> None:
    form = {"file": (BytesIO(data), "x.png", "image/png"), "alias": "@hero"}
    refused(world.k.post(f"{IMAGES}/upload", data=form, content_type=FORM), status, code)
    assert listed(world.k, "?includeDeleted=true") == []
    nothing_is_left()


@pytest.mark.parametrize(
    "meta",
    ["{", "", "[]", '"x"', "5", "null", '{"a": NaN}', "[" * 100_000, '{"a": "' + "x" * 17000 + '"}', "x" * 200_000],
)
def test_bad_metadata_leaves_nothing(meta: str, world: World) -> None:
    for form in (
        {"meta": meta, "alias": "@hero", "file": (BytesIO(new_photo()), "a.jpg")},
        {"file": (BytesIO(new_photo()), "a.jpg"), "alias": "@hero", "meta": meta},
    ):
        answer = world.k.post(f"{IMAGES}/upload", data=form, content_type=FORM)
        assert "meta" in refused(answer, 400, "VALIDATION_ERROR")
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    nothing_is_left()


def test_orientation_is_applied(world: World) -> None:
    from PIL import Image as Picture

    exif = Picture.Exif()
    exif[0x0112] = 6
    image = upload(world.k, photo(size=(400, 300), exif=exif))
    assert (image["width"], image["height"]) == (300, 400)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"alias": "hero"}, "alias"), ({"alias": ""}, "alias"), ({"alias": "@last"}, "alias"),
        ({"flowId": "x"}, "flowId"), ({"flowAlias": "@a"}, "flowAlias"),
        ({"flowId": db.new_id(), "flowAlias": "a"}, "flowAlias"), ({"flowId": "null", "flowAlias": "@a"}, "flowAlias"),
        ({"alias": ["@a", "@b"]}, "alias"), ({"alias": b"@\xff"}, "alias"),
    ],
)  # fmt: skip
def test_fields_are_checked_before_and_after_the_file(fields: dict[str, Any], field: str, world: World) -> None:
    for form in (
        {**fields, "file": (BytesIO(new_photo()), "a.jpg")},
        {"file": (BytesIO(new_photo()), "a.jpg"), **fields},
    ):
        answer = world.k.post(f"{IMAGES}/upload", data=form, content_type=FORM)
        assert field in refused(answer, 400, "VALIDATION_ERROR")
    nothing_is_left()


def test_absent_and_null_flows_are_alike(world: World) -> None:
    for flow in ("", "null"):
        assert upload(world.k, flowId=flow)["flowId"] is None


def test_a_flow_must_be_there_and_of_the_project(world: World) -> None:
    for flow in (db.new_id(), new_flow(world.l)):
        refused(send(world.k, flowId=flow, alias="@hero"), 404, "FLOW_NOT_FOUND")
    nothing_is_left()


def test_a_flow_that_goes_during_the_upload_is_not_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = new_flow(world.k)
    real = uploads.record

    def late(*args: Any, **options: Any) -> Any:
        Flow.delete().where(Flow.id == flow).execute()
        return real(*args, **options)

    monkeypatch.setattr(api_uploads.uploads, "record", late)
    refused(send(world.k, flowId=flow), 404, "FLOW_NOT_FOUND")
    nothing_is_left()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n', b"\x00" * 100,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff',
        b'--x\r\nContent-Disposition: form-data; name="other"; filename="a.jpg"\r\n\r\nabc\r\n--x--\r\n',
    ],
)  # fmt: skip
def test_forms_without_a_whole_file_are_refused(body: bytes, world: World) -> None:
    answer = world.k.post(f"{IMAGES}/upload", data=body, content_type=f"{FORM}; boundary=x")
    refused(answer, 400, "VALIDATION_ERROR")
    nothing_is_left()


def test_other_bodies_and_two_files_are_refused(world: World) -> None:
    for kind in ("application/json", FORM, "", "image/jpeg"):
        refused(world.k.post(f"{IMAGES}/upload", data=b"{}", content_type=kind), 400, "VALIDATION_ERROR")
    form = {"file": [(BytesIO(new_photo()), "a.jpg"), (BytesIO(new_photo()), "b.jpg")]}
    assert "file" in refused(world.k.post(f"{IMAGES}/upload", data=form, content_type=FORM), 400, "VALIDATION_ERROR")
    nothing_is_left()


class TestTooLarge:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"MAX_UPLOAD_MB": "1"}

    @pytest.mark.parametrize("size", [2**20 + 1, 5 * 2**20])
    def test_a_file_that_is_too_large_is_refused(self, size: int, world: World) -> None:
        refused(send(world.k, new_photo().ljust(size, b"\x00"), alias="@hero"), 413, "FILE_TOO_LARGE")
        nothing_is_left()


@pytest.mark.parametrize(("error", "status"), [(Upstream("away"), 503), (NoSpace("full"), 507)])
def test_without_the_store_there_is_no_record(
    error: Exception, status: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(type(storage.current()), "put", refuse)
    refused(send(world.k, alias="@hero"), status, error.code)  # type: ignore[attr-defined]
    nothing_is_left()


def test_master_keys_and_people_choose_the_project(
    world: World, program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor
) -> None:
    master = program_for(new_key("master"))
    assert upload(master, query="?project=p", alias="@hero")["projectId"] == world.p
    assert upload(master, flowId=new_flow(world.k))["projectId"] == world.p
    assert get(world.k, "@hero")
    mine = send(client_for(olga), query="?project=p")  # type: ignore[arg-type]
    assert mine.get_json()["data"]["projectId"] == world.p
    assert Image.get(Image.id == mine.get_json()["data"]["id"]).user_id == olga.user_id
    before = Image.select().count()
    refused(send(world.k, query="?project=q"), 404, "PROJECT_NOT_FOUND")
    refused(send(client_for(gus)), 403, "FORBIDDEN")  # type: ignore[arg-type]
    refused(send(client_for(None)), 401, "UNAUTHORIZED")  # type: ignore[arg-type]
    assert Image.select().count() == before


def test_a_flow_alias_moves_to_the_new_image(world: World) -> None:
    flow = new_flow(world.k)
    first = upload(world.k, flowId=flow, flowAlias="@scene")["id"]
    second = upload(world.k, flowId=flow, flowAlias="@Scene")["id"]
    found = world.k.get(f"{FLOWS}/{flow}").get_json()["data"]
    assert (found["aliases"], found["imageCount"]) == ({"@Scene": second}, 2)
    name(world.k, first, "@scene")
    assert get(world.k, "@scene")["id"] == first


@pytest.mark.parametrize("field", ["alais", "Alias", "file2", "flow_id", ""])
def test_a_field_that_the_form_has_not_is_refused_by_name(field: str, world: World) -> None:
    """A word that is passed over is believed to have been heeded. Also where it is a file, before the picture or after it."""
    for value in ("@hero", (BytesIO(new_photo()), "b.jpg")):
        for order in (1, -1):
            form = dict([(field, value), ("file", (BytesIO(new_photo()), "a.jpg"))][::order])
            answer = world.k.post(f"{IMAGES}/upload", data=form, content_type="multipart/form-data")
            assert refused(answer, 400, "VALIDATION_ERROR") == {field or "body": "There is no such field here."}
            value = value if isinstance(value, str) else (BytesIO(new_photo()), "b.jpg")
    nothing_is_left()
