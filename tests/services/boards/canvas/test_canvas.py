"""The canvas of a board: objects that two people place, change, layer and group without overwriting each other."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.models import Board, BoardImage, CanvasObject, CanvasVisit, Image
from pindeck.services.boards import boards, copying, people, pictures
from pindeck.services.boards.canvas import acting, arranging, layouts, objects, presence, shown
from pindeck.services.images import trash, undoing
from tests.conftest import count_queries
from tests.factories import make_row

on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


@pytest.fixture
def shots(olga: Actor) -> list[str]:
    return [make_row(olga, title=f"Shot {n}", width=1600, height=900, dominant=f"#{n}0{n}0ff").id for n in range(6)]


@pytest.fixture
def board(olga: Actor, sam: Actor, shots: list[str]) -> str:
    """One that both edit, with four of the pictures, the last of which Olga alone sees."""
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [*shots[:3], make_row(olga, title="Secret", visibility="private").id])
    people.set_all(olga, made.id, [sam.user_id])
    return str(made.id)


def state(board_id: str) -> dict[str, Any]:
    return {key: objects.state(row) for key, row in objects.read(board_id).items()}


def canvas(actor: Actor, board_id: str) -> shown.Canvas:
    return shown.canvas(actor, boards.find(actor, board_id))


@on_each_engine
def test_every_act_is_taken_back_and_done_again(olga: Actor, board: str, shots: list[str]) -> None:
    first = acting.add(olga, board, "note", text="Rain", x=10, y=20).ids[0]
    second = acting.add(olga, board, "arrow", width=-50, height=40).ids[0]
    acts = [
        lambda: acting.add(olga, board, "picture", image_id=shots[0]),
        lambda: acting.add(olga, board, "picture", image_id=shots[0], x=900),  # it stands there once
        lambda: acting.add(olga, board, "swatch", color="#AABBCC"),
        lambda: acting.change(olga, board, {first: {"x": 5, "text": "Fog"}, second: {"height": 0}}),
        lambda: acting.layer(olga, board, [first, second], "front"),
        lambda: acting.layer(olga, board, [second], "back"),
        lambda: acting.group(olga, board, [first, second]),
        lambda: arranging.arrange(olga, board, "colour"),
        lambda: acting.ungroup(olga, board, [first]),
        lambda: acting.remove(olga, board, [second]),
        lambda: pictures.remove(olga, board, shots[:2])[1],
    ]
    seen, done = [state(board)], []
    for act in acts:
        made = act()
        done.append(getattr(made, "action_id", made))
        seen.append(state(board))
    assert [len(each) for each in seen] == [2, 3, 3, 4, 4, 4, 4, 4, 7, 7, 6, 4]  # with their pictures, two objects went
    assert seen[1] != seen[2] and len({each["layer"] for each in seen[5].values()}) == 4
    for n in range(len(acts) - 1, -1, -1):
        undoing.undo(olga, str(done[n]))
        assert state(board) == seen[n], n
        undoing.redo(olga)
        assert state(board) == seen[n + 1], n
        undoing.undo(olga, olga_last())


def olga_last() -> str:
    from pindeck.models import Action

    return str(Action.select(Action.id).order_by(Action.id.desc()).limit(1).scalar())


@on_each_engine
def test_two_people_do_not_overwrite_each_other(olga: Actor, sam: Actor, board: str) -> None:
    one, two = (acting.add(olga, board, "note", text=text).ids[0] for text in ("One", "Two"))
    read = {key: row.version for key, row in objects.read(board).items()}
    first = acting.change(olga, board, {one: {"version": read[one], "x": 500}})
    acting.change(sam, board, {two: {"version": read[two], "x": 700}})  # another object, read before that
    now = objects.read(board)
    assert (now[one].x, now[two].x) == (500, 700) and now[two].version == boards.find(sam, board).version > now[one].version
    before = state(board)
    with pytest.raises(Conflict) as caught:
        acting.change(sam, board, {two: {"y": 9}, one: {"version": read[one], "x": 40, "y": 2}})
    assert caught.value.code == "CHANGED_SINCE" and state(board) == before  # nothing half done
    (met,) = caught.value.details["objects"]  # type: ignore[misc]
    assert met == {"id": one, "version": now[one].version, "now": {"x": 500, "y": 0}, "yours": {"x": 40, "y": 2}}
    assert acting.change(sam, board, {one: {"version": read[one], "x": 500}}).action_id is None  # as it stands
    acting.change(sam, board, {one: {"x": 41}})  # who names no version means it
    with pytest.raises(Conflict):
        undoing.undo(olga, str(first.action_id))
    assert objects.read(board)[one].x == 41


def test_a_step_forward_passes_the_next_object_that_lies_over_it(olga: Actor, sam: Actor, board: str) -> None:
    secret = next(row.image_id for row in BoardImage.select().where(BoardImage.board == board) if Image.get(Image.id == row.image_id).title == "Secret")
    low = acting.add(olga, board, "note", x=0, y=0).ids[0]
    away = acting.add(olga, board, "note", x=900, y=0).ids[0]
    acting.add(olga, board, "picture", image_id=secret, x=0, y=0)
    over, top = (acting.add(olga, board, "note", x=n, y=n).ids[0] for n in (40, 80))
    names = {low: "low", away: "away", over: "over", top: "top"}

    def order() -> list[str]:
        return [names.get(key, "secret") for key in objects.read(board)]

    def changed(act: Callable[[], acting.Acted]) -> int:
        before = state(board)
        act()
        return sum(each != before[key] for key, each in state(board).items())

    assert changed(lambda: acting.layer(sam, board, [low], "forward")) == 1  # Sam does not see the picture, so he passes it
    assert order() == ["away", "secret", "over", "low", "top"]
    assert changed(lambda: acting.layer(olga, board, [low, over], "forward")) == 2
    assert order() == ["away", "secret", "top", "over", "low"]
    assert changed(lambda: acting.layer(olga, board, [low], "forward")) == 0 and changed(lambda: acting.layer(sam, board, [away], "forward")) == 0
    assert changed(lambda: acting.layer(sam, board, [low], "backward")) == 1 and order() == ["away", "secret", "top", "low", "over"]
    for n, key in enumerate(objects.read(board)):  # without room between them
        CanvasObject.update(layer=n).where(CanvasObject.id == key).execute()
    before = state(board)
    stepped = acting.layer(olga, board, [over], "backward")
    assert order() == ["away", "secret", "top", "over", "low"]
    assert all(state(board)[key] == before[key] for key in (away, top)) and len({each["layer"] for each in state(board).values()}) == 5
    undoing.undo(olga, str(stepped.action_id))
    assert state(board) == before


def test_a_hidden_picture_is_told_to_nobody_else(olga: Actor, sam: Actor, board: str, shots: list[str]) -> None:
    arranging.arrange(olga, board, "packed")
    (secret,) = [each for each in canvas(olga, board).placed if each.image and each.image.title == "Secret"]
    assert len(canvas(sam, board).placed) == 3 and not canvas(sam, board).tray
    for act in (
        lambda: acting.change(sam, board, {secret.row.id: {"x": 1}}),
        lambda: acting.remove(sam, board, [secret.row.id]),
        lambda: acting.layer(sam, board, [secret.row.id], "front"),
        lambda: acting.add(sam, board, "picture", image_id=secret.row.image_id),
        lambda: acting.add(sam, board, "picture", image_id=shots[5]),  # not on the board
    ):
        with pytest.raises(NotFound):
            act()
    arranging.arrange(sam, board, "project")
    assert objects.state(objects.read(board)[secret.row.id]) == objects.state(secret.row)
    trash.trash(olga, shots[0])
    assert len(canvas(olga, board).placed) == 3
    trash.restore(olga, shots[0])
    assert len(canvas(olga, board).placed) == 4  # where it stood


def test_bad_input_names_its_field_and_strangers_find_nothing(olga: Actor, sam: Actor, board: str) -> None:
    note = acting.add(olga, board, "note").ids[0]
    before = state(board)
    for given, field in (
        ({"kind": "star"}, "kind"), ({"kind": "note", "x": "far"}, "x"), ({"kind": "note", "x": 1e9}, "x"), ({"kind": "note", "y": "nan"}, "y"),
        ({"kind": "note", "width": 3}, "width"), ({"kind": "arrow", "width": 0}, "width"), ({"kind": "swatch", "color": "red"}, "color"),
        ({"kind": "note", "text": "a" * 5001}, "text"), ({"kind": "picture"}, "image"), ({"kind": "note", "height": "inf"}, "height"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            acting.add(olga, board, **given)
        assert list(caught.value.fields) == [field], given
    for act, field in (
        (lambda: acting.group(olga, board, [note]), "ids"), (lambda: acting.remove(olga, board, []), "ids"),
        (lambda: acting.layer(olga, board, [note], "up"), "to"), (lambda: arranging.arrange(olga, board, "size"), "how"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            act()
        assert list(caught.value.fields) == [field]
    assert state(board) == before
    people.set_all(olga, board, [])
    with pytest.raises(NotFound):
        acting.remove(sam, board, [note])
    smart, _ = boards.create(olga, name="Rain", query="tag:rain")
    with pytest.raises(Conflict):
        acting.add(olga, smart.id, "note")
    Board.delete().where(Board.id == board).execute()
    assert not CanvasObject.select().exists()


def test_many_objects_are_read_in_as_many_statements_as_few(olga: Actor, board: str) -> None:
    arranging.arrange(olga, board, "packed")
    with count_queries() as few:
        canvas(olga, board)
    pictures.add(olga, board, [make_row(olga).id for _ in range(40)])
    arranging.arrange(olga, board, "packed")
    with count_queries() as many:
        assert len(canvas(olga, board).placed) == 44
    assert len(many) == len(few)


def test_pictures_that_are_arranged_cover_neither_each_other_nor_notes_nor_captions(olga: Actor, board: str) -> None:
    note = acting.add(olga, board, "note", x=-40, y=-40).ids[0]
    acting.add(olga, board, "swatch", x=-80, y=-90, text="The colour of the night. " * 40)
    arranging.arrange(olga, board, "packed")
    first = next(key for key, row in objects.read(board).items() if row.image_id)
    acting.change(olga, board, {first: {"text": "She turns into the light. " * 20 + "\n\n夜の雨" * 30}})
    for how in objects.How:
        arranging.arrange(olga, board, how)
        told = [(layouts.box_of(row), row.text or "" if row.kind != "note" else "") for row in objects.read(board).values()]
        boxes = [box._replace(height=box.height + layouts.under(words, box.width)) for box, words in told]
        boxes.pop(1)  # the swatch stands where it was put, over the note
        assert len(boxes) == 5
        for n, one in enumerate(boxes):
            for two in boxes[n + 1 :]:
                assert one.x >= two.x + two.width or two.x >= one.x + one.width or one.y >= two.y + two.height or two.y >= one.y + one.height
    chosen = [key for key, row in objects.read(board).items() if row.image_id][:2]
    before = state(board)
    arranging.arrange(olga, board, "colour", chosen)
    assert {key for key, each in state(board).items() if each != before[key]} <= set(chosen) and note in before


@on_each_engine
def test_a_copy_of_a_board_has_its_canvas(olga: Actor, sam: Actor, board: str) -> None:
    arranging.arrange(olga, board, "packed")
    acting.add(olga, board, "note", text="Rain")
    copy, action_id = copying.duplicate(sam, board)

    def told(of: str) -> list[tuple[object, ...]]:
        return sorted((each.row.kind, each.row.x, each.row.y, each.row.layer, each.row.text or "") for each in canvas(sam, of).placed)

    assert told(copy.id) == told(board) and len(told(board)) == 4
    undoing.undo(sam, action_id)
    assert set(CanvasObject.select(CanvasObject.board_id).distinct().tuples()) == {(board,)}
    undoing.redo(sam)
    assert told(copy.id) == told(board)


def test_a_canvas_that_is_full_stays_as_it_is(olga: Actor, board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MOST", 3)
    acting.add(olga, board, "note")
    arranging.arrange(olga, board, "packed")  # as many as there is room for
    before = state(board)
    with pytest.raises(Conflict) as caught:
        acting.add(olga, board, "note")
    assert caught.value.code == "CANVAS_FULL" and state(board) == before and len(before) == 3
    assert len(canvas(olga, board).tray) == 2


def test_who_else_is_there(olga: Actor, sam: Actor, board: str) -> None:
    row = boards.find(olga, board)
    assert presence.others(olga, row) == []
    assert [user.id for user in presence.others(sam, row)] == [olga.user_id]
    with count_queries() as asked:
        assert [user.id for user in presence.others(olga, row)] == [sam.user_id]
    assert len(asked) == 2  # who was noted a moment ago is not noted again
    CanvasVisit.update(seen_at=1).execute()
    assert presence.others(olga, row) == [] and presence.forget() == 1
