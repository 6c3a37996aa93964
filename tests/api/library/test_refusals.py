"""Who may use the library: visitors, guests, other people, and keys within their scopes and project."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Activity, Client, FieldEvent, Image, Like
from pindeck.services.images import projects
from tests.api.gallery import BASE, HOSTED, IMAGES, external, good, ids, store
from tests.conftest import Browser, ClientFor, RunJobs
from tests.factories import fresh, make_draft, make_row
from tests.programs import Program, ProgramFor, new_key, refused

OWN = [("GET", f"{IMAGES}/{kind}", None) for kind in ("drafts", "pending", "processing")]


def changes(image_id: str) -> list[tuple[str, str, Any]]:
    one = f"{IMAGES}/{image_id}"
    return [
        ("POST", IMAGES, {"title": "x", "imageUrl": HOSTED, "tags": [], "category": "Film"}),
        ("POST", f"{IMAGES}/external", {"title": "x", "imageUrl": HOSTED}),
        ("POST", f"{BASE}/upload-url", None),
        ("POST", f"{BASE}/uploads", {"uploads": [{"storageId": "x", "title": "x", "category": "x", "tags": []}]}),
        ("POST", f"{BASE}/uploads/finalize", {"imageIds": [image_id]}),
        ("POST", f"{one}/like", None),
        ("POST", f"{one}/view", None),
        ("POST", f"{one}/approve", None),
        ("POST", f"{one}/reject", None),
        ("DELETE", one, None),
        ("PATCH", one, {"title": "Taken"}),
        ("PUT", f"{one}/ai-status", {"status": "failed"}),
        ("PUT", f"{BASE}/projects/row-order", {"projectName": "x", "imageIds": [image_id]}),
        ("POST", f"{BASE}/maintenance/stale-processing", None),
        ("POST", f"{BASE}/maintenance/backfill-generations", None),
        ("POST", f"{BASE}/maintenance/backfill-persistence", None),
    ]


def test_without_a_credential_nothing_of_ones_own(visitor: Program, olga: Actor) -> None:
    image = make_row(olga)
    for method, path, body in [*OWN, *changes(image.id)]:
        refused(visitor.call(method, path, json=body), 401, "UNAUTHORIZED")
    assert Image.select().count() == 1 and fresh(image).title == "Untitled"


def test_a_key_bound_to_nobody_needs_a_person(program_for: ProgramFor, olga: Actor) -> None:
    image = make_row(olga, status="active")
    key = program_for(new_key("master"))
    for method, path, body in [*OWN, *changes(image.id)]:
        answer = key.call(method, path, json=body)
        assert answer.status_code in (403, 404), (method, path, answer.text)
        if answer.status_code == 403:
            assert answer.json["error"]["code"] in ("USER_REQUIRED", "FORBIDDEN"), (path, answer.text)
    assert good(key.get(IMAGES))[0]["_id"] == image.id
    assert Image.select().count() == 1 and fresh(image).title == "Untitled"


def test_a_bound_key_acts_as_its_person_within_scopes_and_project(
    program_for: ProgramFor, olga: Actor, run_jobs: RunJobs
) -> None:
    projects.find_or_create("Blade")
    inside, outside = make_row(olga, project="Blade"), make_row(olga)
    key = program_for(new_key(project="Blade", actor=olga))
    assert ids(good(key.get(IMAGES))) == [inside.id]
    assert good(key.get(f"{IMAGES}/{outside.id}")) is None
    assert good(key.post(f"{IMAGES}/{inside.id}/like")) is True
    assert Like.get().user_id == olga.user_id
    assert good(key.patch(f"{IMAGES}/{inside.id}", json={"title": "New"})) == {"success": True}
    refused(key.patch(f"{IMAGES}/{outside.id}", json={"title": "New"}), 404, "IMAGE_NOT_FOUND")
    refused(key.patch(f"{IMAGES}/{inside.id}", json={"projectName": "Other"}), 403, "FORBIDDEN")
    made = good(external(key))
    assert projects.name_of(Image.get(Image.id == made).project_id) == "Blade"
    item = {"storageId": store(key), "title": "x", "category": "Film", "tags": [], "projectName": "Other"}
    (draft,) = good(key.post(f"{BASE}/uploads", json={"uploads": [item]}))
    assert projects.name_of(Image.get(Image.id == draft).project_id) == "Blade"
    assert ids(good(key.get(f"{IMAGES}/drafts"))) == [draft]
    reader = program_for(new_key(project="Blade", actor=olga, scopes=("images:read",)))
    for method, path, body in changes(inside.id):
        refused(reader.call(method, path, json=body), 403, "FORBIDDEN")
    assert ids(good(reader.get(f"{IMAGES}/drafts"))) == [draft]


def test_what_a_key_does_is_noted_with_its_client(program_for: ProgramFor, olga: Actor) -> None:
    key = program_for(new_key("master", actor=olga))
    draft = make_draft(olga)
    good(key.post(f"{BASE}/uploads/finalize", json={"imageIds": [draft.id]}))
    good(key.patch(f"{IMAGES}/{draft.id}", json={"visibility": "private"}))
    good(key.put(f"{BASE}/projects/row-order", json={"projectName": "Blade", "imageIds": [draft.id]}))
    client = Client.get(Client.kind == "master").id
    verbs = ("image.publish", "image.visibility", "project.order")
    noted = {row.verb: (row.client_id, row.user_id) for row in Activity.select() if row.verb in verbs}
    assert noted == dict.fromkeys(verbs, (client, olga.user_id))
    events = FieldEvent.select().where(
        FieldEvent.field.in_(("project", "project_order")) & (FieldEvent.writer == "person")
    )
    assert {(event.client_id, event.user_id) for event in events} == {(client, olga.user_id)}


def test_guests_look_and_change_nothing(client_for: ClientFor, gus: Actor, olga: Actor) -> None:
    image = make_row(olga)
    guest = client_for(gus)
    assert ids(good(guest.get(IMAGES))) == [image.id]
    for method, path, body in changes(image.id)[:13]:
        answer = guest.open(path, method=method, json=body)
        assert answer.status_code in (200, 403, 404), (path, answer.text)
    assert fresh(image).title == "Untitled" and fresh(image).likes == 0 and Image.select().count() == 1


@pytest.mark.parametrize("environ", [{"PUBLIC_LIBRARY": "0"}])
def test_a_private_library_shows_nothing_to_visitors(visitor: Program, owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    for path in (
        IMAGES,
        f"{IMAGES}/search?searchTerm=a",
        f"{IMAGES}/{image.id}",
        f"{BASE}/groups",
        f"{BASE}/categories",
    ):
        refused(visitor.get(path), 401, "UNAUTHORIZED")
    assert ids(good(owner.get(IMAGES))) == [image.id]


def test_another_persons_key_decides_nothing_though_its_surface_could(
    program_for: ProgramFor, olga: Actor, sam: Actor
) -> None:
    """In the library a key is its person; an operation of images deletes for the project."""
    image = make_row(olga, project="Blade")
    key = program_for(new_key(project="Blade", actor=sam))
    for method, path in (
        ("DELETE", f"{IMAGES}/{image.id}"),
        ("POST", f"{IMAGES}/{image.id}/reject"),
        ("POST", f"{IMAGES}/{image.id}/approve"),
    ):
        refused(key.call(method, path), 403, "FORBIDDEN")
    refused(key.put(f"{IMAGES}/{image.id}/ai-status", json={"status": "failed"}), 404, "IMAGE_NOT_FOUND")
    refused(key.patch(f"{IMAGES}/{image.id}", json={"visibility": "private"}), 403, "FORBIDDEN")
    assert good(key.patch(f"{IMAGES}/{image.id}", json={"title": "New"})) == {"success": True}
    assert fresh(image).visibility == "library"


def test_each_operation_asks_for_its_own_scope(program_for: ProgramFor, olga: Actor) -> None:
    image = make_row(olga, status="pending")
    deleter = program_for(new_key("master", actor=olga, scopes=("images:read", "images:delete")))
    writer = program_for(new_key("master", actor=olga, scopes=("images:read", "images:write")))
    refused(writer.delete(f"{IMAGES}/{image.id}"), 403, "FORBIDDEN")
    refused(writer.post(f"{IMAGES}/{image.id}/reject"), 403, "FORBIDDEN")
    refused(deleter.post(f"{IMAGES}/{image.id}/approve"), 403, "FORBIDDEN")
    assert good(deleter.post(f"{IMAGES}/{image.id}/reject")) is None
    assert Image.select().count() == 0
    nothing = program_for(new_key("master", actor=olga, scopes=("storage:read",)))
    for path in (IMAGES, f"{IMAGES}/{image.id}", f"{IMAGES}/drafts", f"{BASE}/groups"):
        refused(nothing.get(path), 403, "FORBIDDEN")


def test_extensions_knock_at_the_wrong_door(program_for: ProgramFor, olga: Actor) -> None:
    image = make_row(olga)
    key = program_for(new_key("extension", identifier="ext", install_scope="user", actor=olga))
    for method, path, body in [*OWN, *changes(image.id), ("GET", IMAGES, None)]:
        assert "wrong kind" in str(key.call(method, path, json=body).json), path
    assert fresh(image).title == "Untitled"


def test_a_session_sends_its_token(client_for: ClientFor, olga: Actor) -> None:
    image = make_row(olga)
    page = client_for(olga, csrf=False)
    for method, path, body in changes(image.id):
        assert page.open(path, method=method, json=body).status_code in (400, 403), path
    assert (fresh(image).title, fresh(image).likes, fresh(image).views) == ("Untitled", 0, 0)


@pytest.mark.parametrize("image_id", ["x" * 3000, "é%00", "%F0%9F%98%80", "..%2f..%2fetc", "0" * 36, "null"])
def test_odd_ids_are_ids_of_nothing(owner: Browser, image_id: str) -> None:
    for method, path, body in changes(image_id)[5:12]:
        assert owner.open(path, method=method, json=body).status_code == 404, path
    answer = owner.get(f"{IMAGES}/{image_id}")
    assert answer.status_code == 404 or good(answer) is None
