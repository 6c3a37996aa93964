"""Looking at the library: lists, search, one image, groups and categories, one's own work."""

import re

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import detail, ledger, search_words
from pindeck.services.library import facets
from pindeck.vocabulary import CATEGORIES, GROUPS
from tests.api.gallery import ALWAYS, BASE, IMAGES, OWNERS, SOMETIMES, get, good, ids
from tests.conftest import Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import add_copies, fresh, make_active, make_draft, make_row, row_of
from tests.programs import Program, ProgramFor, new_key, refused


def test_the_record_has_the_documented_fields_and_types(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, mo: Actor, olga: Actor, sam: Actor
) -> None:
    parent = make_active(sam)
    image = make_active(
        olga, description="Rain", sref="--sref 1", group="Film", genre="Noir", shot="Wide Shot", style="16mm",
        project="Blade", moodboard="Night", unique_tag="BR-1", source="A credit",
    )  # fmt: skip
    Image.update(parent_id=parent.id, project_order=2, source_url="https://x.org/a", external_id="e1").where(
        Image.id == image.id
    ).execute()
    ledger.edit(olga, image.id, "light_from", "contre-jour, rim")
    told = good(owner.get(f"{IMAGES}/{image.id}"))
    assert told["craft"] == {"lightFrom": ["Backlight", "Rim Light"]}  # not the size that follows from the shot
    known = {**ALWAYS, **SOMETIMES, **OWNERS}
    assert set(ALWAYS) <= set(told) <= set(known)
    for name, value in told.items():
        assert isinstance(value, known[name]), name
    assert set(known) - set(told) == {"importBatchId", "sourceId", "storagePersistError", "storageId"}
    assert set(good(client_for(mo).get(f"{IMAGES}/{image.id}"))) == set(told)
    for stranger in (other, visitor):
        seen = good(stranger.get(f"{IMAGES}/{image.id}"))
        assert set(seen) == set(told) - set(OWNERS)
        assert "media-uploads" not in str(seen)
    key = told["storagePath"]
    assert key.startswith("media-uploads/") and "/original/" in key
    assert re.fullmatch(r"media-uploads/.*/preview/.*-preview\.webp", told["previewStoragePath"])
    assert set(told["derivativeStoragePaths"]) == {"small", "medium", "large"}
    assert (told["_creationTime"], told["createdAt"]) == (image.created_at, image.created_at)
    assert told["imageUrl"].endswith(f"/i/{image.id}") and told["imageUrl"].startswith("http")
    assert told["previewUrl"] == told["imageUrl"] + "?size=preview"
    assert told["derivativeUrls"] == {s: f"{told['imageUrl']}?size={s}" for s in ("small", "medium", "large")}
    assert (told["storageProvider"], told["storagePersistStatus"]) == ("filesystem", "succeeded")
    assert told["nextcloudPersistStatus"] == told["storagePersistStatus"]
    for path in (told["imageUrl"], told["previewUrl"], *told["derivativeUrls"].values()):
        assert owner.get(re.sub(r"^https?://[^/]+", "", path)).status_code == 200


