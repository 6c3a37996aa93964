"""What is put right or recorded over HTTP: stale work, runs of machines, and the order of rows."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import FieldEvent, Generation, Image, Job
from pindeck.services.images import aliases, ledger, projects, undoing
from pindeck.services.images import history as word_history
from pindeck.services.library import filters, gallery
from pindeck.services.maintenance import repair
from tests.api.gallery import BASE, HOSTED, IMAGES, external, get, good
from tests.conftest import HTMX, Browser, ClientFor, RunJobs, count_queries
from tests.factories import fresh, make_active, make_draft, make_row, together
from tests.programs import ProgramFor, new_key, refused

# Maintenance


def test_stale_descriptions_are_given_up(owner: Browser, olga: Actor, sam: Actor) -> None:
    hour, now = 3_600_000, db.now_ms()
    old = make_row(olga, ai_status="processing", ai_started_at=now - 19 * hour)
    young = make_row(olga, ai_status="processing", ai_started_at=now - 2 * hour)
    foreign = make_row(sam, ai_status="processing", ai_started_at=now - 19 * hour)
    path = f"{BASE}/maintenance/stale-processing"
    assert good(owner.post(path)) == 1
    assert [fresh(i).ai_status for i in (old, young, foreign)] == ["failed", "processing", "processing"]
    assert good(owner.post(path, json={"olderThanHours": 1})) == 1
    soon = make_row(olga, ai_status="processing", ai_started_at=now - hour // 2)
    by_upload = make_row(olga, ai_status="processing", uploaded_at=now - 2 * hour)
    assert good(owner.post(path, json={"olderThanHours": 0})) == 1  # never less than an hour
    assert (fresh(soon).ai_status, fresh(by_upload).ai_status) == ("processing", "failed")
    for wrong in ("18", None, [], 2**60, True):
        answer = owner.post(path, json={"olderThanHours": wrong})
        assert any(name.startswith("olderThanHours") for name in refused(answer, 400, "VALIDATION_ERROR")), wrong


def test_runs_are_recorded_once(owner: Browser, olga: Actor, sam: Actor) -> None:
    by_tag = make_row(olga, tags=["generated"])
    by_source = make_row(olga, attribution="AI Generation")
    make_row(olga)
    make_row(sam, tags=["generated"])
    path = f"{BASE}/maintenance/backfill-generations"
    assert good(owner.post(path)) == {"scanned": 2, "inserted": 2, "skippedExisting": 0}
    assert good(owner.post(path, json={"limit": 2000})) == {"scanned": 2, "inserted": 0, "skippedExisting": 2}
    assert {run.output_image_id for run in Generation.select()} == {by_tag.id, by_source.id}
    assert good(owner.post(path, json={"limit": 0})) == {"scanned": 0, "inserted": 0, "skippedExisting": 0}
    assert good(owner.post(path, json={"limit": 9999}))["scanned"] == 2
    for wrong in ("5", 1.5, None):
        assert "limit" in refused(owner.post(path, json={"limit": wrong}), 400, "VALIDATION_ERROR")
    run = Generation.get(Generation.output_image_id == by_tag.id)
    assert (run.status, run.user_id, fresh(by_tag).generation_id) == ("completed", olga.user_id, run.id)


def test_runs_are_recorded_once_at_once(olga: Actor) -> None:
    for _ in range(5):
        make_row(olga, tags=["generated"])
    told: list[Any] = together(4, lambda _: repair.backfill_generations(olga, limit=400))
    assert sum(each["inserted"] for each in told) == Generation.select().count() == 5


def test_failed_uploads_are_stored_again(owner: Browser, olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    Job.delete().execute()
    Image.update(persist_status="failed", persist_error="The disk was full.").where(Image.id == image.id).execute()
    make_row(sam, persist_status="failed")
    path = f"{BASE}/maintenance/backfill-persistence"
    assert good(owner.post(path)) == {"scheduled": 1}
    run_jobs()
    assert fresh(image).persist_status == "succeeded"
    assert good(owner.post(path)) == {"scheduled": 0}
    drafts = [make_draft(olga).id for _ in range(3)]
    assert good(owner.post(path)) == {"scheduled": 0}  # their jobs wait
    Job.delete().execute()
    assert good(owner.post(path, json={"limit": 0})) == {"scheduled": 1}
    assert good(owner.post(path, json={"limit": 1000})) == {"scheduled": 2}
    run_jobs()
    assert {Image.get(Image.id == i).persist_status for i in drafts} == {"succeeded"}


def test_a_row_says_which_aliases_its_moves_released(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    image, plain = make_active(olga), make_active(olga)
    aliases.assign(olga, image.id, "@hero")
    body = {"projectName": "Blade", "imageIds": [plain.id, image.id]}
    answer = owner.put(f"{BASE}/projects/row-order", json=body)
    assert good(answer) is None and answer.headers["X-Released-Aliases"] == "@hero"
    refused(program_for(new_key("master")).get("/api/v1/images/@hero"), 404, "ALIAS_NOT_FOUND")
    assert program_for(None).get("/i/@hero").status_code == 404
    again = owner.put(f"{BASE}/projects/row-order", json={**body, "imageIds": [image.id, plain.id, image.id]})
    assert good(again) is None and "X-Released-Aliases" not in again.headers
    assert [(get(owner, i.id)["projectName"], get(owner, i.id)["projectOrder"]) for i in (plain, image)] == [
        ("Blade", 1), ("Blade", 2),
    ]  # fmt: skip
    event = ledger.latest(image.id)["project"]
    assert (event.writer, event.user_id, event.new) == ("person", olga.user_id, "Blade")


def test_a_row_is_in_the_ledger_and_taken_back_as_one(owner: Browser, olga: Actor, sam: Actor) -> None:
    one, two = make_row(olga, project="Alien", project_order=5), make_row(sam, title="Lamp")
    still = make_row(olga, project="Blade", project_order=2)
    before = fresh(still).version
    body = {"projectName": "  blade ", "imageIds": [two.id, one.id, still.id]}
    assert good(owner.put(f"{BASE}/projects/row-order", json=body)) is None
    events = {
        (event.image_id, event.field): event
        for event in FieldEvent.select().where(FieldEvent.user_id == olga.user_id)
    }
    assert {key: (event.old, event.new) for key, event in events.items()} == {
        (one.id, "project"): ("Alien", "Blade"), (one.id, "project_order"): (5, 1),
        (two.id, "project"): (None, "Blade"), (two.id, "project_order"): (None, 0),
    }  # fmt: skip
    (action,) = {event.action_id for event in events.values()}
    assert {event.writer for event in events.values()} == {"person"}
    assert (fresh(one).version, fresh(still).version) == (one.version + 1, before)
    found = {"searchTerm": "lamp", "projectName": "Blade"}
    assert good(owner.get(f"{IMAGES}/search", query_string=found))[0]["_id"] == two.id
    assert [image.id for image in gallery.list_page(olga, filters.wanted(q="blade lamp")).images] == [two.id]
    shown = [(event.label, event.old, event.new) for event in word_history.history(olga, one.id)[:2]]
    assert sorted(shown) == [("Place in the row", "6", "2"), ("Project", "Alien", "Blade")]
    page = " ".join(owner.get(f"/images/{one.id}/history").text.split())
    assert "Place in the row: <del>6</del> → <ins>2</ins>" in page
    assert set(undoing.undo(olga, action).image_ids) == {one.id, two.id}
    assert [(projects.name_of(fresh(i).project_id), fresh(i).project_order) for i in (one, two, still)] == [
        ("Alien", 5), (None, None), ("Blade", 2),
    ]  # fmt: skip
    assert gallery.list_page(olga, filters.wanted(q="blade lamp")).images == []


def test_one_place_is_put_back_from_the_history(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, project="Blade", project_order=3)
    good(owner.put(f"{BASE}/projects/row-order", json={"projectName": "Blade", "imageIds": [image.id]}))
    event = ledger.latest(image.id)["project_order"]
    assert owner.post(f"/images/{image.id}/history/{event.id}/revert", headers=HTMX).status_code == 200
    assert fresh(image).project_order == 3
    for name in ("project_order", "colors"):  # no form edits them
        assert owner.post(f"/images/{image.id}/fields/{name}", data={"value": "1"}).status_code == 404


def test_a_row_of_five_hundred_costs_hardly_more_than_one_of_fifty(owner: Browser, olga: Actor) -> None:
    with db.writing():
        made = [make_row(olga).id for _ in range(500)]
    costs = []
    for wanted, name in ((made[:50], "Alien"), (made, "Blade"), (made[::-1], "Blade")):
        with count_queries() as seen:
            good(owner.put(f"{BASE}/projects/row-order", json={"projectName": name, "imageIds": wanted}))
        costs.append(len(seen))
    few, many, again = costs
    assert few <= 30 and many <= few + 15 and again <= many, costs
    order = Image.select(Image.id).where(Image.id.in_(made)).order_by(Image.project_order)
    assert [image.id for image in order] == made[::-1]
    assert {projects.name_of(image.project_id) for image in Image.select()} == {"Blade"}


@pytest.mark.parametrize("environ", [{"METADATA_EDIT_POLICY": "owner"}])
def test_where_only_owners_edit_a_row_leaves_others_images_alone(
    owner: Browser, other: Browser, olga: Actor, sam: Actor
) -> None:
    mine, theirs = make_row(olga), make_row(sam)
    refused(other.patch(f"{IMAGES}/{mine.id}", json={"title": "x"}), 403, "FORBIDDEN")
    body = {"projectName": "Blade", "imageIds": [mine.id, theirs.id]}
    assert good(other.put(f"{BASE}/projects/row-order", json=body)) is None
    assert (fresh(mine).project_order, fresh(theirs).project_order) == (None, 1)


@pytest.mark.parametrize("body", [{"title": ""}, {"title": "  "}, {"title": None}], ids=str)
def test_a_title_cannot_be_emptied(owner: Browser, olga: Actor, body: dict[str, Any]) -> None:
    image = make_row(olga, title="Kept")
    assert set(refused(owner.patch(f"{IMAGES}/{image.id}", json=body), 400, "VALIDATION_ERROR")) == {"title"}
    assert fresh(image).title == "Kept"


def test_unknown_names_are_refused_by_name_and_nothing_is_written(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, title="Kept")
    body = {"likes": 99, "status": "broken", "uploadedBy": "x", "_id": "x", "storagePath": "x", "project": "x"}
    answer = owner.patch(f"{IMAGES}/{image.id}", json={**body, "title": "New"})
    told = refused(answer, 400, "VALIDATION_ERROR")
    assert set(told) == set(body) and set(told.values()) == {"There is no such field here."}
    found = fresh(image)
    assert (found.title, found.likes, found.status, found.user_id) == ("Kept", 0, "active", olga.user_id)
    item = {"title": "x", "imageUrl": HOSTED, "tags": [], "category": "Film"}
    assert set(refused(owner.post(IMAGES, json={**item, "desciption": "x"}), 400, "VALIDATION_ERROR")) == {
        "desciption"
    }
    for wrong, name in (
        ({"tag": []}, "tag"),
        ({"derivativeUrls": {"huge": HOSTED}}, "derivativeUrls.huge"),
        ({"derivativeStoragePaths": {"huge": "x"}}, "derivativeStoragePaths.huge"),
    ):
        assert set(refused(external(owner, **wrong), 400, "VALIDATION_ERROR")) == {name}
    upload = {"storageId": "x", "title": "x", "category": "Film", "tags": [], "fileName": "x"}
    answer = owner.post(f"{BASE}/uploads", json={"uploads": [upload]})
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"uploads.0.fileName"}
    assert Image.select().count() == 1


def test_a_trashed_image_is_gone_for_every_change(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, deleted_at=1)
    one = f"{IMAGES}/{image.id}"
    for method, path, body in [
        ("POST", f"{one}/like", None), ("POST", f"{one}/view", None), ("POST", f"{one}/approve", None),
        ("POST", f"{one}/reject", None), ("DELETE", one, None), ("PATCH", one, {"title": "x"}),
        ("PUT", f"{one}/ai-status", {"status": "failed"}),
    ]:  # fmt: skip
        refused(owner.open(path, method=method, json=body), 404, "IMAGE_NOT_FOUND")
    row = {"projectName": "Blade", "imageIds": [image.id]}
    assert good(owner.put(f"{BASE}/projects/row-order", json=row)) is None
    assert (fresh(image).views, fresh(image).project_order, fresh(image).title) == (0, None, "Untitled")


def test_what_could_not_be_stored_is_not_approved_into_the_library(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, status="pending", persist_status="failed")
    refused(owner.post(f"{IMAGES}/{image.id}/approve"), 409, "CONFLICT")
    hidden = make_row(olga, status="broken")
    refused(owner.post(f"{IMAGES}/{hidden.id}/approve"), 409, "CONFLICT")
    assert (fresh(image).status, fresh(hidden).status) == ("pending", "broken")


def test_administrators_decide_about_any_image(client_for: ClientFor, mo: Actor, olga: Actor) -> None:
    admin = client_for(mo)
    image = make_active(olga)
    assert good(admin.put(f"{IMAGES}/{image.id}/ai-status", json={"status": "failed"})) is None
    assert good(admin.patch(f"{IMAGES}/{image.id}", json={"visibility": "private"})) == {"success": True}
    assert good(admin.delete(f"{IMAGES}/{image.id}")) == {"success": True}
    assert get(admin, image.id) is None


def test_pictures_a_machine_made_lose_nothing_when_their_parent_goes(owner: Browser, olga: Actor) -> None:
    parent = make_active(olga)
    child = make_row(olga, parent_id=parent.id)
    assert get(owner, child.id)["parentImageId"] == parent.id
    assert good(owner.delete(f"{IMAGES}/{parent.id}")) == {"success": True}
    assert "parentImageId" not in get(owner, child.id)
