"""Curation over the API: copies, likeness, places, many at once, tags. The pages use the same services."""

from collections.abc import Iterator
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Alias, BoardImage, Image, NotTwin, TagRule
from pindeck.queue import asking
from pindeck.services.actions import log
from pindeck.services.boards import boards
from pindeck.services.images import aliases, ledger, moderation
from tests.api.gallery import good
from tests.conftest import Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import fresh, make_active, make_draft, make_row, new_photo, photo
from tests.programs import Program, ProgramFor, new_key, refused
from tests.runtime.test_index import BLUE, RED, Answering
from tests.services.images.test_twins import copy, group

API = "/api/v1"
LIBRARY = f"{API}/library"


@pytest.fixture
def reader(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(new_key("master", actor=olga, scopes=("images:read",)))


def undo(caller: Any, action_id: str) -> None:
    good(caller.post(f"{API}/actions/{action_id}/undo"))


def test_copies_are_listed_merged_told_apart_and_taken_back(owner: Browser, other: Browser, reader: Program, client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    large, small = make_active(olga, copy(3), title="Alley"), make_active(olga, copy(3, quality=30))
    make_active(olga, copy(8))
    group()
    (found,) = good(owner.get(f"{LIBRARY}/duplicates"))["data"]
    assert {each["id"] for each in found["images"]} == {large.id, small.id} and found["best"] in (large.id, small.id)
    assert all(each["mayGo"] and each["mayStay"] for each in found["images"]) and found["exact"] is False
    assert [(each["id"], each["images"][0]["mayGo"]) for each in good(reader.get(f"{LIBRARY}/duplicates"))["data"]] == [(found["id"], False)]
    part = f"{LIBRARY}/duplicates/{found['id']}/part"
    merge = {"keep": large.id, "ids": [small.id]}
    for caller, status in ((reader, 403), (client_for(gus), 403), (client_for(None), 401)):
        assert caller.post(part, json={"ids": [small.id]}).status_code == status
        assert caller.post(f"{LIBRARY}/merge", json=merge).status_code == status
    assert other.post(f"{LIBRARY}/merge", json=merge).status_code == 403 and not fresh(small).is_trashed
    merged = good(owner.post(f"{LIBRARY}/merge", json=merge))
    assert fresh(small).is_trashed and merged["released"] == [] and good(owner.get(f"{LIBRARY}/duplicates"))["data"] == []
    refused(owner.post(f"{LIBRARY}/merge", json=merge), 404, "IMAGE_NOT_FOUND")
    undo(owner, merged["id"])
    assert not fresh(small).is_trashed
    parted = good(owner.post(part, json={"ids": [small.id]}))
    assert NotTwin.select().count() == 1 and good(owner.get(f"{LIBRARY}/duplicates"))["data"] == []
    refused(owner.post(part, json={"ids": [small.id]}), 404, "NOT_FOUND")
    undo(owner, parted["id"])
    assert NotTwin.select().count() == 0
    for wrong, field in (({"keep": large.id, "ids": [large.id]}, "ids"), ({"keep": "x", "ids": [small.id]}, "keep"), ({"keep": large.id, "ids": []}, "ids")):
        assert field in refused(owner.post(f"{LIBRARY}/merge", json=wrong), 400, "VALIDATION_ERROR")


@pytest.fixture
def index(database: object) -> Iterator[None]:
    before = asking._asker
    yield
    asking.bind(before)


def test_images_are_found_by_colours_and_by_likeness(owner: Browser, visitor: Program, olga: Actor, sam: Actor, index: None, change_settings: ChangeSettings) -> None:
    red, blue = make_active(olga, photo(RED)), make_active(sam, photo(BLUE))
    hidden = make_draft(sam, photo(RED, mark="other"))
    asking.bind(Answering())  # type: ignore[arg-type]

    def found(caller: Any, address: str, **query: Any) -> list[str]:
        return [each["_id"] for each in good(caller.get(f"{LIBRARY}/{address}", query_string=query))["data"]]

    for caller in (owner, visitor):
        assert found(caller, "colours", colours="c41822~9@90") == [red.id]
        assert found(caller, "colours", colours="#c41822,1e3cbe") == [] == found(caller, "colours", colours="c41822", without="c41822")
        assert found(caller, f"images/{red.id}/similar", words=0) == [blue.id]
        assert good(caller.get(f"{LIBRARY}/images/{red.id}/colours"))[0]["share"] is not None
        for address in ("similar", "colours"):
            refused(caller.get(f"{LIBRARY}/images/{hidden.id}/{address}"), 404, "IMAGE_NOT_FOUND")
    assert found(owner, "colours") == []
    first = good(owner.get(f"{LIBRARY}/images/{red.id}/similar", query_string={"limit": 1, "palette": 0, "light": 0, "edges": 3}))
    assert [each["_id"] for each in first["data"]] == [blue.id] and first["nextCursor"] is None
    for address, field in (
        ("colours?colours=red", "colours"), ("colours?colours=c41822~90", "colours"), ("colours?colours=c41822&without=x", "without"),
        ("colours?colours=c41822&cursor=x", "cursor"), (f"images/{red.id}/similar?light=4", "light"),
        (f"images/{red.id}/similar?meaning=1", "meaning"),
    ):  # fmt: skip
        assert field in refused(owner.get(f"{LIBRARY}/{address}"), 400, "VALIDATION_ERROR"), address
    change_settings(embeddings_base_url="http://127.0.0.1:9/v1", embeddings_model="good")
    assert found(owner, f"images/{red.id}/similar", meaning=3) == [blue.id]
    asking.bind(None)
    away = owner.get(f"{LIBRARY}/colours?colours=c41822")
    refused(away, 503, "INDEX_AWAY")
    assert away.headers["Retry-After"] == "5"


def test_places_have_counts_rows_and_other_names(
    owner: Browser, other: Browser, reader: Program, visitor: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    one, two = (make_row(olga, title=title, project="Alien") for title in ("One", "Two"))
    three, hidden = make_row(sam, title="Three", project="Blade"), make_row(sam, project="Secret", visibility="private")
    good(owner.put(f"{LIBRARY}/projects/row-order", json={"projectName": "Alien", "imageIds": [two.id, one.id]}))
    for caller in (owner, reader, visitor):
        told = good(caller.get(f"{LIBRARY}/projects"))["data"]
        assert [(each["slug"], each["imageCount"], each["cover"]) for each in told] == [("alien", 2, two.id), ("blade", 1, three.id)]
        people = good(caller.get(f"{LIBRARY}/people"))["data"]
        assert [(each["name"], each["imageCount"]) for each in people] == [("Olga", 2), ("Sam", 1)]
        refused(caller.get(f"{LIBRARY}/projects/secret/images"), 404, "PROJECT_NOT_FOUND")
    page = good(owner.get(f"{LIBRARY}/projects", query_string={"limit": 1}))
    assert [each["slug"] for each in good(owner.get(f"{LIBRARY}/projects", query_string={"cursor": page["nextCursor"]}))["data"]] == ["blade"]
    row = f"{LIBRARY}/projects/alien/images"

    def order() -> list[str]:
        first = good(owner.get(row, query_string={"limit": 2}))
        rest = good(owner.get(row, query_string={"cursor": first["nextCursor"]}))["data"] if first["nextCursor"] else []
        return [each["imageId"] for each in (*first["data"], *rest)]

    assert order() == [two.id, one.id]
    aliases.assign(sam, three.id, "@hero")
    move = {"ids": [three.id], "before": one.id}
    assert refused(owner.post(row, json=move), 409, "RELEASES_ALIASES")["aliases"] == ["@hero"]
    moved = good(owner.post(row, json={**move, "confirmed": True}))
    assert moved["released"] == ["@hero"] and order() == [two.id, three.id, one.id]
    undo(owner, moved["id"])
    assert order() == [two.id, one.id] and aliases.of_image(three.id) == "@hero"
    assert good(owner.post(row, json={"ids": [one.id]}))["id"] is None
    refused(owner.post(row, json={"ids": [hidden.id]}), 404, "IMAGE_NOT_FOUND")
    for caller, status in ((reader, 403), (client_for(gus), 403), (visitor, 401)):
        for method, address, body in (("post", row, move), ("patch", f"{API}/projects/alien", {"name": "X"}), ("post", f"{API}/projects/alien/merge", {"into": "blade"})):
            assert getattr(caller, method)(address, json=body).status_code == status
    wall = program_for(new_key("project", project="Alien", actor=olga))
    refused(wall.patch(f"{API}/projects/alien", json={"name": "X"}), 403, "FORBIDDEN")
    assert [each["slug"] for each in good(wall.get(f"{LIBRARY}/projects"))["data"]] == ["alien"]
    assert good(owner.patch(f"{API}/projects/alien", json={"name": "Aliens"}))["data"] == {"id": fresh(one).project_id, "name": "Aliens", "slug": "alien"}
    assert "name" in refused(owner.patch(f"{API}/projects/alien", json={"name": " "}), 400, "VALIDATION_ERROR")
    assert refused(owner.patch(f"{API}/projects/alien", json={"name": "Blade"}), 409, "CONFLICT")
    refused(owner.patch(f"{API}/projects/secret", json={"name": "Mine"}), 404, "PROJECT_NOT_FOUND")
    refused(owner.post(f"{API}/projects/blade/merge", json={"into": "alien"}), 409, "RELEASES_ALIASES")
    merged = good(owner.post(f"{API}/projects/blade/merge", json={"into": "alien", "confirmed": True}))
    assert fresh(three).project_id == fresh(one).project_id and merged["status"] == "done"
    undo(owner, merged["id"])
    assert fresh(three).project_id != fresh(one).project_id
    refused(owner.post(f"{API}/projects/blade/merge", json={"into": "nothing"}), 404, "PROJECT_NOT_FOUND")


@pytest.mark.parametrize("part", [1, 250])
def test_a_change_of_many_names_the_aliases_that_its_moves_release_before_and_after(
    owner: Browser, olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    ids = [make_row(olga, project=project).id for project in ("Blade", "Alien")]
    for image_id, name in zip(ids, ("@hero", "@queen"), strict=True):
        aliases.assign(olga, image_id, name)
    monkeypatch.setattr(log, "PART", part)
    body = {"ids": ids, "set": {"projectName": "Alien"}}
    assert good(owner.post(f"{LIBRARY}/bulk", json={**body, "dryRun": True}))["plan"]["released"] == ["@hero"]
    done = good(owner.post(f"{LIBRARY}/bulk", json=body), 200 if part > 1 else 202)
    run_jobs()
    assert (done["status"], done["released"]) == ("done" if part > 1 else "running", ["@hero"])
    assert [alias.name for alias in Alias.select()] == ["queen"]


def test_many_are_changed_as_one_action_after_a_dry_run(
    owner: Browser, olga: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    rain = [make_row(olga, title=f"Rain {n}", tags=["rain"]) for n in range(3)]
    make_row(olga, title="Sun")
    make_row(sam, title="Hidden", tags=["rain"], visibility="private")
    body = {"query": "tag:rain", "set": {"genre": "Noir"}, "add": {"tags": ["night"]}}
    before = [fresh(image).version for image in rain]
    foreseen = good(owner.post(f"{LIBRARY}/bulk", json={**body, "dryRun": True}))
    assert (foreseen["id"], foreseen["total"], foreseen["refused"]) == (None, 3, 0)
    assert {(each["field"], each["does"], each["changes"]) for each in foreseen["plan"]["fields"]} == {("Genre", "becomes “Noir”", 3), ("Tags", "add “night”", 3)}
    assert [fresh(image).version for image in rain] == before
    ledger.edit(sam, rain[0].id, "genre", "Drama")
    done = good(owner.post(f"{LIBRARY}/bulk", json={**body, "since": foreseen["plan"]["seen"]}))
    assert (done["status"], done["total"], done["refused"]) == ("done", 3, 1)
    assert [fresh(image).genre for image in rain] == ["Drama", "Noir", "Noir"] and "night" in ledger.tags_of(rain[1].id)
    assert good(owner.get(f"{API}/actions/{done['id']}"))["refused"] == 1
    undo(owner, done["id"])
    assert [fresh(image).genre for image in rain] == ["Drama", None, None] and "night" not in ledger.tags_of(rain[1].id)
    ids = [image.id for image in rain]
    good(owner.post(f"{LIBRARY}/bulk", json={"ids": ids, "set": {"tags": ["fog"]}}))
    assert "rain" not in ledger.tags_of(ids[0]) and "fog" in ledger.tags_of(ids[0])
    good(owner.post(f"{LIBRARY}/bulk", json={"ids": ids, "remove": {"tags": ["fog"]}}))
    assert "fog" not in ledger.tags_of(ids[0])
    board, _ = boards.create(olga, name="Night ride")
    put = good(owner.post(f"{LIBRARY}/bulk", json={"ids": ids, "add": {"boards": [board.id]}}))
    assert put["total"] == 3 == BoardImage.select().count()
    good(owner.post(f"{LIBRARY}/bulk", json={"ids": ids[:1], "remove": {"boards": [board.id]}}))
    assert BoardImage.select().count() == 2
    measured = make_active(olga, new_photo())
    ledger.write(measured.id, {"colors": ["#000000"]}, ledger.person(olga))
    written = fresh(measured).colors
    again = good(owner.post(f"{LIBRARY}/bulk", json={"ids": [measured.id, *ids], "palette": "again"}))
    assert fresh(measured).colors == measured.colors != written and (again["status"], again["total"]) == ("done", 4)
    undo(owner, again["id"])
    assert fresh(measured).colors == written
    refused(owner.post(f"{LIBRARY}/bulk", json={"ids": ids, "palette": "once"}), 400, "VALIDATION_ERROR")
    monkeypatch.setattr(log, "PART", 2)
    gone = owner.post(f"{LIBRARY}/bulk", json={"ids": ids, "status": "trashed"})
    assert (gone.status_code, gone.json["status"]) == (202, "running")
    run_jobs()
    told = good(owner.get(f"{API}/actions/{gone.json['id']}"))
    assert (told["status"], told["done"], told["refused"]) == ("done", 3, 0) and all(fresh(image).is_trashed for image in rain)


def test_many_of_others_are_refused_and_wrong_words_are_named(
    owner: Browser, other: Browser, reader: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor, sam: Actor, gus: Actor, change_settings: Any
) -> None:
    mine, theirs, hidden = make_row(olga), make_row(sam), make_row(sam, visibility="private")
    body = {"ids": [mine.id, theirs.id, hidden.id], "set": {"genre": "Noir"}}
    for caller, status in ((reader, 403), (client_for(gus), 403), (client_for(None), 401), (program_for("pdk_wrong"), 401)):
        for more in ({}, {"dryRun": True}):
            assert caller.post(f"{LIBRARY}/bulk", json={**body, **more}).status_code == status
    change_settings(metadata_edit_policy="owner")
    assert good(owner.post(f"{LIBRARY}/bulk", json={**body, "dryRun": True}))["refused"] == 2
    done = good(owner.post(f"{LIBRARY}/bulk", json=body))
    assert (done["total"], done["refused"]) == (1, 2) and [fresh(each).genre for each in (mine, theirs, hidden)] == ["Noir", None, None]
    refused(owner.post(f"{LIBRARY}/bulk", json={**body, "ids": [hidden.id]}), 404, "IMAGE_NOT_FOUND")
    wall = program_for(new_key("project", project="Elsewhere", actor=olga))
    refused(wall.post(f"{LIBRARY}/bulk", json=body), 404, "IMAGE_NOT_FOUND")
    writer = program_for(new_key("master", actor=olga, scopes=("images:read", "images:write"), identifier="writer"))
    refused(writer.post(f"{LIBRARY}/bulk", json={"ids": [mine.id], "status": "trashed"}), 403, "FORBIDDEN")
    before = Action.select().count()
    for wrong, field in (
        ({"set": {"genre": "x"}}, "ids"), ({"ids": [mine.id]}, "body"), ({"ids": [mine.id], "query": "x", "set": {"genre": "x"}}, "body"),
        ({"query": "rain (tag:", "set": {"genre": "x"}}, "query"), ({"query": " ", "set": {"genre": "x"}}, "ids"), ({"ids": [mine.id], "set": {"uniqueId": "x"}}, "uniqueId"),
        ({"ids": [mine.id], "set": {"genre": "x" * 401}}, "set.genre"), ({"ids": [mine.id], "add": {"tags": ["a"]}, "remove": {"tags": ["b"]}}, "body"),
        ({"ids": [mine.id], "status": "trashed", "dryRun": True}, "body"), ({"ids": [], "set": {"genre": "x"}}, "ids"),
    ):  # fmt: skip
        assert field in refused(owner.post(f"{LIBRARY}/bulk", json=wrong), 400, "VALIDATION_ERROR"), wrong
    refused(owner.post(f"{LIBRARY}/bulk", json={"ids": [mine.id], "add": {"boards": [mine.id]}}), 404, "BOARD_NOT_FOUND")
    assert Action.select().count() == before
    make_row(olga, title="Rain")
    with count_queries() as few:
        good(owner.post(f"{LIBRARY}/bulk", json={"all": True, "set": {"genre": "A"}, "dryRun": True}))
    for _ in range(20):
        make_row(olga, title="Rain")
    with count_queries() as many:
        good(owner.post(f"{LIBRARY}/bulk", json={"all": True, "set": {"genre": "A"}, "dryRun": True}))
    assert len(many) == len(few) and Image.select().where(Image.genre == "A").count() == 0


def test_tags_are_tended_and_their_rules_are_removed(
    owner: Browser, reader: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor, gus: Actor, run_jobs: RunJobs
) -> None:
    image = make_row(olga, tags=["rains"])
    make_row(olga, tags=["lamp"])
    make_row(olga, tags=["lamps"])
    assert owner.post(f"{API}/tags/findings").status_code == 202
    run_jobs()
    found = good(reader.get(f"{API}/tags/findings", query_string={"finding": "plural"}))
    assert [(each["tag"], each["other"]) for each in found["data"]] == [("lamp", "lamps")] and found["counts"]["plural"] == 1 and found["foundAt"]
    body = {"how": "alias", "tag": "rains", "means": "rain"}
    assert good(owner.post(f"{API}/tags/tend", json={**body, "dryRun": True}))["count"] == 1 and not TagRule.select().exists()
    wall = program_for(new_key("project", project="Alley", actor=olga))
    for caller, status in ((reader, 403), (wall, 403), (client_for(gus), 403), (client_for(None), 401)):
        assert caller.post(f"{API}/tags/tend", json=body).status_code == status
        assert caller.post(f"{API}/tags/findings").status_code == status
    assert wall.get(f"{API}/tags/rules").status_code == 403
    done = good(owner.post(f"{API}/tags/tend", json=body))
    assert ledger.tags_of(image.id)[0] == "rain" and done["count"] == 1
    (rule,) = good(reader.get(f"{API}/tags/rules"))["data"]
    assert (rule["how"], rule["tag"], rule["means"], rule["says"]) == ("alias", "rains", "rain", "“rains” means “rain”")
    refused(owner.post(f"{API}/tags/tend", json={"how": "forbid", "tag": "rains"}), 409, "CONFLICT")
    assert reader.delete(f"{API}/tags/rules/{rule['id']}").status_code == 403
    good(owner.delete(f"{API}/tags/rules/{rule['id']}"))
    refused(owner.delete(f"{API}/tags/rules/{rule['id']}"), 404, "NOT_FOUND")
    for wrong, field in (({**body, "how": "x"}, "how"), ({**body, "means": None}, "means"), ({**body, "tag": "a, b"}, "tag")):
        assert field in refused(owner.post(f"{API}/tags/tend", json=wrong), 400, "VALIDATION_ERROR")
    assert "cursor" in refused(owner.get(f"{API}/tags/findings?cursor=x"), 400, "VALIDATION_ERROR")


def test_words_of_a_field_are_read_and_become_another(
    owner: Browser, reader: Program, program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor,
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch,
) -> None:
    image, _, hidden = make_row(olga), make_row(olga), make_row(sam, visibility="private")
    for row, words in ((image, {"light_source": ["Lamps"], "genre": "Film noir"}), (hidden, {"light_source": ["Secret lamp"]})):
        ledger.write(row.id, words, ledger.person(olga))
    fields = f"{API}/vocabulary/fields"
    kept = good(owner.get(f"{fields}/lightSource/words"))["data"]
    assert kept == [{"word": "Lamps", "count": 1}] == good(owner.get(f"{fields}/lightSource/words?limit=1"))["data"]
    body = {"word": "Lamps", "means": "Practicals"}
    assert good(owner.post(f"{fields}/lightSource/tend", json={**body, "dryRun": True}))["count"] == 1
    wall = program_for(new_key("project", project="Alley", actor=olga))
    for caller, status in ((reader, 403), (wall, 403), (client_for(gus), 403), (client_for(None), 401)):
        answers = (caller.post(f"{fields}/genre/tend", json=body), caller.get(f"{fields}/genre/words"), caller.get(f"{fields}/genre/alike"))
        assert [answer.status_code for answer in answers] == [status] * 3
    done = good(owner.post(f"{fields}/lightSource/tend", json=body))
    assert good(owner.get(f"{fields}/lightSource/words"))["data"] == [{"word": "Practicals", "count": 1}] and done["count"] == 1
    good(owner.post(f"{API}/actions/{done['id']}/undo"))
    assert good(owner.get(f"{fields}/lightSource/words"))["data"] == kept
    for more in ("Wonder", "Wonders"):
        ledger.write(make_row(olga).id, {"genre": more}, ledger.person(olga))
    (pair,) = good(owner.get(f"{fields}/genre/alike"))["data"]
    assert (pair["kind"], {pair["word"], pair["means"]}) == ("plural", {"Wonder", "Wonders"})
    for at, wrong, field in (("x", body, "field"), ("genre", {"word": "Wonder", "means": "Wonder"}, "means"), ("genre", {"means": "a"}, "word")):
        assert field in refused(owner.post(f"{fields}/{at}/tend", json=wrong), 400, "VALIDATION_ERROR")
    refused(owner.post(f"{fields}/lightSource/tend", json={"word": "Secret lamp", "means": "Practicals"}), 404, "IMAGE_NOT_FOUND")
    monkeypatch.setattr(log, "PART", 1)
    ledger.write(make_row(olga).id, {"genre": "Wonders"}, ledger.person(olga))
    assert owner.post(f"{fields}/genre/tend", json={"word": "Wonders", "means": "Wonder"}).status_code == 202
    run_jobs()
    assert Image.select().where(Image.genre == "Wonder").count() == 3


def test_many_are_liked_shown_to_others_and_decided_and_all_comes_back(
    owner: Browser, other: Browser, reader: Program, olga: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    rain = [make_row(olga, title="Rain", tags=["rain"]) for _ in range(3)]
    theirs, hidden = make_row(sam, tags=["rain"]), make_row(sam, tags=["rain"], visibility="private")
    ids = [image.id for image in (*rain, theirs, hidden)]

    def bulk(caller: Any = owner, **body: Any) -> dict[str, Any]:
        return good(caller.post(f"{LIBRARY}/bulk", json=body))

    moderation.like(olga, rain[0].id)
    liked = bulk(ids=ids, like=True)
    assert (liked["total"], liked["refused"]) == (4, 1) and [fresh(image).likes for image in (*rain, theirs, hidden)] == [1, 1, 1, 1, 0]
    bulk(other, ids=ids, like=True)
    assert bulk(query="tag:rain", like=True)["id"] is None  # nothing changed
    undo(owner, liked["id"])
    assert [fresh(image).likes for image in (*rain, theirs)] == [2, 1, 1, 1]  # what was liked before, and by others, stays
    bulk(all=True, like=False)
    assert [fresh(image).likes for image in (*rain, theirs)] == [1, 1, 1, 1]
    shown = bulk(query="tag:rain", visibility="private")
    assert [fresh(image).visibility for image in (*rain, theirs)] == ["private", "private", "private", "library"]
    assert bulk(ids=ids, visibility="unlisted")["refused"] == 2 and fresh(rain[1]).visibility == "unlisted" and shown["total"] == 3
    undo(owner, good(owner.get(f"{API}/actions"))["data"][0]["id"])
    undo(owner, shown["id"])
    assert [fresh(image).visibility for image in rain] == ["library"] * 3
    draft, lost, waits = make_row(olga, status="draft", tags=["fog"]), make_row(olga, status="draft", persist_status="failed"), make_row(olga, status="pending", origin="discord")
    kept = bulk(ids=[draft.id, waits.id], status="draft")
    assert (fresh(draft).status, fresh(waits).status, kept["total"]) == ("draft", "draft", 2)
    published = bulk(ids=[draft.id, lost.id, theirs.id], status="active")
    assert (published["total"], published["refused"]) == (1, 2) and (fresh(draft).status, fresh(lost).status) == ("active", "draft")
    undo(owner, published["id"])
    assert bulk(query="tag:fog", status="active")["total"] == 1 and fresh(draft).status == "active"
    for body in ({"like": True}, {"visibility": "private"}, {"status": "active"}):
        assert reader.post(f"{LIBRARY}/bulk", json={"ids": ids, **body}).status_code == 403
        refused(owner.post(f"{LIBRARY}/bulk", json={"ids": [hidden.id], **body}), 404, "IMAGE_NOT_FOUND")
    for wrong in ({"like": True, "status": "active"}, {"visibility": "public"}, {"like": "yes"}, {"like": True, "dryRun": True}):
        refused(owner.post(f"{LIBRARY}/bulk", json={"ids": ids, **wrong}), 400, "VALIDATION_ERROR")
    monkeypatch.setattr(log, "PART", 2)
    for body in ({"like": True}, {"visibility": "unlisted"}):
        assert owner.post(f"{LIBRARY}/bulk", json={"ids": ids, **body}).status_code == 202
        run_jobs()
    assert {(fresh(image).likes, fresh(image).visibility) for image in rain} == {(2, "unlisted")}


def test_tags_are_counted_and_what_is_new_is_looked_at(
    owner: Browser, other: Browser, reader: Program, visitor: Program, program_for: ProgramFor, olga: Actor, sam: Actor, change_settings: Any
) -> None:
    first = make_row(sam, tags=["rain", "neon"])
    make_row(olga, tags=["rain", "original"])
    hidden = make_row(sam, tags=["rain", "secret"], visibility="private")
    for caller in (owner, reader, visitor):
        assert [(each["tag"], each["count"], each["isMore"]) for each in good(caller.get(f"{API}/tags"))["data"]] == [("neon", 1, False), ("rain", 2, False)]
    page = good(owner.get(f"{API}/tags", query_string={"limit": 1}))
    assert [each["tag"] for each in good(owner.get(f"{API}/tags", query_string={"cursor": page["nextCursor"]}))["data"]] == ["rain"]
    good(owner.post(f"{LIBRARY}/seen", json={"imageId": first.id}))
    newest = make_row(sam)
    assert good(owner.get(f"{LIBRARY}/seen")) == {"count": 1, "isMore": False, "newest": newest.id}
    assert good(owner.post(f"{LIBRARY}/seen", json={"imageId": newest.id}))["count"] == 0
    refused(owner.post(f"{LIBRARY}/seen", json={"imageId": hidden.id}), 404, "IMAGE_NOT_FOUND")
    assert "imageId" in refused(owner.post(f"{LIBRARY}/seen", json={"imageId": "x"}), 400, "VALIDATION_ERROR")
    wall = program_for(new_key("project", project="Elsewhere", actor=olga))
    for caller, status in ((reader, 403), (wall, 403), (visitor, 401)):
        assert caller.post(f"{LIBRARY}/seen", json={"imageId": first.id}).status_code == status
    assert good(wall.get(f"{API}/tags"))["data"] == []
    change_settings(public_library=False)
    assert visitor.get(f"{API}/tags").status_code == 401
