"""The page of describing: a trial of the model by a job, rules of the house, and one line where no model looks."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import Action, HouseRules, Job, MachineCall
from pindeck.services.actions import shown
from pindeck.services.images import house_rules, known, undoing
from pindeck.vision import prompt
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_draft, make_row
from tests.servers.vision import serving_vision

POSTS = ("/admin/describing/rules", "/admin/describing/try")


def test_only_administrators_come_in(client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        client = client_for(actor)
        assert client.get("/admin/describing").status_code == status
        assert client.get("/admin/describing/tries/x").status_code == status
        for path in POSTS:
            assert client.post(path, data={"rules": "Mine"}).status_code == status
        assert "Vision model</a>" not in client.get("/").text
    assert not HouseRules.select().exists() and not Job.select().exists()


def test_rules_are_written_told_to_the_model_kept_and_taken_back(client_for: ClientFor, mo: Actor, olga: Actor) -> None:
    client = client_for(mo)
    page = client.get("/admin/describing").text
    assert 'name="based_on" value=""' in page and "Vision model</a>" in page
    answer = client.post(POSTS[0], data={"rules": " We write in German.\r\n ", "based_on": ""}, headers=HTMX)
    assert answer.status_code == 200 and "follows these rules" in answer.text
    image = make_row(olga)
    assert known.of(image).rules == house_rules.text() == "We write in German."
    version = prompt.version("We write in German.")
    assert f"version {version}" in answer.text and version.startswith(f"{prompt.VERSION}-")
    client.post(POSTS[0], data={"rules": "Never name actors."})  # a program that names no basis
    (last, first) = house_rules.list_versions(mo)
    assert (first.text, first.prompt, first.who, last.text) == ("We write in German.", version, "Mo", "Never name actors.")
    (line, _) = shown.list_actions(mo)[0]
    assert line.what == "Changed the house rules for the model"
    assert client.post(f"/actions/{line.id}/undo", headers=HTMX).status_code == 200
    assert house_rules.text() == "We write in German." and HouseRules.select().count() == 3
    assert client.post(POSTS[0], data={"rules": "We write in German."}).status_code == 303  # the same is no change
    assert HouseRules.select().count() == 3


def test_who_read_older_rules_is_shown_the_newer_ones_and_keeps_what_was_typed(client_for: ClientFor, mo: Actor) -> None:
    house_rules.write(mo, "First")
    client = client_for(mo)
    basis = house_rules.list_versions(mo)[0].id
    action = house_rules.write(mo, "Second")
    answer = client.post(POSTS[0], data={"rules": "Third", "based_on": basis}, headers=HTMX)
    assert answer.status_code == 409 and "They say now: “Second”" in answer.text and ">Third</textarea>" in answer.text
    again = re.search(r'name="based_on" value="([^"]+)"', answer.text)
    assert client.post(POSTS[0], data={"rules": "Third", "based_on": again and again[1]}).status_code == 303
    with pytest.raises(Exception, match="It was changed since"):
        undoing.undo(mo, str(action))
    assert (house_rules.text(), Action.select().count()) == ("Third", 3)
    for bad in ("x" * 2001, "a\0b"):
        assert client.post(POSTS[0], data={"rules": bad}, headers=HTMX).status_code == 422
    assert client.post(POSTS[0], data={"rules": ""}).status_code == 303
    assert house_rules.text() == ""


def test_a_trial_is_a_job_and_the_page_tells_what_came_back(
    client_for: ClientFor, mo: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    house_rules.write(mo, "We write in German.")
    with serving_vision() as server:
        change_settings(vision_base_url=server.base, vision_model="good")
        client = client_for(mo)
        answer = client.post(POSTS[1], headers=HTMX)
        assert "It waits for a worker" in answer.text and 'hx-trigger="load delay:1s"' in answer.text
        again = client.post(POSTS[1])  # what waits is not asked for twice
        (job,) = Job.select()
        assert again.location == f"/admin/describing/tries/{job.id}"
        assert server.requests == []
        run_jobs()
        assert len(server.requests) == 1
        assert "We write in German." in server.requests[0]["messages"][0]["content"][0]["text"]
    told = client.get(again.location).text
    assert re.search(r"good answered after [\d.]+ s, with 1280 tokens for \$0\.0002: “Neon Alley”", told)
    assert "1 description this month" in re.sub(r"\s+", " ", told) and "good</b> at 127.0.0.1" in told
    (call,) = MachineCall.select()
    assert (call.user_id, call.job_id, call.answer) == (mo.user_id, job.id, None)
    assert client.get("/admin/describing/tries/x").status_code == 404


def test_a_trial_that_failed_says_what_to_do(
    client_for: ClientFor, mo: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    client = client_for(mo)
    assert client.post(POSTS[1]).status_code == 409  # there is no model
    with serving_vision() as server:
        change_settings(vision_base_url=server.base, vision_model="keyless", vision_timeout_s=5.0)
        where = client.post(POSTS[1]).location
        run_jobs()
    told = client.get(where).text
    assert "keyless at http" in told and "Look at VISION_BASE_URL" in told


def test_without_a_model_each_page_says_so_in_one_line_to_who_can_use_it(
    client_for: ClientFor, mo: Actor, olga: Actor, gus: Actor, change_settings: ChangeSettings, run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    run_jobs()
    line, paths = "No model describes pictures", ["/upload", "/review/", f"/images/{image.id}"]
    for path in paths:
        text = client_for(olga).get(path).text
        assert text.count(line) == 1 and "An administrator can switch one on." in text
    for path in ("/upload", f"/images/{image.id}", "/admin/describing"):
        text = client_for(mo).get(path).text
        assert text.count(line) == 1 and ("VISION_API_KEY" in text or 'href="/admin/describing"><u>Switch one on' in text)
    assert line not in client_for(gus).get("/upload").text
    change_settings(vision_base_url="http://127.0.0.1:9/v1")
    for path in paths:
        assert line not in client_for(olga).get(path).text


def test_the_page_costs_the_same_for_more_versions(client_for: ClientFor, mo: Actor) -> None:
    client = client_for(mo)
    house_rules.write(mo, "0")
    client.get("/admin/describing")
    with count_queries() as few:
        client.get("/admin/describing")
    for number in range(30):
        house_rules.write(mo, f"rule {number}")
    with count_queries() as many:
        assert client.get("/admin/describing").text.count("Prompt 2-") == house_rules.SHOWN
    assert len(many) == len(few)
