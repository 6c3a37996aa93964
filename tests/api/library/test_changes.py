"""Changing the library: likes, views, approval, words, order, deletion, maintenance."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Activity, Alias, FieldEvent, Generation, Idempotency, Image, ImageColour, Job, Like
from pindeck.services.clients import api_keys
from pindeck.services.images import aliases, colours, detail, ledger, moderation, projects, publishing, undoing
from pindeck.services.images import history as word_history
from pindeck.services.library import filters, gallery
from pindeck.services.maintenance import repair
from tests.api.conftest import Program, ProgramFor, new_key, refused
from tests.api.gallery import BASE, IMAGES, get, good
from tests.conftest import HTMX, Browser, ClientFor, RunJobs, count_queries
from tests.factories import fresh, make_active, make_draft, make_row, public_objects, published, together


@pytest.mark.parametrize("environ", [{}, {"PINTEREST_MODERATED": "0"}], ids=["moderated", "open"])
@pytest.mark.parametrize(
    ("origin", "ai", "kept"),
    [("discord", "queued", ("draft", "draft")), ("discord", "completed", ("draft", "draft")),
     ("pinterest", "queued", ("draft", "active")), ("pinterest", "completed", ("active", "active")),
     ("pinterest", "failed", ("active", "active")), ("ai", "queued", ("active", "active")),
     ("upload", "completed", ("active", "active"))],
)  # fmt: skip
def test_what_a_kept_picture_becomes(
    owner: Browser, olga: Actor, environ: dict[str, str], origin: str, ai: str, kept: tuple[str, str]
) -> None:
    image = make_row(olga, status="pending", origin=origin, ai_status=ai)
    for _ in range(2):  # twice changes nothing
        assert good(owner.post(f"{IMAGES}/{image.id}/approve")) is None
        assert fresh(image).status == kept["PINTEREST_MODERATED" in environ]
    assert Activity.select().where(Activity.verb == "image.approve").count() == 1


def test_approving(owner: Browser, other: Browser, client_for: ClientFor, mo: Actor, olga: Actor) -> None:
    pin = make_row(olga, status="pending", origin="pinterest", ai_status="queued")
    plain = make_row(olga, status="pending", ai_status="queued")
    refused(other.post(f"{IMAGES}/{plain.id}/approve"), 404, "IMAGE_NOT_FOUND")
    for _ in range(2):
        assert good(owner.post(f"{IMAGES}/{plain.id}/approve")) is None
        assert good(client_for(mo).post(f"{IMAGES}/{pin.id}/approve")) is None
    assert (fresh(plain).status, fresh(plain).ai_status) == ("active", "processing")
    assert (fresh(pin).status, fresh(pin).ai_status) == ("draft", "processing")
    assert {job.image_id for job in Job.select().where(Job.kind == "analyse")} == {plain.id, pin.id}
    active = make_row(olga)
    refused(other.post(f"{IMAGES}/{active.id}/approve"), 403, "FORBIDDEN")


def test_rejecting_and_removing_are_final(owner: Browser, other: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    waiting, active = make_draft(olga), make_active(olga)
    refused(other.post(f"{IMAGES}/{active.id}/reject"), 403, "FORBIDDEN")
    answer = other.delete(f"{IMAGES}/{active.id}")
    refused(answer, 403, "FORBIDDEN")
    assert answer.json["error"]["message"] == "Not authorized to delete this image"
    assert good(owner.post(f"{IMAGES}/{waiting.id}/reject")) is None
    assert good(owner.delete(f"{IMAGES}/{active.id}")) == {"success": True}
    refused(owner.delete(f"{IMAGES}/{active.id}"), 404, "IMAGE_NOT_FOUND")
    refused(owner.post(f"{IMAGES}/{waiting.id}/reject"), 404, "IMAGE_NOT_FOUND")
    run_jobs(include_later=True)
    assert Image.select().count() == 0


def test_only_what_is_named_is_written(owner: Browser, other: Browser, olga: Actor) -> None:
    image = make_active(olga, description="Rain", group="Film")
    words = {"title": "New", "tags": ["A", "b"], "colors": ["#AABBCC"], "moodboardName": "Night", "genre": None}
    assert good(other.patch(f"{IMAGES}/{image.id}", json=words)) == {"success": True}
    told = good(other.get(f"{IMAGES}/{image.id}"))
    assert (told["title"], told["tags"], told["colors"]) == ("New", ["a", "b"], ["#aabbcc"])
    assert (told["description"], told["group"], told["moodboardName"]) == ("Rain", "Film", "Night")
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"description": None})) == {"success": True}
    assert "description" not in good(owner.get(f"{IMAGES}/{image.id}"))
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={})) == {"success": True}
    history = {event.field for event in ledger.latest(image.id).values() if event.user_id}
    assert history == {"title", "tags", "moodboard", "description", "group", "colors"}


def test_colours_can_be_put_back_and_cleared(owner: Browser, other: Browser, olga: Actor, sam: Actor) -> None:
    image = make_active(olga)
    palette = fresh(image).colors
    assert good(other.patch(f"{IMAGES}/{image.id}", json={"colors": ["#AABBCC"]})) == {"success": True}
    event = ledger.latest(image.id)["colors"]
    assert (event.old, event.new, event.user_id) == (palette, ["#aabbcc"], sam.user_id)
    assert found_by(image, "#aabbcc") and not found_by(image, palette[0])
    ledger.revert(olga, image.id, event.id)
    assert get(owner, image.id)["colors"] == palette and found_by(image, palette[0])
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"colors": None})) == {"success": True}
    assert "colors" not in get(owner, image.id) and not found_by(image, palette[0])
    shown = word_history.history(olga, image.id)[0]
    assert (shown.label, shown.old, shown.new) == ("Colours", ", ".join(palette), "")


def found_by(image: Image, code: str) -> bool:
    """Whether the image is kept under this colour."""
    cell = colours.wanted_cell(code)
    return ImageColour.select().where((ImageColour.seq == image.seq) & (ImageColour.cell == cell)).exists()


def test_a_correction_is_one_transaction(
    owner: Browser, olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = make_active(olga, title="Kept")

    def fails(*_: Any) -> None:
        raise Conflict("It was changed in this moment.")

    body = {"title": "New", "colors": [], "visibility": "private"}
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "withdraw_many", fails)
        refused(owner.patch(f"{IMAGES}/{image.id}", json=body), 409, "CONFLICT")
    assert (fresh(image).title, fresh(image).visibility, fresh(image).version) == ("Kept", "library", image.version)
    assert public_objects() == published(image) and fresh(image).colors
    assert good(owner.patch(f"{IMAGES}/{image.id}", json=body)) == {"success": True}
    assert public_objects() == []  # before the answer
    noted = Activity.get(Activity.verb == "image.visibility").detail
    assert noted == {"before": "library", "to": "private"}


@pytest.mark.parametrize(
    ("body", "field"),
    [({"title": 5}, "title"), ({"colors": ["red"]}, "colors.0"), ({"colors": ["#aabbcc"] * 11}, "colors"),
     ({"tags": "a"}, "tags"), ({"projectName": "x" * 121}, "projectName"), ({"visibility": "secret"}, "visibility")],
)  # fmt: skip
def test_wrong_words_change_nothing(owner: Browser, olga: Actor, body: dict[str, Any], field: str) -> None:
    image = make_row(olga, title="Kept")
    details = refused(owner.patch(f"{IMAGES}/{image.id}", json={"title": "New", **body}), 400, "VALIDATION_ERROR")
    assert field in details
    assert fresh(image).title == "Kept"


def test_a_unique_id_that_is_taken(owner: Browser, olga: Actor) -> None:
    make_row(olga, unique_tag="BR-1")
    image = make_row(olga)
    refused(owner.patch(f"{IMAGES}/{image.id}", json={"uniqueId": "BR-1", "title": "New"}), 409, "CONFLICT")
    assert fresh(image).title == "Untitled"


def test_visibility_is_the_owners(owner: Browser, other: Browser, visitor: Program, olga: Actor) -> None:
    image = make_active(olga)
    refused(other.patch(f"{IMAGES}/{image.id}", json={"visibility": "private", "title": "x"}), 403, "FORBIDDEN")
    assert fresh(image).title != "x"
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"visibility": "private"})) == {"success": True}
    assert good(visitor.get(f"{IMAGES}/{image.id}")) is None
    refused(other.patch(f"{IMAGES}/{image.id}", json={"title": "x"}), 404, "IMAGE_NOT_FOUND")


def test_a_move_names_the_alias_it_released(owner: Browser, olga: Actor) -> None:
    image = make_active(olga)
    aliases.assign(olga, image.id, "@hero")
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"projectName": "Blade"})) == {
        "success": True,
        "releasedAlias": "@hero",
    }
    assert Alias.select().count() == 0


def test_ai_status_is_set_by_the_owner(owner: Browser, other: Browser, olga: Actor) -> None:
    image = make_row(olga, ai_status="processing")
    refused(other.put(f"{IMAGES}/{image.id}/ai-status", json={"status": "failed"}), 404, "IMAGE_NOT_FOUND")
    for status in ("failed", "completed"):
        assert good(owner.put(f"{IMAGES}/{image.id}/ai-status", json={"status": status})) is None
        assert fresh(image).ai_status == status
    answer = owner.put(f"{IMAGES}/{image.id}/ai-status", json={"status": "queued"})
    assert "status" in refused(answer, 400, "VALIDATION_ERROR")


def test_a_project_row_has_an_order(owner: Browser, olga: Actor, sam: Actor) -> None:
    one, two, hidden = make_row(olga), make_row(sam), make_row(sam, visibility="private")
    body = {"projectName": "Blade", "imageIds": [two.id, db.new_id(), hidden.id, one.id, "x"]}
    assert good(owner.put(f"{BASE}/projects/row-order", json=body)) is None
    assert [(projects.name_of(fresh(i).project_id), fresh(i).project_order) for i in (two, one, hidden)] == [
        ("Blade", 0), ("Blade", 3), (None, None),
    ]  # fmt: skip
    too_many = {"projectName": "Blade", "imageIds": ["x"] * 501}
    assert "imageIds" in refused(owner.put(f"{BASE}/projects/row-order", json=too_many), 400, "VALIDATION_ERROR")
    nameless = {"projectName": "", "imageIds": []}
    refused(owner.put(f"{BASE}/projects/row-order", json=nameless), 400, "VALIDATION_ERROR")


def test_a_view_counts_once_for_a_session_and_never_for_visitors(
    visitor: Program, owner: Browser, client_for: ClientFor, gus: Actor, olga: Actor
) -> None:
    image, draft = make_row(olga), make_row(olga, status="draft")
    guest = client_for(gus)
    for caller in (owner, owner, client_for(olga), guest, guest):
        assert good(caller.post(f"{IMAGES}/{image.id}/view")) is None
    assert owner.get(f"/images/{image.id}").status_code == 200  # the page counts the same session
    for image_id in (image.id, draft.id, "missing"):
        refused(visitor.post(f"{IMAGES}/{image_id}/view"), 401, "UNAUTHORIZED")
    for image_id in (draft.id, "missing"):
        refused(guest.post(f"{IMAGES}/{image_id}/view"), 404, "IMAGE_NOT_FOUND")
    assert (fresh(image).views, fresh(draft).views) == (3, 0)


def test_keys_count_views_with_scope_and_person(program_for: ProgramFor, olga: Actor) -> None:
    image = make_row(olga)
    path = f"{IMAGES}/{image.id}/view"
    refused(program_for(new_key("master")).post(path), 403, "USER_REQUIRED")
    refused(program_for(new_key("master", actor=olga, scopes=("images:read",))).post(path), 403, "FORBIDDEN")
    projects.find_or_create("Blade")
    refused(program_for(new_key(project="Blade", actor=olga)).post(path), 404, "IMAGE_NOT_FOUND")
    one, another = (program_for(new_key("master", actor=olga)) for _ in range(2))
    for key in (one, one, another):
        assert good(key.post(path)) is None
    assert fresh(image).views == 2  # once for a key
    Idempotency.update(created_at=db.now_ms() - 25 * 3_600_000).execute()
    assert good(one.post(path)) is None and fresh(image).views == 3  # and day


def test_views_of_a_key_at_once_are_one(olga: Actor) -> None:
    image = make_row(olga)
    actor = api_keys.actor_of(new_key("master", actor=olga))
    assert actor
    assert together(4, lambda _: moderation.count_view(actor, image.id)) == [None] * 4
    assert fresh(image).views == 1


def test_parallel_likes_end_in_rows_that_match(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    told: list[Any] = together(4, lambda n: [detail.toggle_like((olga, sam)[n % 2], image.id) for _ in range(5)])
    assert all(isinstance(each, list) for each in told), told
    assert fresh(image).likes == Like.select().where(Like.image_id == image.id).count() == 0


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


def test_unknown_names_are_ignored_and_nothing_else_can_be_written(owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    body = {"likes": 99, "status": "broken", "uploadedBy": "x", "_id": "x", "storagePath": "x", "title": "New"}
    assert good(owner.patch(f"{IMAGES}/{image.id}", json=body)) == {"success": True}
    found = fresh(image)
    assert (found.title, found.likes, found.status, found.user_id) == ("New", 0, "active", olga.user_id)


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
