"""Deletion for good, the trash, and the way back."""

from pindeck import db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Upstream
from pindeck.models import Activity, Alias, Blob, Client, Crop, Derivative, Generation, Image, StoredFile
from tests.api.managing import FIELDS, FLOWS, IMAGES, World, generated, get, listed, name, new_flow, upload
from tests.api.storing import path_of
from tests.conftest import ClientFor, RunJobs
from tests.factories import make_row, new_photo, objects, public_objects
from tests.programs import ProgramFor, new_key, refused


def test_deletion_takes_everything_along(world: World, run_jobs: RunJobs) -> None:
    flow = new_flow(world.k)
    image = upload(world.k, alias="@hero")["id"]
    world.k.put(f"{FLOWS}/{flow}/aliases", json={"aliases": {"@scene": image}})
    run_jobs()
    visitor = world.program_for(None)
    crop = path_of(world.k.get(f"{IMAGES}/{image}/url?w=30&h=30").get_json()["url"])
    asked_for = (f"/i/{image}?size=sm", f"/i/{image}?size=lg", f"/i/{image}?size=screen", crop)
    for address in asked_for:
        assert visitor.get(address).status_code == 200
    made = {row.preset: row.object_key for row in Derivative.select()}
    assert {"preview", "small", "medium", "large", "screen", "sm", "lg"} <= set(made)
    assert {Blob.get().object_key, *made.values(), Crop.get().object_key} <= set(objects())
    assert public_objects()
    answer = world.k.delete(f"{IMAGES}/{image}")
    assert (answer.status_code, answer.get_json()) == (200, {"success": True, "deleted": True, "data": {"id": image}})
    refused(world.k.get(f"{IMAGES}/{image}"), 404, "IMAGE_NOT_FOUND")
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    refused(world.k.get(f"{IMAGES}/@scene?flowId={flow}"), 404, "ALIAS_NOT_FOUND")
    for address in (f"/i/{image}", f"/i/{image}?size=small", "/i/p/@hero", *asked_for):
        assert visitor.get(address).status_code == 404
    run_jobs(include_later=True)
    assert objects() == public_objects() == []
    for model in (Image, Alias, StoredFile, Blob, Derivative, Crop):
        assert model.select().count() == 0, model
    note = Activity.get(Activity.verb == "image.purge")
    assert (note.image_id, note.client_id) == (image, Client.get(Client.project == world.p).id)


def test_the_generation_stays_without_an_output(world: World) -> None:
    one, two = world.images(2)
    run, other = generated(one), generated(two, inputs=(one, two, "x"))
    assert world.k.delete(f"{IMAGES}/{one}").status_code == 200
    assert Generation.get_by_id(run).output_image_id is None
    after = Generation.get_by_id(other)
    assert (after.output_image_id, after.inputs) == (two, [two, "x"])


def test_deleting_twice_is_not_found(world: World) -> None:
    image = upload(world.k)["id"]
    world.k.delete(f"{IMAGES}/{image}")
    refused(world.k.delete(f"{IMAGES}/{image}"), 404, "IMAGE_NOT_FOUND")


def test_equal_bytes_of_another_image_stay(world: World, run_jobs: RunJobs) -> None:
    data = new_photo()
    one, two = upload(world.k, data)["id"], upload(world.k, data)["id"]
    run_jobs()
    world.k.delete(f"{IMAGES}/{one}")
    run_jobs(include_later=True)
    assert world.program_for(None).get(f"/i/{two}").data == data


def test_the_trash_hides_an_image_everywhere(world: World, run_jobs: RunJobs) -> None:
    one, two = upload(world.k, alias="@hero")["id"], upload(world.k)["id"]
    run_jobs()
    answer = world.k.delete(f"{IMAGES}/{one}?mode=trash")
    assert answer.get_json() == {"success": True, "deleted": True, "data": {"id": one}}
    assert listed(world.k) == [two]
    body = world.k.get(f"{IMAGES}?includeDeleted=true").get_json()
    assert [each["id"] for each in body["data"]] == [two, one] and body["pagination"]["total"] == 2
    assert "deletedAt" in body["data"][1] and "deletedAt" not in body["data"][0]
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    visitor = world.program_for(None)
    assert [visitor.get(f"/i/{one}").status_code, visitor.get("/i/p/@hero").status_code] == [404, 404]
    assert public_objects() == [key for key in public_objects() if Image.get(Image.id == two).public_token in key]
    refused(world.k.delete(f"{IMAGES}/{one}?mode=trash"), 404, "IMAGE_NOT_FOUND")


def test_a_name_that_went_elsewhere_stays_there(world: World) -> None:
    one, two = upload(world.k, alias="@hero")["id"], upload(world.k)["id"]
    world.k.delete(f"{IMAGES}/{one}?mode=trash")
    name(world.k, two, "@hero")
    answer = world.k.post(f"{IMAGES}/{one}/restore")
    assert answer.status_code == 200
    back = answer.get_json()["data"]
    assert set(back) == FIELDS | {"lostAlias"}
    assert (back["alias"], back["lostAlias"]) == (None, "@hero")
    assert get(world.k, "@hero")["id"] == two
    assert get(world.k, one)["alias"] is None


