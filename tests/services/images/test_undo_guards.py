"""Each kind of step is left alone when its picture is not as the action left it, and whatever the reason for that is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Action, Alias, BoardImage, Flow, Image, Like, Memo, Project, Proposal
from pindeck.services.actions import log, remaining
from pindeck.services.actions.steps import Step, Taking
from pindeck.services.boards import boards, ordering, people, pictures, searches, sections
from pindeck.services.boards.canvas import objects
from pindeck.services.boards.decks import blocks, chosen, decks
from pindeck.services.boards.decks import people as deck_people
from pindeck.services.boards.storyboards import frames, shots, storyboards
from pindeck.services.images import (
    aliases,
    flows,
    gardening,
    house_rules,
    ledger,
    managed,
    memos,
    moderation,
    moving,
    parting,
    project_words,
    projects,
    proposals,
    publishing,
    review,
    subjects,
    swapping,
    trash,
    undoing,
    uniting,
    vocabulary,
)
from pindeck.services.images.managed import Change
from pindeck.services.library import bulk
from pindeck.services.library.choices import Choice
from pindeck.states import ImageStatus, Role
from tests.factories import make_row
from tests.services.images.snapshots import tables


def put(image: Image, **columns: Any) -> None:
    Image.update(**columns).where(Image.seq == image.seq).execute()


def rename(image: Image) -> None:
    Alias.update(name="else", name_key="else").where(Alias.image_id == image.id).execute()


def name_in_a_flow(actor: Actor, image: Image) -> None:
    now = db.now_ms()
    flow = Flow.create(id=db.new_id(), project=image.project_id, created_at=now, updated_at=now)
    flows.set_aliases(actor, flow.id, {"@take": image.id})


def refuse_one(actor: Actor, image: Image) -> None:
    ledger.edit(actor, image.id, "genre", "Drama")
    Action.delete().execute()
    proposals.make(image, {"genre": "Noir"}, "eye", "1", db.new_id())
    proposals.refuse(actor, image.id)


def on_a_board(actor: Actor, image: Image, *, holds: bool = True) -> str:
    """A board that the picture is on, whose making no action tells of."""
    board, _ = boards.create(actor, name="Night ride")
    if holds:
        pictures.add(actor, board.id, [image.id])
    Action.delete().execute()
    return str(board.id)


def move_on_a_board(actor: Actor, image: Image) -> None:
    board, other = on_a_board(actor, image), make_row(actor)
    pictures.add(actor, board, [other.id])
    Action.delete().execute()
    ordering.move(actor, board, [image.id])


def put_on(image: Image, **columns: Any) -> None:
    BoardImage.update(**columns).where(BoardImage.image_id == image.id).execute()


# By kind: what somebody does, and what happens to the picture behind the back of the log.
CASES: dict[str, tuple[Callable[[Actor, Image], object], Callable[[Image], object]]] = {
    "trash": (lambda a, i: trash.trash(a, i.id), lambda i: put(i, deleted_at=1)),
    "move": (lambda a, i: ledger.edit(a, i.id, "project", "Alien"), lambda i: put(i, project=projects.DEFAULT_ID)),
    "status": (lambda a, i: publishing.publish(a, i.id), lambda i: put(i, status=ImageStatus.BROKEN)),
    "word": (lambda a, i: ledger.edit(a, i.id, "title", "Snow"), lambda i: put(i, title="Ice")),
    "alias": (lambda a, i: aliases.assign(a, i.id, "@hero"), rename),
    "flow_alias": (name_in_a_flow, rename),
    "visibility": (
        lambda a, i: moderation.update(a, i.id, {}, visibility="unlisted"),
        lambda i: put(i, visibility="private"),
    ),
    "focal": (lambda a, i: managed.update(a, i.id, Change(True, (0.5, 0.5), None)), lambda i: put(i, focal_x=0.25)),
    "meta": (lambda a, i: managed.update(a, i.id, Change(False, None, {"a": 1})), lambda i: put(i, meta={"a": True})),
    "subject_character": (
        lambda a, i: subjects.forget(a, "character", "Ann"),
        lambda i: put(i, subject_character="Bo"),
    ),
    "subject_chat": (lambda a, i: subjects.forget(a, "chat", "c1"), lambda i: put(i, subject_chat="c2")),
    "memo": (lambda a, i: memos.write(a, i.id, "Light"), lambda i: Memo.update(text="Fog").execute()),
    "like": (
        lambda a, i: bulk.like(a, Choice((i.id,)), wanted=True),
        lambda i: Like.update(created_at=1).where(Like.image_id == i.id).execute(),
    ),
    "held_at": (lambda a, i: review.hold(a, [i.id]), lambda i: put(i, held_at=1)),
    "board_image": (lambda a, i: pictures.add(a, on_a_board(a, i, holds=False), [i.id]), lambda i: put_on(i, note="Fog")),
    "board_place": (move_on_a_board, lambda i: put_on(i, position="else")),
    "board_note": (lambda a, i: pictures.write_note(a, on_a_board(a, i), i.id, "Light"), lambda i: put_on(i, note="Fog")),
    "proposal": (refuse_one, lambda i: Proposal.update(state="accepted").execute()),
}
IN_TRASH = {kind for kind, inverse in undoing.INVERSES.items() if inverse.in_trash}
every_kind = pytest.mark.parametrize("kind", list(CASES))


def done(kind: str, actor: Actor) -> tuple[str, Image]:
    """The id of an action of this kind, and its picture."""
    status = ImageStatus.DRAFT if kind in ("status", "held_at") else ImageStatus.ACTIVE
    image = make_row(actor, title="Rain", status=status, project="Blade", subject_character="Ann", subject_chat="c1")
    CASES[kind][0](actor, image)
    (action,) = Action.select()
    return action.id, image


def reasons(actor: Actor, action_id: str) -> set[str]:
    """Why nothing of an action could be taken back; then nothing was changed."""
    before = tables()
    with pytest.raises(Conflict) as caught:
        undoing.undo(actor, action_id)
    assert caught.value.code == "CHANGED_SINCE" and tables() == before
    return {left["reason"] for left in caught.value.details["left"]}  # type: ignore[attr-defined]


def test_each_kind_is_here() -> None:
    """But those that are about no picture: `test_vocabulary.py`, `test_describing.py`, `test_arranging.py` and
    `boards/test_undo.py` ask the same of theirs; and those of merged copies, which are about several at once (`test_uniting.py`)."""
    of_boards = {boards.BOARD, boards.FIELD, sections.KIND, people.KIND}
    of_boards |= {frames.KIND, shots.KIND, storyboards.STORYBOARD, storyboards.FIELD}  # `boards/storyboards/test_storyboards.py`
    of_boards |= {blocks.KIND, chosen.KIND, deck_people.KIND, decks.DECK, decks.FIELD}  # `boards/decks/test_decks.py`
    of_boards |= {objects.KIND}  # `boards/canvas/test_canvas.py`
    others = {moving.PROJECT, gardening.KIND, vocabulary.KIND, house_rules.KIND, project_words.KIND, parting.APART, searches.KIND}
    merged = {uniting.ALIAS, uniting.IN_FLOW, *uniting.MOVED, swapping.BYTES}
    assert set(CASES) == set(undoing.INVERSES) - of_boards - others - merged


@every_kind
def test_each_is_taken_back(olga: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    assert undoing.undo(olga, action_id).image_ids == [image.id]
    assert Action.get_by_id(action_id).status == "undone"


@every_kind
def test_what_changed_and_no_action_tells_of_it_is_not_written_over(olga: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    CASES[kind][1](image)
    assert all(reason for reason in reasons(olga, action_id))
    assert Action.get_by_id(action_id).status == "done"


@every_kind
def test_whoever_may_not_do_it_any_more_takes_nothing_back(olga: Actor, sam: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    put(image, user=sam.user_id)
    found = reasons(replace(olga, role=Role.GUEST), action_id)
    # Others do not see what lies in the trash, or waits.
    assert found == {"is no longer there" if kind in ("trash", "held_at") else "can no longer be changed by you"}


@every_kind
def test_what_was_hidden_from_somebody_is_not_changed_by_them(olga: Actor, sam: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    put(image, user=sam.user_id, visibility="private")
    assert reasons(olga, action_id) == {"is no longer there"}


def test_a_name_of_a_flow_that_was_removed_from_a_hidden_picture_goes_back_there(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, project="Blade", visibility="private")
    name_in_a_flow(olga, image)
    before = tables()
    flows.remove_alias(sam, Flow.get().id, "@take")
    action = Action.get(Action.user_id == sam.user_id)
    assert reasons(replace(sam, role=Role.GUEST), action.id) == {"is no longer there"}
    assert undoing.undo(sam, action.id).left == []
    assert tables() == before
    assert Alias.get().image_id == image.id


@pytest.mark.parametrize("kind", sorted(set(CASES) - IN_TRASH))
def test_what_lies_in_the_trash_is_left_there(olga: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    put(image, deleted_at=db.now_ms(), deleted_by=olga.user_id)
    assert reasons(olga, action_id) == {"is in the trash"}


@every_kind
def test_a_later_action_at_the_same_place_comes_first(olga: Actor, kind: str) -> None:
    """Even if everything looks as the first one had left it."""
    action_id, image = done(kind, olga)
    (step, *_) = [*log_steps(action_id)]
    if kind == "word":
        ledger.edit(olga, image.id, "title", "Ice")
        ledger.edit(olga, image.id, "title", "Snow")
    else:
        with db.writing():
            log.record(olga, ledger.SET, [replace(step, before=step.after, after=step.after)], images=1)
    assert "has been changed since" in reasons(olga, action_id)


def test_a_name_that_was_given_since_keeps_a_picture_out_of_the_trash_and_in_its_project(olga: Actor) -> None:
    image = make_row(olga, project="Blade")
    aliases.assign(olga, image.id, "@hero")
    trash.trash(olga, image.id)
    trash.restore(olga, image.id)
    back = latest()
    aliases.assign(olga, image.id, "@other")
    assert reasons(olga, back) == {"has another alias now"}
    ledger.edit(olga, image.id, "project", "Alien")
    moved = latest()
    aliases.assign(olga, image.id, "@third")
    assert "has an alias in its project now" in reasons(olga, moved)


def test_a_picture_keeps_its_alias_where_another_one_has_the_former_by_now(olga: Actor) -> None:
    image, other, third = (make_row(olga, project="Blade") for _ in range(3))
    aliases.assign(olga, image.id, "@hero")
    aliases.assign(olga, image.id, "@other")
    renamed = latest()
    aliases.assign(olga, other.id, "@hero")
    assert reasons(olga, renamed) == {"had an alias that another picture has now"}
    aliases.assign(olga, third.id, "@other")  # taken from the first one, whose former name is not free
    taken = latest()
    assert undoing.undo(olga, taken).left == []
    assert {a.name: a.image_id for a in Alias.select()} == {"hero": other.id, "other": image.id}


def test_a_picture_does_not_go_back_to_a_project_that_is_gone(olga: Actor) -> None:
    image = make_row(olga, project="Blade")
    ledger.edit(olga, image.id, "project", "Alien")
    moved = latest()
    Project.delete().where(Project.name == "Blade").execute()
    assert "was in a project that is gone" in reasons(olga, moved)


def test_a_unique_id_that_another_picture_has_by_now_stays_there(olga: Actor) -> None:
    image, other = make_row(olga, unique_tag="A0"), make_row(olga)
    ledger.edit(olga, image.id, "unique_tag", "B1")
    changed = latest()
    ledger.edit(olga, other.id, "unique_tag", "A0")
    assert reasons(olga, changed) == {"had a unique id that another picture has now"}


def latest() -> str:
    return str(Action.select(Action.id).order_by(Action.id.desc()).limit(1).scalar())


def log_steps(action_id: str) -> list[Step]:
    return remaining.next_steps(action_id, "", 250)[0]


def test_nobody_takes_back_the_memo_of_another_person(olga: Actor, mo: Actor) -> None:
    """The log asks first whose an action is; the inverse holds by itself."""
    image = make_row(olga)
    for text in ("Light", ""):
        memos.write(olga, image.id, text)
    before = tables()
    for step in (
        Step("memo", image.id, None, "Light", str(olga.user_id)),
        Step("memo", image.id, "Light", None, str(olga.user_id)),
    ):
        taking = Taking(mo, db.new_id(), {image.id: image}, db.now_ms())
        (left,) = memos.take_back(taking, [step])
        assert left.step == step and tables() == before