def test_a_new_record_says_staging_and_only_its_owner_reads_where_it_lies(
    owner: Browser, other: Browser, visitor: Program, olga: Actor, run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    told = good(owner.get(f"{IMAGES}/{image.id}"))
    assert (told["storageProvider"], told["storagePersistStatus"]) == ("staging", "pending")
    assert told["storageId"] == image.file_id and "storagePath" not in told
    assert told["previewUrl"] == told["imageUrl"] and "derivativeUrls" not in told and "colors" not in told
    assert owner.get(re.sub(r"^https?://[^/]+", "", told["previewUrl"])).status_code == 200
    assert good(other.get(f"{IMAGES}/{image.id}")) is None
    run_jobs()
    good(owner.post(f"{BASE}/uploads/finalize", json={"imageIds": [image.id]}))
    for stranger in (other, visitor):
        seen = good(stranger.get(f"{IMAGES}/{image.id}"))
        assert not {"storageId", "storagePath"} & set(seen)
    assert "storageId" not in good(owner.get(f"{IMAGES}/{image.id}"))


def test_the_list_is_newest_first_with_exact_filters(visitor: Program, olga: Actor) -> None:
    first = make_row(olga, category="Film", group="Film")
    second = make_row(olga, category="Film", group="Commercial")
    third = make_row(olga, category="Art", group="Film")
    make_row(olga, status="draft")
    make_row(olga, visibility="unlisted")
    make_row(olga, visibility="private")
    make_row(olga, deleted_at=1)
    listed = good(visitor.get(IMAGES))
    assert isinstance(listed, list) and ids(listed) == [third.id, second.id, first.id]
    assert all(image["isLiked"] is False for image in listed)
    assert ids(good(visitor.get(IMAGES, query_string={"category": "Film"}))) == [second.id, first.id]
    assert ids(good(visitor.get(IMAGES, query_string={"category": "Film", "group": "Film"}))) == [first.id]
    assert good(visitor.get(IMAGES, query_string={"category": "film"})) == []


def test_limits_of_the_list(visitor: Program, olga: Actor) -> None:
    first = make_row(olga)
    changes = [{"id": db.new_id()} for _ in range(1002)]
    add_copies(Image, {**row_of(first), "file": None, "external_url": "https://x.example/"}, changes)
    made = [first.id, *(each["id"] for each in changes)][::-1]
    assert ids(good(visitor.get(IMAGES))) == made[:50]
    assert len(good(visitor.get(IMAGES, query_string={"limit": 0}))) == 50
    for limit in (1000, 1001, 2**40):
        assert ids(good(visitor.get(IMAGES, query_string={"limit": limit}))) == made[:1000]
    assert ids(good(visitor.get(IMAGES, query_string={"limit": 3, "offset": 2}))) == made[2:5]
    assert good(visitor.get(IMAGES, query_string={"offset": 1003})) == []
    for name in ("limit", "offset"):
        for wrong in ("-1", "x", "1.5", "9" * 300):
            assert name in refused(visitor.get(IMAGES, query_string={name: wrong}), 400, "VALIDATION_ERROR")


def test_a_list_costs_the_same_for_more_images(owner: Browser, olga: Actor) -> None:
    for title in ("One", "Two"):
        make_row(olga, title=title, project=title)
    owner.get(IMAGES)
    with count_queries() as few:
        owner.get(IMAGES)
    for number in range(30):
        make_row(olga, project=f"P{number}", tags=["a", "b"])
    with count_queries() as many:
        assert len(good(owner.get(IMAGES))) == 32
    assert len(few) == len(many)


def test_likes_are_the_callers_own(owner: Browser, other: Browser, visitor: Program, olga: Actor) -> None:
    image = make_row(olga)
    assert good(owner.post(f"{IMAGES}/{image.id}/like")) is True
    assert good(owner.get(f"{IMAGES}/{image.id}"))["isLiked"] is True
    assert good(owner.get(IMAGES))[0]["isLiked"] is True
    for stranger in (other, visitor):
        assert good(stranger.get(IMAGES))[0]["isLiked"] is False
    assert good(owner.post(f"{IMAGES}/{image.id}/like")) is False
    assert fresh(image).likes == 0


def test_search_finds_titles_the_closest_first(visitor: Program, olga: Actor) -> None:
    long = make_row(olga, title="Neon alley in the rain at night")
    short = make_row(olga, title="Neon alley", category="Film")
    accents = make_row(olga, title="Néon Alley!")
    make_row(olga, title="Alley", description="neon")
    make_row(olga, title="Neon alley draft", status="draft")
    found = good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": "neon ALL"}))
    assert ids(found) == [accents.id, short.id, long.id]
    only = good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": "neon", "category": "Film"}))
    assert ids(only) == [short.id]
    for term in ("", "   ", "!!", '" OR 1=1 --', "a" * 500):
        assert good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": term})) == []
    assert "searchTerm" in refused(visitor.get(f"{IMAGES}/search"), 400, "VALIDATION_ERROR")


def test_search_answers_fifty_at_most(visitor: Program, olga: Actor) -> None:
    for number in range(55):
        make_row(olga, title=f"Neon {number}")
    assert len(good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": "neon"}))) == 50


def test_a_missing_or_hidden_image_is_null(owner: Browser, other: Browser, visitor: Program, olga: Actor) -> None:
    draft, private = make_row(olga, status="draft"), make_row(olga, visibility="private")
    trashed = make_row(olga, deleted_at=1)
    for image_id in (draft.id, private.id):
        assert good(owner.get(f"{IMAGES}/{image_id}"))["_id"] == image_id
        for stranger in (other, visitor):
            assert good(stranger.get(f"{IMAGES}/{image_id}")) is None
    for image_id in (trashed.id, db.new_id(), "x", "é"):
        assert good(owner.get(f"{IMAGES}/{image_id}")) is None


def test_groups_and_categories(visitor: Program, olga: Actor) -> None:
    assert good(visitor.get(f"{BASE}/groups")) == list(GROUPS) and len(GROUPS) == 9
    assert good(visitor.get(f"{BASE}/categories")) == sorted(CATEGORIES, key=str.casefold)
    make_row(olga, category="Zoology")
    make_row(olga, category="animals")
    found = good(visitor.get(f"{BASE}/categories"))
    assert found == sorted({*CATEGORIES, "Zoology", "animals"}, key=str.casefold)


def test_categories_of_ones_own_drafts_are_offered_to_their_owner(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor,
    gus: Actor, mo: Actor,
) -> None:  # fmt: skip
    make_draft(olga, category="Neon")
    make_row(olga, category="Fog", status="pending")
    make_row(olga, category="Sand", visibility="private", project="Blade")
    make_row(olga, category="Gone", deleted_at=1)
    make_row(olga, category="Open")
    here = f"{BASE}/categories"
    own = {"Fog", "Neon", "Open", "Sand"}
    key, wall = (new_key(kind, project="Blade", actor=olga) for kind in ("master", "project"))
    known = {"Fog", "Gone", "Neon", "Open", "Sand"}
    for caller, offered in (
        (owner, own), (other, {"Open"}), (visitor, {"Open"}), (client_for(gus), {"Open"}), (client_for(mo), {"Open"}),
        (program_for(key), own), (program_for(wall), {"Sand"}), (program_for(new_key("master")), {"Open"}),
    ):  # fmt: skip
        assert {name for name in good(caller.get(here)) if name in known} == offered
    refused(program_for("pd_m_wrong").get(here), 401, "UNAUTHORIZED")
    assert set(facets.categories(olga)) & known == {"Open"}  # a filter offers what it finds
    editor = {field.name: field.options for field in detail.fields_of(olga, make_row(olga))}
    assert set(editor["category"]) & known == own


def test_addresses_lie_at_the_cdn_for_what_anybody_may_see(
    owner: Browser, visitor: Program, program_for: ProgramFor, olga: Actor, change_settings: ChangeSettings
) -> None:
    key = program_for(new_key("master", actor=olga))
    public, unlisted = make_active(olga), make_row(olga, visibility="unlisted")
    hidden = [make_row(olga, visibility="private"), make_row(olga, status="draft")]
    here = "http://localhost"
    change_settings(cdn_base_url="https://cdn.example.net/pins", allowed_hosts="")

    def told(image: Image) -> set[str]:
        """Every address of the picture, as the library and the operations of images tell it."""
        one = get(owner, image.id)
        managed = good(key.get(f"/api/v1/images/{image.id}"))["data"]
        found = {one["imageUrl"], one["previewUrl"], *one["derivativeUrls"].values(), managed["storageUrl"]}
        return {re.sub(r"\?size=\w+$", "", address) for address in found}

    for image in (public, unlisted):
        assert told(image) == {f"https://cdn.example.net/pins/i/{image.id}"}
    for image in hidden:
        assert told(image) == {f"{here}/i/{image.id}"}
    listed = good(key.get("/api/v1/images?limit=100"))["data"]
    assert {one["storageUrl"] for one in listed} == {
        f"https://cdn.example.net/pins/i/{image.id}" for image in (public, unlisted)
    }
    assert good(visitor.get(IMAGES))[0]["imageUrl"] == f"https://cdn.example.net/pins/i/{public.id}"
    good(key.delete(f"/api/v1/images/{unlisted.id}?mode=trash"))
    (trashed,) = [
        one for one in good(key.get("/api/v1/images?includeDeleted=true"))["data"] if one["id"] == unlisted.id
    ]
    assert trashed["storageUrl"] == f"{here}/i/{unlisted.id}"
    change_settings(public_library=False)
    assert told(public) == {f"{here}/i/{public.id}"}
    change_settings(public_library=True, cdn_base_url="")
    assert told(public) == {f"{here}/i/{public.id}"}


def test_own_work_in_progress(owner: Browser, other: Browser, olga: Actor, sam: Actor) -> None:
    hour = 3_600_000
    drafts = [make_row(olga, status="draft").id for _ in range(2)]
    waiting = make_row(olga, status="pending", ai_status="queued").id
    now = db.now_ms()
    recent = make_row(olga, ai_status="processing", ai_started_at=now - 17 * hour).id
    fallback = make_row(olga, ai_status="processing", uploaded_at=now - hour).id
    make_row(olga, ai_status="processing", ai_started_at=now - 19 * hour)
    make_row(sam, status="draft")
    Image.update(ai_status="completed").where(Image.id.in_([*drafts])).execute()
    assert ids(good(owner.get(f"{IMAGES}/drafts"))) == drafts[::-1]
    assert ids(good(owner.get(f"{IMAGES}/pending"))) == [waiting]
    assert ids(good(owner.get(f"{IMAGES}/processing"))) == [fallback, recent]
    assert len(good(other.get(f"{IMAGES}/drafts"))) == 1 and good(other.get(f"{IMAGES}/pending")) == []


def test_one_list_of_titles_is_searched_alike_on_both_engines(visitor: Program, olga: Actor) -> None:
    """The list of titles with expected ids that both engines answer alike."""
    titles = {
        n: make_row(olga, title=t).id
        for n, t in enumerate(["Straße", "STRASSE bei Nacht", "o’clock", "100 %", "日本"])
    }
    expected = {
        "strasse": [0, 1],
        "clock": [2],
        "o'clock": [2],
        "100": [3],
        "日本": [4],
        "nacht str": [1],
        "stra": [0, 1],
    }
    for term, wanted in expected.items():
        found = ids(good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": term})))
        assert found == [titles[n] for n in wanted], term
    assert search_words.tokens("Straße") == ["strasse"]


def test_a_project_shows_its_unlisted_images_to_whoever_works_in_it(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, program_for: ProgramFor, gus: Actor,
    olga: Actor,
) -> None:  # fmt: skip
    lists, unlisted = make_row(olga, project="Blade"), make_row(olga, project="Blade", visibility="unlisted")
    make_row(olga, project="Blade", visibility="private")
    make_row(olga, project="Blade", visibility="unlisted", status="draft")
    make_row(olga, project="Blade", visibility="unlisted", deleted_at=1)
    make_row(olga, title="Elsewhere", visibility="unlisted")
    named = {"projectName": "  blade "}
    for path, query in ((IMAGES, named), (f"{IMAGES}/search", {**named, "searchTerm": "untitled"})):
        key = program_for(new_key(project="Blade"))
        for curator in (owner, other, key):
            assert ids(good(curator.get(path, query_string=query))) == [unlisted.id, lists.id]
        for stranger in (visitor, client_for(gus)):
            assert ids(good(stranger.get(path, query_string=query))) == [lists.id]
        outside = program_for(new_key(project="Another"))
        assert good(outside.get(path, query_string=query)) == []
        assert good(owner.get(path, query_string={**query, "projectName": "No such"})) == []
    assert ids(good(owner.get(IMAGES))) == [lists.id]


@pytest.mark.parametrize(
    "query",
    [{"category": "\x00"}, {"group": "x" * 501}, {"limit": "1e3"}, {"offset": "-1"}, {"limit": str(2**70)},
     {"projectName": "a\x00"}],
    ids=str,
)  # fmt: skip
def test_filters_that_cannot_be_are_named(visitor: Program, query: dict[str, str]) -> None:
    details = refused(visitor.get(IMAGES, query_string=query), 400, "VALIDATION_ERROR")
    assert set(details) == set(query)


def test_a_page_of_ones_own_costs_the_same_for_more_images(owner: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    for number in range(2):
        make_draft(olga, title=f"Draft {number}", project=f"P{number}")
    run_jobs()
    owner.get(f"{IMAGES}/drafts")
    with count_queries() as few:
        owner.get(f"{IMAGES}/drafts")
    for number in range(6):
        make_draft(olga, title=f"More {number}", project=f"Q{number}")
    run_jobs()
    with count_queries() as many:
        told = good(owner.get(f"{IMAGES}/drafts"))
    assert len(told) == 8 and all("storagePath" in image for image in told)
    assert len(few) == len(many) <= 10


def test_only_the_newest_two_thousand_hits_are_ranked(
    visitor: Program, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pindeck.services.library import sorting

    monkeypatch.setattr(sorting, "RANKED", 3)
    oldest = make_row(olga, title="Neon")
    newer = [make_row(olga, title=f"Neon light {n}").id for n in range(3)]
    found = ids(good(visitor.get(f"{IMAGES}/search", query_string={"searchTerm": "neon"})))
    assert found == newer[::-1] and oldest.id not in found


def test_attribution_and_origin(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    image = make_row(olga, origin="ai", attribution="AI Generation")
    told = get(owner, image.id)
    assert (told["source"], told["sourceType"]) == ("AI Generation", "ai")
    key = program_for(new_key("master"))
    assert good(key.get(f"/api/v1/images/{image.id}?format=json"))["data"]["source"] == "generated"
