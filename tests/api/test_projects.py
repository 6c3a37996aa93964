"""Projects as programs see them."""

from io import BytesIO
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Project
from pindeck.services.images import aliases, projects
from tests.conftest import ClientFor, count_queries
from tests.factories import make_row, new_photo, together
from tests.programs import ProgramFor, new_key, refused

PROJECTS = "/api/v1/projects"


def test_a_master_key_makes_a_project(program_for: ProgramFor) -> None:
    master = program_for(new_key("master"))
    answer = master.post(PROJECTS, json={"name": "Blade  Runner", "slug": "blade"})
    assert answer.status_code == 201 and set(answer.get_json()) == {"success", "data"}
    made = answer.get_json()["data"]
    assert made == {"id": made["id"], "name": "Blade Runner", "slug": "blade"}
    assert projects.find_or_create("blade runner").id == made["id"]
    assert master.post(PROJECTS, json={"name": "Straße 9"}).get_json()["data"]["slug"] == "strae-9"


def test_an_administrator_makes_one_too(client_for: ClientFor, mo: Actor) -> None:
    assert client_for(mo).post(PROJECTS, json={"name": "X"}).get_json()["data"]["slug"] == "x"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": " \t"}, "name"), ({"name": 5}, "name"),
        ({"name": "x" * 121}, "name"), ({"name": "a\x00"}, "name"), ({"name": "\ud800"}, "name"),
        ({"name": "a", "slug": ""}, "slug"), ({"name": "a", "slug": "A"}, "slug"), ({"name": "a", "slug": "-a"}, "slug"),
        ({"name": "a", "slug": "a b"}, "slug"), ({"name": "a", "slug": "x" * 61}, "slug"),
        ({"name": "a", "slug": "@hero"}, "slug"), ({"name": "a", "slug": projects.DEFAULT_ID}, "slug"),
        ({"name": "a", "slug": 5}, "slug"), ({"name": "a", "slug": "a\n"}, "slug"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(body: dict[str, object], field: str, program_for: ProgramFor) -> None:
    master = program_for(new_key("master"))
    assert field in refused(master.post(PROJECTS, json=body), 400, "VALIDATION_ERROR")
    assert Project.select().count() == 1


def test_names_and_slugs_are_taken_once(program_for: ProgramFor) -> None:
    master = program_for(new_key("master"))
    master.post(PROJECTS, json={"name": "Blade", "slug": "blade"})
    assert "name" in refused(master.post(PROJECTS, json={"name": "BLADE", "slug": "other"}), 409, "CONFLICT")
    assert "slug" in refused(master.post(PROJECTS, json={"name": "Other", "slug": "blade"}), 409, "CONFLICT")
    assert "slug" in refused(master.post(PROJECTS, json={"name": "Library 2", "slug": "library"}), 409, "CONFLICT")


def test_of_several_at_once_one_is_made(program_for: ProgramFor) -> None:
    master = program_for(new_key("master"))
    results = together(4, lambda _: master.post(PROJECTS, json={"name": "Blade"}).status_code)
    assert sorted(results, key=str) == [201, 409, 409, 409]


def test_projects_are_listed_by_name(program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    key = new_key(project="Zebra")
    for name in ("alpha", "Zebra"):
        make_row(olga, project=name)
    for caller in (program_for(new_key("master")), client_for(olga)):
        body = caller.get(PROJECTS).get_json()
        assert [each["name"] for each in body["data"]] == ["alpha", "Library", "Zebra"]
        assert body["pagination"] == {"total": 3, "limit": 20, "offset": 0, "hasMore": False}
        page = caller.get(f"{PROJECTS}?limit=1&offset=1").get_json()
        assert ([each["slug"] for each in page["data"]], page["pagination"]["hasMore"]) == (["library"], True)
    own = program_for(key).get(PROJECTS).get_json()
    assert [set(each) for each in own["data"]] == [{"id", "name", "slug"}]
    assert (own["data"][0]["slug"], own["pagination"]["total"]) == ("zebra", 1)
    refused(client_for(gus).get(PROJECTS), 403, "FORBIDDEN")
    refused(client_for(None).get(PROJECTS), 401, "UNAUTHORIZED")
    with count_queries() as seen:
        program_for(key).get(PROJECTS)
    assert len(seen) == 3


def test_one_project_is_read_by_its_slug_or_id(
    program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor
) -> None:
    key = program_for(new_key(project="Zebra"))
    make_row(olga, project="Zebra")
    zebra = {"id": projects.find_or_create("Zebra").id, "name": "Zebra", "slug": "zebra"}
    for caller in (program_for(new_key("master")), client_for(olga), key):
        for named in ("zebra", zebra["id"], zebra["id"].upper()):
            assert caller.get(f"{PROJECTS}/{named}").get_json() == {"success": True, "data": zebra}
    assert program_for(new_key()).get(f"{PROJECTS}/library").get_json()["data"]["name"] == "Library"
    for named in ("library", projects.DEFAULT_ID, "none"):
        refused(key.get(f"{PROJECTS}/{named}"), 404, "PROJECT_NOT_FOUND")
    refused(client_for(gus).get(f"{PROJECTS}/zebra"), 403, "FORBIDDEN")
    refused(client_for(None).get(f"{PROJECTS}/zebra"), 401, "UNAUTHORIZED")


def test_a_project_is_named_to_those_who_see_a_picture_of_it(
    program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor
) -> None:
    """A hidden picture may have given its title to the project, so that the name is as hidden as the picture."""
    hidden = {
        "Private": dict(visibility="private"), "Unlisted": dict(visibility="unlisted"), "Draft": dict(status="draft"),
        "Pending": dict(status="pending"), "Broken": dict(status="broken"), "Trashed": dict(deleted_at=1),
    }  # fmt: skip
    for name, columns in hidden.items():
        make_row(olga, project=name, **columns)
    make_row(olga, project="Shown"), make_row(olga, project="Both"), make_row(olga, project="Both", status="draft")
    projects.find_or_create("Empty")
    reading = ("images:read",)
    everything = {"Both", "Empty", "Library", "Shown", *hidden}
    public = {"Both", "Library", "Shown"}
    expected = [
        (client_for(olga), everything - {"Empty"}),
        (client_for(sam), public),
        (client_for(mo), everything),
        (program_for(new_key("master")), everything),
        (program_for(new_key("master", scopes=reading)), public | {"Unlisted"}),
        (program_for(new_key(project="Shown")), {"Shown"}),
        (program_for(new_key(project="Private", scopes=reading)), {"Private"}),
    ]
    slugs = {project.name: project.slug for project in Project.select()}
    for caller, known in expected:
        body = caller.get(f"{PROJECTS}?limit=100").get_json()
        assert {each["name"] for each in body["data"]} == known
        assert body["pagination"]["total"] == len(known)
        for name, slug in slugs.items():
            answer = caller.get(f"{PROJECTS}/{slug}")
            if name in known:
                assert answer.get_json()["data"]["name"] == name
            else:
                refused(answer, 404, "PROJECT_NOT_FOUND")
    for caller, status, code in (
        (client_for(gus), 403, "FORBIDDEN"), (client_for(None), 401, "UNAUTHORIZED"),
        (program_for("pd_m_wrong"), 401, "UNAUTHORIZED"),
        (program_for(new_key("master", scopes=("storage:read",))), 403, "FORBIDDEN"),
        (program_for(new_key("extension", identifier="x", install_scope="user", actor=olga)), 403, "FORBIDDEN"),
    ):  # fmt: skip
        refused(caller.get(PROJECTS), status, code)
        refused(caller.get(f"{PROJECTS}/private"), status, code)
    assert projects.names(sam) == ["Both", "Shown"]
    assert set(projects.names(olga)) == everything - {"Empty", "Library"}


def test_nobody_else_makes_projects(program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    body = {"name": "X"}
    refused(client_for(None).post(PROJECTS, json=body), 401, "UNAUTHORIZED")
    refused(program_for("pd_m_wrong").post(PROJECTS, json=body), 401, "UNAUTHORIZED")
    for caller in (
        client_for(olga), client_for(gus), program_for(new_key()), program_for(new_key("master", scopes=("images",))),
        program_for(new_key("extension", identifier="x", install_scope="user", actor=olga)),
    ):  # fmt: skip
        refused(caller.post(PROJECTS, json=body), 403, "FORBIDDEN")
    assert Project.select().count() == 1


HIDDEN: list[dict[str, object]] = [{"visibility": "private"}, {"status": "draft"}, {"deleted_at": 1, "deleted_by": "olga"}]


@pytest.mark.parametrize("hidden", HIDDEN, ids=["private", "draft", "trashed"])
def test_a_project_of_hidden_pictures_is_as_if_there_was_none(
    program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, hidden: dict[str, object]
) -> None:
    """Whatever is asked with its name, and whoever may not see a picture of it. What has no picture at all is open."""
    row = {**hidden, "deleted_by": olga.user_id} if "deleted_by" in hidden else hidden
    image = make_row(olga, project="Secret", **row)  # type: ignore[arg-type]
    aliases.add(olga, "hero", image.id, project_id=image.project_id)
    projects.find_or_create("Empty")
    make_row(olga, project="Linked", visibility="unlisted")
    readers: list[Any] = [client_for(sam)]
    if "deleted_at" not in hidden:  # of the trash a master key may read
        readers.append(program_for(new_key("master", scopes=("images:read", "images:write", "flows:write"))))

    def asked(caller: Any, slug: str) -> list[tuple[int, str]]:
        file = {"file": (BytesIO(new_photo()), "a.jpg")}
        answers = [
            caller.get(f"/api/v1/images?project={slug}"),
            caller.get(f"/api/v1/images?project={slug}&includeDeleted=true&alias=@hero"),
            caller.get(f"/api/v1/images/@hero?project={slug}"),
            caller.put(f"/api/v1/images/@hero/alias?project={slug}", json={"alias": "@other"}),
            caller.get(f"/api/v1/flows?project={slug}"),
            caller.post(f"/api/v1/flows?project={slug}"),
            caller.post(f"/api/v1/images/upload?project={slug}", data=file, content_type="multipart/form-data"),
            caller.get(f"/api/v1/projects/{slug}"),
            caller.get(f"/i/{slug}/@hero"),
        ]
        return [(answer.status_code, answer.text) for answer in answers]

    for reader in readers:
        assert asked(reader, "secret") == asked(reader, "nowhere")
        assert asked(reader, projects.find_or_create("Secret").id) == asked(reader, "nowhere")
        for open_one in ("empty", "linked", "library"):
            assert reader.get(f"/api/v1/images?project={open_one}").status_code == 200
            assert reader.post(f"/api/v1/flows?project={open_one}").status_code == 201
    for knows in (client_for(olga), client_for(mo)):
        assert knows.get("/api/v1/images?project=secret").status_code == 200