def test_a_restored_image_has_its_name_again_if_nobody_took_it(world: World, run_jobs: RunJobs) -> None:
    one = upload(world.k, alias="@Hero")["id"]
    run_jobs()
    world.k.delete(f"{IMAGES}/@hero?mode=trash")
    back = world.k.post(f"{IMAGES}/{one}/restore").get_json()["data"]
    assert set(back) == FIELDS | {"restoredAlias"}
    assert (back["alias"], back["restoredAlias"]) == ("@Hero", "@Hero")
    assert get(world.k, "@hero")["id"] == one
    run_jobs()
    assert world.program_for(None).get(f"/i/{one}").status_code == 200


def test_restoring_what_is_not_there_is_a_conflict(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    refused(world.k.post(f"{IMAGES}/{one}/restore"), 409, "NOT_DELETED")
    refused(world.k.post(f"{IMAGES}/@hero/restore"), 400, "VALIDATION_ERROR")
    refused(world.k.post(f"{IMAGES}/{db.new_id()}/restore"), 404, "IMAGE_NOT_FOUND")
    world.k.delete(f"{IMAGES}/{one}?mode=trash")
    refused(world.l.post(f"{IMAGES}/{one}/restore"), 404, "IMAGE_NOT_FOUND")
    plain = world.k.post(f"{IMAGES}/{one}/restore")
    assert plain.status_code == 200


def test_an_alias_says_what_was_deleted(world: World) -> None:
    one, two = world.images(2)
    name(world.k, one, "@hero")
    assert world.k.delete(f"{IMAGES}/@hero").get_json()["data"]["id"] == one
    refused(world.k.delete(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    assert listed(world.k) == [two]


def test_what_is_used_stays_when_asked_for(world: World) -> None:
    one, two = world.images(2)
    generated(two, inputs=(one,))
    for query in ("?unused=true", "?unused=true&mode=trash"):
        answer = world.k.delete(f"{IMAGES}/{one}{query}")
        assert (answer.status_code, answer.get_json()) == (
            200, {"success": True, "deleted": False, "data": {"id": one}},
        )  # fmt: skip
    assert get(world.k, one)["id"] == one
    assert world.k.delete(f"{IMAGES}/{two}?unused=true").get_json()["deleted"] is True
    Generation.delete().execute()
    assert world.k.delete(f"{IMAGES}/{one}?unused=true").get_json()["deleted"] is True
    for query in ("mode=soft", "unused=1"):
        refused(world.k.delete(f"{IMAGES}/{one}?{query}"), 400, "VALIDATION_ERROR")


def test_a_trashed_image_is_deleted_for_good_by_its_id(world: World) -> None:
    one = upload(world.k)["id"]
    world.k.delete(f"{IMAGES}/{one}?mode=trash")
    assert world.k.delete(f"{IMAGES}/{one}").get_json()["deleted"] is True
    assert Image.select().count() == 0


def test_a_store_that_is_away_does_not_hold_up_deletion(world: World, run_jobs: RunJobs, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    image = upload(world.k)["id"]
    run_jobs()
    away = Upstream("The store is away.")

    def refuse(*_: object) -> None:
        raise away

    with monkeypatch.context() as patch:
        patch.setattr(type(storage.current()), "delete", refuse)
        patch.setattr(type(storage.current()), "unpublish", refuse)
        assert world.k.delete(f"{IMAGES}/{image}").status_code == 200
    assert objects() != []
    run_jobs(include_later=True)
    assert objects() == public_objects() == []
    assert queue.DELETE_OBJECTS.kind


def test_people_delete_what_is_theirs(client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, mo: Actor) -> None:
    row = make_row(olga)
    refused(client_for(sam).delete(f"{IMAGES}/{row.id}"), 403, "FORBIDDEN")
    refused(client_for(gus).delete(f"{IMAGES}/{row.id}"), 403, "FORBIDDEN")
    refused(client_for(None).delete(f"{IMAGES}/{row.id}"), 401, "UNAUTHORIZED")
    assert client_for(olga).delete(f"{IMAGES}/{row.id}?mode=trash").status_code == 200
    refused(client_for(sam).post(f"{IMAGES}/{row.id}/restore"), 404, "IMAGE_NOT_FOUND")
    assert client_for(mo).post(f"{IMAGES}/{row.id}/restore").status_code == 200
    assert client_for(mo).delete(f"{IMAGES}/{row.id}").status_code == 200


def test_extensions_do_not_delete_here(program_for: ProgramFor, olga: Actor) -> None:
    row = make_row(olga)
    own = program_for(new_key("extension", identifier="own", install_scope="user", actor=olga))
    refused(own.delete(f"{IMAGES}/{row.id}"), 403, "FORBIDDEN")
    assert Image.select().count() == 1
