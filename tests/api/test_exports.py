"""Exports over the API: asked for, followed, read at their address, and nobody else's."""

from pindeck.access import Actor
from pindeck.services.boards import boards, pictures
from tests.conftest import ChangeSettings, ClientFor, RunJobs
from tests.factories import make_active
from tests.programs import ProgramFor, new_key, refused


def test_a_program_asks_and_follows_the_address(program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    board = boards.create(olga, name="Night ride")[0].id
    pictures.add(olga, board, [make_active(olga, title=f"Shot {n}").id for n in range(2)])
    program, path = program_for(new_key("master", actor=olga)), "/api/v1/exports"
    made = program.post(path, json={"of": {"board": board}, "kind": "contact"})
    assert made.status_code == 202 and made.json["status"] == "queued"
    run_jobs()
    told = program.get(f"{path}/{made.json['id']}").json
    assert (told["status"], told["images"], told["of"], told["progress"]) == ("done", 2, {"board": board}, 100)
    assert client_for(None).get(told["url"]).data[:5] == b"%PDF-" and program.get(told["url"]).status_code == 401  # pages are for people
    assert client_for(None).get(told["url"][:-1]).status_code == 404
    assert [each["id"] for each in program.get(path).json["data"]] == [told["id"]]
    other = program_for(new_key("master", actor=sam))
    reader = program_for(new_key("master", actor=olga, scopes=("exports:read",)))
    assert other.get(f"{path}/{told['id']}").status_code == 404 and other.get(path).json["data"] == []
    assert "BOARD_NOT_FOUND" in other.post(path, json={"of": {"board": board}, "kind": "contact"}).text
    assert reader.get(path).status_code == 200 and reader.delete(f"{path}/{told['id']}").status_code == 403
    wrong = program.post(path, json={"of": {"board": board}, "kind": "csv"})
    assert wrong.status_code in (400, 422) and "kind" in str(wrong.json)
    # All pictures in a ZIP, and a page of the board: the same way.
    asked = [program.post(path, json=body) for body in ({"of": {"q": ""}, "kind": "zip", "size": "small", "folders": "project"}, {"of": {"board": board}, "kind": "html"})]
    run_jobs()
    some = [program.get(f"{path}/{each.json['id']}").json for each in asked]
    assert [(each["status"], each["images"], each["filename"]) for each in some] == [("done", 2, "All-pictures.zip"), ("done", 2, "Night-ride.html.zip")]
    assert some[0]["options"] == {"size": "small", "folders": "project"} and client_for(None).get(some[0]["url"]).data[:2] == b"PK"
    assert program.delete(f"{path}/{told['id']}").status_code == 204 and program.get(f"{path}/{told['id']}").status_code == 404


def test_a_program_is_told_which_images_are_not_cleared(program_for: ProgramFor, olga: Actor, change_settings: ChangeSettings) -> None:
    image = make_active(olga, title="Dark street", rights="reference")
    change_settings(export_rights="refuse")
    answer = program_for(new_key("master", actor=olga)).post("/api/v1/exports", json={"of": {"ids": [image.id]}, "kind": "contact"})
    told = refused(answer, 409, "RIGHTS_NOT_CLEARED")
    assert told == {"images": [{"id": image.id, "title": "Dark street", "rights": "reference"}], "count": 1}
