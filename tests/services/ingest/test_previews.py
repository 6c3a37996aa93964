"""What a model would write is seen before a picture is sent: within limits, cancelled, and never paid twice."""

from collections.abc import Iterator

import pytest

from pindeck import db, storage, vision
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooLarge
from pindeck.models import Image, Job, MachineCall
from pindeck.services.images import analysis, detail, house_rules, ledger
from pindeck.services.images.calls import Calls
from pindeck.services.ingest import previews, uploads
from pindeck.services.maintenance import work_control
from pindeck.states import JobStatus
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import fresh, new_photo
from tests.servers.vision import VisionServer, serving_vision


@pytest.fixture(scope="module")
def running() -> Iterator[VisionServer]:
    with serving_vision() as server:
        yield server


@pytest.fixture
def server(running: VisionServer) -> VisionServer:
    running.requests.clear()
    return running


@pytest.fixture
def use_model(olga: Actor, server: VisionServer, change_settings: ChangeSettings) -> ChangeSettings:
    def use(model: str, **values: object) -> Settings:
        settings = change_settings(vision_base_url=server.base, vision_model=model, vision_timeout_s=5.0, **values)
        analysis.bind(vision.from_settings(settings, Calls()))
        return settings

    return use


def ask(actor: Actor, **words: str) -> Job:
    return previews.ask(actor, [new_photo(size=(1600, 900))], "alley.jpg", words)


def send(actor: Actor, preview: str, **words: str) -> Image:
    then = lambda image: previews.take_along(actor, preview, image.id, words)  # noqa: E731
    return uploads.accept(actor, [new_photo()], "alley.jpg", words, then=then).image


def staged() -> list[str]:
    return [each.key for each in storage.current().list("staging/")]


def test_its_words_are_shown_and_the_picture_that_is_sent_takes_them_along_unpaid(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    house_rules.write(Actor(olga.user_id, "admin", "Olga"), "We write in German.")  # type: ignore[arg-type]
    job = ask(olga, description="She waits.", nonsense="x")
    assert previews.find(olga, job.id).is_under_way and not Image.select().exists()
    run_jobs()
    found = previews.find(olga, job.id)
    assert (found.words["title"], found.words["tags"], found.words["group"]) == ("Neon Alley", "rain, neon", "Music Video")
    assert found.by.startswith("good, prompt 2-") and found.by.endswith("$0.0002 for the whole description")
    told = server.requests[0]["messages"][0]["content"][0]["text"]
    assert '"description": "She waits."' in told and "We write in German." in told and "nonsense" not in told
    (picture,) = server.pictures
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (1024, 576), {})
    assert staged() == []
    image = send(olga, job.id, title="Mine", genre="", tags="fog", description="She waits.")
    run_jobs()
    assert len(server.requests) == 1
    image = fresh(image)
    assert (image.title, image.genre, image.group) == ("Mine", None, "Music Video")
    assert ledger.tags_of(image.id) == ["original", "fog"]
    shown = {field.name: field for field in detail.fields_of(olga, image)}
    assert (shown["title"].by, shown["group"].by, shown["genre"].by) == ("Olga", found.by, "Olga")
    assert {name for name, field in shown.items() if field.proposal} == {"description"}  # the others were seen and replaced
    assert shown["size"].value == "Medium Close-Up"  # the craft came with the same answer
    (call,) = MachineCall.select()
    assert (call.image_id, call.answer, call.outcome) == (image.id, None, "answered") and call.run_id
    send(olga, job.id)  # once for each preview
    run_jobs()
    assert len(server.requests) == 2


def test_what_was_emptied_on_purpose_is_neither_filled_nor_suggested(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    job = ask(olga)
    run_jobs()
    image = send(olga, job.id, **dict.fromkeys(previews.SHOWN, ""))
    run_jobs()
    assert not any(field.proposal for field in detail.fields_of(olga, fresh(image)))
    assert (fresh(image).title, fresh(image).group, ledger.tags_of(image.id)) == ("Untitled", None, ["original"])


def test_another_persons_preview_or_other_rules_are_of_no_use(
    olga: Actor, sam: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    job = ask(olga)
    run_jobs()
    for stranger in (sam, Actor(sam.user_id, "admin", "Sam")):  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            previews.find(stranger, job.id)
        with pytest.raises(NotFound):
            previews.cancel(stranger, job.id)
    send(sam, job.id)
    send(sam, "no such \0 preview")
    run_jobs()
    assert len(server.requests) == 3
    house_rules.write(Actor(olga.user_id, "admin", "Olga"), "Never name actors.")  # type: ignore[arg-type]
    send(olga, job.id)
    run_jobs()
    assert len(server.requests) == 4  # the answer followed other rules


def test_one_that_waits_is_cancelled_for_nothing(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    first, second = ask(olga), ask(olga)
    with pytest.raises(Conflict, match="Two pictures"):
        ask(olga)
    assert len(staged()) == 2
    assert previews.cancel(olga, first.id).state == JobStatus.FAILED
    work_control.cancel(olga, second.id)  # on the page of work
    run_jobs()
    assert server.requests == [] and not MachineCall.select().exists()
    done = ask(olga)
    run_jobs()
    assert previews.cancel(olga, done.id).words["title"] == "Neon Alley"  # too late


def test_what_goes_wrong_is_said_and_costs_no_second_try(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("trouble")
    job = ask(olga)
    run_jobs(include_later=True)
    assert len(server.requests) == 1 and "500" in str(previews.find(olga, job.id).error)
    assert staged() == []
    for bad, error in ((b"no picture", Invalid), (b"", Invalid), (b"x" * (previews.MOST_BYTES + 1), TooLarge)):
        with pytest.raises(error):
            previews.ask(olga, [bad], "x.jpg", {})
    assert staged() == []
    use_model("good", daily_analysis_limit=1)
    waiting = [ask(olga), ask(olga)]
    run_jobs()
    told = [previews.find(olga, each.id) for each in waiting]
    assert (bool(told[0].words), told[1].words) == (True, {})
    assert "goes on tomorrow" in str(told[1].error)
    with pytest.raises(Conflict, match="tomorrow"):
        ask(olga)


def test_who_may_ask(olga: Actor, gus: Actor, use_model: ChangeSettings, change_settings: ChangeSettings) -> None:
    from pindeck.access import VISITOR

    with pytest.raises(Conflict, match="No model"):
        ask(olga)
    use_model("good", guest_uploads=False)
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        with pytest.raises(error):
            ask(actor)
    assert not Job.select().exists() and db.now_ms()


def test_a_word_that_cannot_be_kept_keeps_nothing(olga: Actor) -> None:
    for words in ({"title": "x" * 201}, {"group": "Opera"}):
        with pytest.raises(Invalid):
            uploads.accept(olga, [new_photo()], "alley.jpg", words)
    assert not Image.select().exists() and staged() == []
