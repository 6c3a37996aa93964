"""Operations that change one picture: keeping, words, likes, views."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Activity, Alias, FieldEvent, Idempotency, Image, ImageColour, Job, Like
from pindeck.services.clients import api_keys
from pindeck.services.images import aliases, colours, detail, ledger, moderation, projects, publishing
from pindeck.services.images import history as word_history
from pindeck.vocabulary import GROUPS
from tests.api.gallery import BASE, HOSTED, IMAGES, external, get, good, store
from tests.conftest import Browser, ClientFor, RunJobs
from tests.factories import fresh, make_active, make_draft, make_row, public_objects, published, together
from tests.programs import Program, ProgramFor, new_key, refused


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
    five = ["#AABBCC", "#112233", "#445566", "#778899", "#000000"]
    words = {"title": "New", "tags": ["A", "b"], "colors": five, "moodboardName": "Night", "genre": None}
    assert good(other.patch(f"{IMAGES}/{image.id}", json=words)) == {"success": True}
    told = good(other.get(f"{IMAGES}/{image.id}"))
    assert (told["title"], told["tags"], told["colors"]) == ("New", ["a", "b"], [code.lower() for code in five])
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
    assert (event.old, event.new[0], len(set(event.new)), event.user_id) == (palette, "#aabbcc", 5, sam.user_id)
    assert found_by(image, "#aabbcc") and not found_by(image, palette[0])
    ledger.revert(olga, image.id, event.id)
    assert get(owner, image.id)["colors"] == palette and found_by(image, palette[0])
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"colors": None})) == {"success": True}
    assert "colors" not in get(owner, image.id) and not found_by(image, palette[0])
    shown = word_history.history(olga, image.id)[0]
    assert (shown.label, shown.old, shown.new) == ("Colours", ", ".join(palette), "")


def test_five_colours_stay_five(owner: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    codes = [f"#1020{number}0" for number in range(1, 9)]
    image = make_row(olga)
    for many in range(1, 9):
        good(owner.patch(f"{IMAGES}/{image.id}", json={"colors": codes[:many]}))
        told = get(owner, image.id)["colors"]
        assert told[:many] == codes[: min(many, 5)] and len(set(told)) == 5, many
    good(owner.patch(f"{IMAGES}/{image.id}", json={"colors": ["#102030"] * 5}))
    assert get(owner, image.id)["colors"] == ["#102030"] * 5  # five that were chosen
    uploaded = {"storageId": store(owner), "title": "x", "category": "Film", "tags": [], "colors": codes[:2]}
    for made in (
        good(external(owner, colors=codes)),
        good(owner.post(f"{BASE}/uploads", json={"uploads": [uploaded]}))[0],
    ):
        before = get(owner, made)["colors"]
        assert before[:2] == codes[:2] and len(before) == 5
        run_jobs()
        assert get(owner, made)["colors"] == before
    assert good(external(owner, imageUrl=f"{HOSTED}?2", externalId="e", colors=[])) == good(
        external(owner, imageUrl=f"{HOSTED}?3", externalId="e", colors=codes[:1])
    )
    found = Image.get(Image.external_id == "e").colors
    assert found[0] == codes[0] and len(found) == 5


def test_a_type_is_one_of_the_nine_whatever_its_case(owner: Browser, olga: Actor) -> None:
    image = make_row(olga, group="Opera")  # from a time when anything was kept
    assert get(owner, image.id)["group"] == "Opera"
    good(owner.patch(f"{IMAGES}/{image.id}", json={"title": "New"}))
    assert get(owner, image.id)["group"] == "Opera"
    told = refused(owner.patch(f"{IMAGES}/{image.id}", json={"group": "Opera"}), 400, "VALIDATION_ERROR")
    assert all(group in told["group"] for group in GROUPS)
    for text, kept in (("music  VIDEO", "Music Video"), ("tv series", "TV Series"), (None, None), ("", None)):
        good(owner.patch(f"{IMAGES}/{image.id}", json={"group": text}))
        assert get(owner, image.id).get("group") == kept
    first = FieldEvent.get((FieldEvent.field == "group") & (FieldEvent.new == "Music Video"))
    ledger.revert(olga, image.id, first.id)
    assert get(owner, image.id)["group"] == "Opera"  # what was kept may come back
    refused(external(owner, group="Opera"), 400, "VALIDATION_ERROR")
    assert get(owner, good(external(owner, group="film")))["group"] == "Film"


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


def test_a_comma_ends_a_tag_for_programs_as_for_people(owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    assert good(owner.patch(f"{IMAGES}/{image.id}", json={"tags": ["red, blue", "ﬁlm"]})) == {"success": True}
    assert good(owner.get(f"{IMAGES}/{image.id}"))["tags"] == ["red", "blue", "film"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"title": 5}, "title"), ({"title": "\u200b\u2060"}, "title"), ({"colors": ["red"]}, "colors.0"), ({"colors": ["#aabbcc"] * 101}, "colors"),
     ({"group": "Opera"}, "group"), ({"tags": "a"}, "tags"), ({"projectName": "x" * 121}, "projectName"), ({"visibility": "secret"}, "visibility")],
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


def test_rights_and_credit_are_read_and_written(owner: Browser, olga: Actor) -> None:
    image, other = make_row(olga), make_row(olga)
    path = f"{IMAGES}/{image.id}"
    assert get(owner, image.id)["rights"] == "unknown" and "credit" not in get(owner, image.id)
    assert good(owner.patch(path, json={"rights": "reference", "credit": "Roger Deakins"})) == {"success": True}
    told = get(owner, image.id)
    assert (told["rights"], told["credit"], told["source"]) == ("reference", "Roger Deakins", "Roger Deakins")
    for body, field in (({"rights": "Reference only"}, "rights"), ({"source": "A", "credit": "B"}, "credit")):
        assert field in str(refused(owner.patch(path, json=body), 400, "VALIDATION_ERROR")), body
    done = good(owner.post(f"{BASE}/bulk", json={"ids": [image.id, other.id], "set": {"rights": "cleared"}}))
    assert done["total"] == 2 and [get(owner, each.id)["rights"] for each in (image, other)] == ["cleared", "cleared"]
    assert [each["_id"] for each in good(owner.get(f"{BASE}/search?q=rights:cleared"))["data"]] == [other.id, image.id]


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
