"""The demonstration: made once, gone on with after it was broken off, refused where somebody keeps pictures, and removed."""

import pytest
from click.testing import CliRunner

from pindeck import terms
from pindeck.access import Actor
from pindeck.cli import cli
from pindeck.demo import arranging, filling, plan, removing, state
from pindeck.demo.drawing import SCENES, draw
from pindeck.demo.moods import MOODS
from pindeck.demo.words import MOODS as MOOD_WORDS
from pindeck.demo.words import SCENES as SCENE_WORDS
from pindeck.errors import Conflict
from pindeck.models import (
    Board,
    BoardImage,
    BoardPerson,
    Image,
    ImageCraft,
    Like,
    SeenMark,
    Setup,
    StoredFile,
    User,
    VocabularyTerm,
)
from pindeck.services.accounts import accounts
from pindeck.services.boards import reading
from pindeck.services.library import smart_boards
from pindeck.states import AiStatus, ImageStatus
from pindeck.times import iso_day
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import make_draft

FEW = 26


def test_the_plan_is_the_same_each_time_and_its_names_are_honest() -> None:
    found = plan.shots()
    assert found == plan.shots() and found[:40] == plan.shots(40)
    assert len({shot.key for shot in found}) == len(found) == 300
    assert all(shot.words["title"].startswith("Generated: ") and len(shot.words["title"]) <= 200 for shot in found)
    assert {shot.status for shot in found} == {ImageStatus.ACTIVE, ImageStatus.DRAFT, ImageStatus.PENDING}
    assert {shot.change for shot in found} == {"", "resize", "compress", "crop", "grade", "same"}
    assert any(shot.is_trashed for shot in found) and any(shot.is_held for shot in found)
    assert {shot.visibility for shot in found} == {"library", "private", "unlisted"}
    assert SCENES.keys() == SCENE_WORDS.keys() and MOODS.keys() == MOOD_WORDS.keys()


def test_its_craft_is_spelt_as_the_vocabulary_spells_it() -> None:
    for shot in plan.shots():
        for name in [*terms.CRAFT, "genre", "style"]:
            given = shot.words.get(name) or []
            for word in [given] if isinstance(given, str) else given:
                term = terms.FIELDS[name].read(word)
                assert term is not None and term.name == word, (name, word)


def test_a_picture_is_drawn_the_same_twice_and_each_scene_shows_something() -> None:
    by_scene = {shot.scene: shot for shot in plan.shots() if not shot.change}
    drawn = {scene: draw(shot) for scene, shot in by_scene.items()}
    assert draw(by_scene["sea"]) == drawn["sea"]
    assert all(len(each) > 30_000 for each in drawn.values()) and len(set(drawn.values())) == len(SCENES)


@pytest.mark.timeout(400)
def test_it_is_made_once_goes_on_and_is_removed(database: object, run_jobs: RunJobs) -> None:
    broken_off = filling.fill(FEW)
    for there in broken_off:
        if there == 9:
            break
    broken_off.close()
    assert Image.select().count() == 9 and Board.select().count() == 0
    counts = list(filling.fill(FEW))
    assert counts == [*range(9, FEW + 1)]
    first = {image.id for image in Image.select()}
    run_jobs()
    assert {image.persist_status for image in Image.select()} == {"succeeded"}
    assert {image.ai_status for image in Image.select()} == {AiStatus.COMPLETED}
    assert VocabularyTerm.select().count() == 0 and ImageCraft.select().count() > 100
    assert User.select().count() == 4 and Like.select().count() > 0 and SeenMark.select().count() == 4
    days = [iso_day(image.created_at) for image in Image.select().order_by(Image.seq)]
    assert days == sorted(days) and len(set(days)) > FEW / 2
    vera = filling.people()["vera"]
    boards = {board.name: board for board in Board.select()}
    assert boards.keys() == {*(each.name for each in arranging.BOARDS), *(each[1] for each in arranging.SMART)}
    ride = boards["Night ride: references"]
    assert [section.name for section in reading.sections_of(ride.id)] == ["On the road", "Faces"]
    assert BoardPerson.select().where(BoardPerson.board == ride.id).count() == 2
    assert BoardImage.select().where(BoardImage.note.is_null(False)).count() > 0
    assert smart_boards.count(vera, boards["Wide and warm"]) > 0
    invariants.check()
    Board.delete().where(Board.name == "Water").execute()  # what people do meanwhile stays so
    assert list(filling.fill(FEW)) == [FEW]
    assert {image.id for image in Image.select()} == first and not Board.select().where(Board.name == "Water").exists()

    accounts.create("olga@example.org", "correct horse battery")
    assert User.get(User.email == "olga@example.org").role == "curator"  # Vera is administrator
    leaving = removing.remove()
    assert [next(leaving) for _ in range(4)] == [FEW, FEW - 1, FEW - 2, FEW - 3]
    leaving.close()
    assert list(removing.remove())[-1] == 0
    run_jobs()
    assert (Image.select().count(), StoredFile.select().count(), Board.select().count()) == (0, 0, 0)
    assert {str(user.email) for user in User.select()} == {"olga@example.org", "vera@demo.example"}  # the one administrator
    assert not Setup.select().where(Setup.name.startswith("demo")).exists()
    with pytest.raises(Conflict):
        next(removing.remove())
    invariants.check()


@pytest.mark.parametrize("engine", ["postgres"])
def test_the_same_on_the_other_engine(database: object) -> None:
    assert list(filling.fill(4)) == [0, 1, 2, 3, 4] and list(filling.fill(4)) == [4]
    assert Board.select().count() == 6
    assert list(removing.remove()) == [4, 3, 2, 1, 0]
    assert (Image.select().count(), Board.select().count(), User.select().count()) == (0, 0, 1)


def test_where_somebody_keeps_pictures_nothing_is_made(olga: Actor) -> None:
    image = make_draft(olga)
    with pytest.raises(Conflict, match="in use: it holds pictures"):
        next(filling.fill(FEW))
    assert [each.id for each in Image.select()] == [image.id] and state.began_at() is None
    assert User.select().where(User.email.endswith("@demo.example")).count() == 0


def test_the_command_names_what_is_wrong_with_its_number() -> None:
    for number in ("0", "301", "many"):
        told = CliRunner().invoke(cli, ["demo", "--pictures", number])
        assert told.exit_code == 2 and "--pictures" in told.output
