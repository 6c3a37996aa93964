"""Ordering variations, making them with the simulated provider, and what becomes of the picture they began from."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Picture

from pindeck import config, db, storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, PindeckError, TooMany
from pindeck.models import Generation, Image, Job, User
from pindeck.services.blobs import blobs
from pindeck.services.clients import api_keys
from pindeck.services.images import analysis, ledger, moderation, projects, publishing, trash
from pindeck.services.images.variations import ending, lineage, ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.maintenance import work_control
from pindeck.states import AiStatus, GenerationStatus, ImageStatus, JobStatus, Role, Visibility
from pindeck.varying.modes import SHOTS
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import make_active, make_draft
from tests.services.ingest.variations.orders import ONE, again, children_of, runs_of, tags_of


def test_an_order_becomes_pictures_beside_their_parent(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(
        olga, title="The Alley, Night", description="Rain", tags=["neon", "alley"], category="Cinematic", group="Film",
        genre="Noir", shot="Wide", style="VHS", sref="123", project="Blade", moodboard="Night",
    )  # fmt: skip
    batch, ordered = ordering.order(olga, parent.id, Wish(3, aspect="1:1", character="c1", chat="h1"))
    assert [run.status for run in ordered] == ["queued"] * 3 and again(parent).ai_status == AiStatus.PROCESSING
    assert [run.prompt for run in ordered] == [*dict.fromkeys(run.prompt for run in ordered)]
    run_jobs()
    made = children_of(parent)
    assert len(made) == 3 and again(parent).ai_status == AiStatus.COMPLETED
    runs = runs_of(batch)
    assert [run.output_image_id for run in runs] == [image.id for image in made]
    assert [run.status for run in runs] == ["completed"] * 3 and [run.cost for run in runs] == [0.0] * 3
    assert [run.request_id for run in runs] == [f"simulated-{run.id}" for run in runs]
    assert [run.params["shot"] for run in runs] == list(SHOTS[:3])
    for run, image in zip(runs, made, strict=True):
        assert (image.generation_id, image.user_id, image.origin) == (run.id, olga.user_id, "ai")
        assert (image.title, image.description, image.category, image.group) == ("The Alley, Night", "Rain", "Cinematic", "Film")
        assert (image.sref, image.moodboard, image.project_id) == ("123", "Night", again(parent).project_id)
        assert (image.genre, image.shot) == (None, None)
        assert (image.attribution, image.rights) == ("AI Generation (simulated)", "Generated")
        assert (image.subject_character, image.subject_chat) == ("c1", "h1")
        assert (image.status, image.visibility, image.persist_status) == ("active", "library", "succeeded")
        assert image.ai_status == AiStatus.COMPLETED and (image.width, image.height) == (1024, 1024)
        assert image.colors and str(image.unique_tag).startswith(f"{again(parent).unique_tag}-v")
        assert set(tags_of(image)) >= {"neon", "alley", "generated", "variation"} and "original" not in tags_of(image)
        assert ledger.latest(image.id)["title"].program == "variation"
    assert len({image.file.blob_id for image in made}) == 3


def test_a_machine_does_not_rewrite_what_a_variation_was_given(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga, title="The Alley, Night")
    ordering.order(olga, parent.id, ONE)
    run_jobs()
    (child,) = children_of(parent)
    analysis.retry(olga, child.id)
    run_jobs()
    assert again(child).title == "The Alley, Night"


def test_the_mark_of_a_simulated_picture_is_on_it(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    ordering.order(olga, parent.id, Wish(2, mode="coverage", aspect="9:16"))
    run_jobs()
    for child in children_of(parent):
        with storage.current().open(blobs.original_of(child).object_key) as stored:
            picture = Picture.open(BytesIO(stored.read()))
        assert picture.size == (576, 1024)
        band = picture.convert("L").crop((0, 1024 - 40, 576, 1024))
        assert band.getextrema() == (0, 255)  # white words on black


def test_shots_go_on_after_those_that_the_variations_have(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    ordering.order(olga, parent.id, Wish(2))
    run_jobs()
    assert ordering.prompts_for(olga, parent.id, Wish(1)) == [
        f"The same subject a moment later in the same scene, seen from a new camera position: {SHOTS[2]}."
    ]
    trash.purge(olga, children_of(parent)[0].id)
    assert SHOTS[0] in ordering.prompts_for(olga, parent.id, Wish(1))[0]
    told = ordering.prompts_for(olga, parent.id, Wish(3, detail="from the roof"))
    _, ordered = ordering.order(olga, parent.id, Wish(3, detail="from the roof"))
    assert [run.prompt for run in ordered] == told


def test_what_cannot_be_ordered(olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    parent, other = make_active(olga), make_draft(olga)
    Image.update(ai_status="completed").where(Image.seq == other.seq).execute()
    with pytest.raises(Conflict, match="not stored yet"):
        ordering.order(olga, other.id, ONE)
    with pytest.raises(Invalid) as found:
        ordering.order(olga, parent.id, Wish(1, detail="x" * 501))
    assert "variationDetail" in found.value.fields
    with pytest.raises(NotFound, match="flow"):
        ordering.order(olga, parent.id, Wish(1, flow_id=db.new_id()))
    assert ordering.order(olga, parent.id, Wish(-3))[1] == [] and again(parent).ai_status == AiStatus.COMPLETED
    assert len(ordering.order(olga, parent.id, Wish(99))[1]) == 12
    for wish in (ONE, Wish(0)):
        with pytest.raises(Conflict) as refused:
            ordering.order(olga, parent.id, wish)
        assert refused.value.code == "GENERATION_RUNNING"
    run_jobs()
    assert len(children_of(parent)) == 12
    change_settings(generation_backend="off")
    with pytest.raises(Conflict) as off:
        ordering.order(olga, parent.id, ONE)
    assert off.value.code == "GENERATION_OFF" and ordering.price_of(ONE) is None


def test_a_day_has_a_limit_that_what_failed_does_not_count_for(
    olga: Actor, sam: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    parent, second = make_active(olga), make_active(olga)
    change_settings(daily_generation_limit=3)
    with pytest.raises(TooMany, match="3 are left"):
        ordering.order(olga, parent.id, Wish(4))
    ordering.order(olga, parent.id, Wish(2))
    with pytest.raises(TooMany, match="1 are left"):
        ordering.order(olga, second.id, Wish(2))
    ordering.order(sam, second.id, Wish(2))  # another person
    run_jobs()
    Generation.update(status="failed").where(Generation.user_id == olga.user_id).execute()
    ordering.order(olga, parent.id, Wish(3))
    run_jobs()
    Generation.update(created_at=Generation.created_at - db.DAY_MS).execute()
    change_settings(daily_generation_limit=1)
    ordering.order(olga, parent.id, ONE)


@pytest.mark.parametrize(
    ("parent", "setting", "becomes"),
    [
        ({}, "lineage", "active"),
        ({"status": "draft"}, "lineage", "draft"),
        ({"origin": "discord"}, "lineage", "pending"),
        ({"origin": "pinterest"}, "lineage", "pending"),
        ({"origin": "discord"}, "active", "active"),
        ({}, "pending", "pending"),
        ({"visibility": "unlisted"}, "pending", "active"),
        ({"visibility": "private"}, "pending", "active"),
    ],
)
def test_what_a_variation_becomes(
    olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings, parent: dict[str, Any], setting: str, becomes: str
) -> None:
    change_settings(generated_status=setting)
    root = make_active(olga, sref="99")
    middle = make_active(olga)
    Image.update(**{"origin": "upload", **parent}).where(Image.seq == root.seq).execute()
    Image.update(parent_id=root.id, **{**parent, "origin": "ai"}).where(Image.seq == middle.seq).execute()
    ordering.order(olga, middle.id, ONE)
    run_jobs()
    (child,) = children_of(middle)
    assert child.status == becomes and child.visibility == parent.get("visibility", Visibility.LIBRARY)
    assert child.sref == "99"  # that of the root
    assert child.ai_status == (AiStatus.QUEUED if becomes == "pending" else AiStatus.COMPLETED)
    if becomes == "pending":
        moderation.approve(olga, child.id)
        run_jobs()
        assert (again(child).status, again(child).ai_status) == (ImageStatus.ACTIVE, AiStatus.COMPLETED)


def test_who_orders(olga: Actor, sam: Actor, mo: Actor, gus: Actor, run_jobs: RunJobs) -> None:
    active, draft = make_active(olga), make_draft(olga)
    run_jobs()
    for actor, error in ((VISITOR, PindeckError), (gus, Forbidden)):
        with pytest.raises(error):
            ordering.order(actor, active.id, ONE)
        with pytest.raises(error):
            ordering.prompts_for(actor, active.id, ONE)
    with pytest.raises(NotFound):
        ordering.order(sam, draft.id, ONE)
    for actor, image in ((sam, active), (mo, draft), (olga, active)):
        ordering.order(actor, image.id, ONE)
        run_jobs()
        child = children_of(image)[-1]
        assert child.user_id == actor.user_id and child.parent_id == image.id
    assert again(active).user_id == olga.user_id


def test_a_right_that_ended_meanwhile_sends_nothing(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, _ = ordering.order(sam, parent.id, Wish(2))
    User.update(disabled_at=1).where(User.id == sam.user_id).execute()
    run_jobs()
    assert [run.status for run in runs_of(batch)] == ["failed"] * 2 and "ended" in str(runs_of(batch)[0].error)
    assert children_of(parent) == [] and again(parent).ai_status == AiStatus.FAILED
    assert "No variation was made" in str(again(parent).ai_error)


def test_a_picture_that_is_hidden_meanwhile_is_not_sent_for_others(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, (sent, _) = ordering.order(sam, parent.id, Wish(2))
    Generation.update(status="processing", request_id="simulated-x", sent_at=db.now_ms()).where(Generation.id == sent.id).execute()
    Image.update(visibility=Visibility.PRIVATE).where(Image.seq == parent.seq).execute()
    run_jobs()
    assert [run.status for run in runs_of(batch)] == ["completed", "failed"] and len(children_of(parent)) == 1
    assert "may no longer vary" in str(runs_of(batch)[1].error) and runs_of(batch)[1].sent_at is None
    batch, _ = ordering.order(olga, parent.id, ONE)
    run_jobs()
    assert runs_of(batch)[0].status == GenerationStatus.COMPLETED


def test_a_form_begins_with_ones_own_words_alone(olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    for actor, words in ((olga, "from the roof"), (sam, "in the rain")):
        ordering.order(actor, parent.id, Wish(1, detail=words))
        run_jobs()
    told = [lineage.last_wish(actor, parent.id).get("detail") for actor in (olga, sam, mo)]
    assert told == ["from the roof", "in the rain", None]


def test_what_was_not_described_before_is_not_by_variations(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    Image.update(ai_status="failed", ai_error="No answer.").where(Image.seq == parent.seq).execute()
    ordering.order(olga, parent.id, ONE)
    run_jobs()
    assert (again(parent).ai_status, again(parent).ai_error) == ("failed", "No answer.")
    assert len(children_of(parent)) == 1


def test_what_is_approved_while_it_is_varied_is_described(olga: Actor, run_jobs: RunJobs) -> None:
    approved, waiting = make_active(olga), make_active(olga)
    for parent in (approved, waiting):
        Image.update(status="pending", ai_status="queued").where(Image.seq == parent.seq).execute()
        ordering.order(olga, parent.id, ONE)
    moderation.approve(olga, approved.id)
    assert Job.select().where((Job.kind == "analyse") & (Job.status == JobStatus.QUEUED)).count() == 0
    before = again(approved).ai_started_at
    run_jobs()
    assert (again(approved).status, again(approved).ai_status) == (ImageStatus.ACTIVE, AiStatus.COMPLETED)
    assert again(approved).ai_started_at != before
    assert (again(waiting).status, again(waiting).ai_status) == (ImageStatus.PENDING, AiStatus.QUEUED)


def test_a_parent_that_lies_in_the_trash_when_an_order_ends_comes_back_as_it_was(olga: Actor, run_jobs: RunJobs) -> None:
    plain, approved = make_active(olga), make_active(olga)
    Image.update(status="pending", ai_status="queued").where(Image.seq == approved.seq).execute()
    for parent in (plain, approved):
        ordering.order(olga, parent.id, ONE)
    moderation.approve(olga, approved.id)
    for parent in (plain, approved):
        trash.trash(olga, parent.id)
    run_jobs()
    for parent in (plain, approved):
        trash.restore(olga, parent.id)
    assert again(plain).ai_status in (AiStatus.COMPLETED, AiStatus.FAILED)
    assert (again(approved).ai_status, again(approved).ai_error) == ("failed", "It was in the trash when a machine came to describe it. Try again.")


def test_the_end_of_an_order_leaves_a_description_that_was_asked_for(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    Image.update(ai_status="failed", ai_error="No answer.").where(Image.seq == parent.seq).execute()
    batch, _ = ordering.order(olga, parent.id, ONE)
    analysis.retry(olga, parent.id)
    ending.give_up(batch, "It was cancelled.")
    assert again(parent).ai_status == AiStatus.PROCESSING
    run_jobs()
    assert again(parent).ai_status == AiStatus.COMPLETED


def test_what_programs_order_is_inside_their_wall(olga: Actor, mo: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga, project="Blade")
    key = api_keys.create(api_keys.NewClient("project", project=projects.find_or_create("Blade").slug))[2]
    actor = api_keys.actor_of(key)
    ordering.order(actor, parent.id, ONE)
    run_jobs()
    (child,) = children_of(parent)
    assert (child.visibility, child.client_id, child.user_id) == ("unlisted", actor.client_id, mo.user_id)
    assert child.file.project_id == parent.project_id
    publishing.sweep()
    assert config.current().generated_status == "lineage" and child.status == "active"
    without = api_keys.create(api_keys.NewClient("project", project="blade", scopes=("images:read", "images:write")))[2]
    with pytest.raises(Forbidden, match="generate"):
        ordering.order(api_keys.actor_of(without), parent.id, ONE)
    assert User.get_by_id(mo.user_id).role == Role.ADMIN


def test_an_order_that_is_cancelled_sends_nothing_more(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, (sent, _) = ordering.order(olga, parent.id, Wish(2))
    Generation.update(status="processing", request_id="r1").where(Generation.id == sent.id).execute()
    (job,) = Job.select().where(Job.kind == "vary")
    assert work_control.cancel(olga, job.id) is True
    run_jobs()
    assert [run.status for run in runs_of(batch)] == ["lost", "failed"] and runs_of(batch)[0].request_id == "r1"
    assert again(parent).ai_status == AiStatus.FAILED
    ordering.order(olga, parent.id, ONE)
    run_jobs()
    assert len(children_of(parent)) == 1
    assert (again(parent).ai_status, again(parent).ai_error) == (AiStatus.COMPLETED, None)
