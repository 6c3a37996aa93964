"""Boards: who sees and changes them, what comes onto them and in which order, and what their link shows."""

from dataclasses import replace
from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, Board, BoardImage, BoardSection, Client, Image, User
from pindeck.services.actions import shown
from pindeck.services.boards import (
    boards,
    copying,
    listing,
    ordering,
    people,
    pictures,
    positions,
    reading,
    sections,
    sharing,
)
from pindeck.services.images import trash, undoing
from tests.conftest import ChangeSettings, count_queries
from tests.factories import make_row


def board_of(actor: Actor, *ids: str, name: str = "Night ride") -> Board:
    board, _ = boards.create(actor, name=name)
    if ids:
        pictures.add(actor, board.id, ids)
    return board


def order(actor: Actor, board: Board) -> list[str]:
    page = reading.page(reading.shown_to(actor), board.id, reading.sections_of(board.id))
    return [pinned.image.id for pinned in page.pinned]


def test_between_any_two_keys_there_is_room() -> None:
    keys = positions.between(None, None, 3)
    for _ in range(300):  # always at the same place, from either side
        keys.insert(1, positions.between(keys[0], keys[1])[0])
        keys.insert(len(keys) - 1, positions.between(keys[-2], keys[-1])[0])
    keys[:0] = positions.between(None, keys[0], 5)
    keys[7:7] = positions.between(keys[6], keys[7], 100)
    assert keys == sorted(set(keys)) and max(map(len, keys)) < 140
    assert not any(key.endswith("0") for key in keys if len(key) > positions.WIDTH)
    assert {len(key) for key in positions.between(None, None, 10_000)} == {positions.WIDTH}


def test_a_gap_that_is_used_up_is_told_and_a_move_elsewhere_works(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "LONGEST", positions.WIDTH + 1)
    ids = [make_row(olga).id for _ in range(3)]
    board = board_of(olga, *ids)
    told = None
    for number in range(20):  # the last two take turns at the second place
        try:
            ordering.move(olga, board.id, [ids[1 + number % 2]], before=ids[2 - number % 2])
        except Conflict as error:
            told = error
            break
    before = order(olga, board)
    assert told is not None and told.code == "NO_ROOM" and before[0] == ids[0]
    ordering.move(olga, board.id, [before[1]])
    ordering.move(olga, board.id, [before[1]], before=before[2])
    assert order(olga, board) == before and max(len(row.position) for row in BoardImage.select()) <= positions.LONGEST


def test_who_sees_and_changes_a_board(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    image = make_row(olga)
    board = board_of(olga, image.id)
    with pytest.raises(NotFound, match="no such board"):
        boards.find(sam, board.id)
    for actor, error in ((gus, Forbidden), (VISITOR, NotSignedIn)):
        with pytest.raises(error):
            boards.find(actor, board.id)
        with pytest.raises(error):
            boards.create(actor, name="Mine")
    assert [view.board.id for view in listing.list_page(mo)[0]] == [board.id]
    people.set_all(olga, board.id, [str(sam.user_id)])
    boards.update(sam, board.id, name="Ride by night", description="Sodium light")
    for forbidden in (
        lambda: boards.delete(sam, board.id),
        lambda: sharing.share(sam, board.id),
        lambda: people.set_all(sam, board.id, []),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    people.remove(sam, board.id, str(sam.user_id))
    with pytest.raises(NotFound):
        boards.update(sam, board.id, name="Mine")
    assert Board.get().name == "Ride by night"


def test_what_is_wrong_is_named_and_nothing_is_changed(olga: Actor, gus: Actor) -> None:
    with pytest.raises(Invalid) as caught:
        boards.create(olga, name=" ", description="x" * 5001)
    assert set(caught.value.fields) == {"name", "description"}
    board, other = board_of(olga, make_row(olga).id), make_row(olga)
    for field, change in (
        ("cover", lambda: boards.update(olga, board.id, cover=other.id)),
        ("query", lambda: boards.update(olga, board.id, query="tag=rain")),
        ("name", lambda: boards.update(olga, board.id, name="x" * 201)),
        ("note", lambda: pictures.write_note(olga, board.id, order(olga, board)[0], "x" * 2001)),
        ("ids", lambda: pictures.add(olga, board.id, [])),
        ("ids", lambda: ordering.set_order(olga, board.id, [other.id])),
        ("section", lambda: pictures.add(olga, board.id, [other.id], section_id=db.new_id())),
        ("collaborators", lambda: people.set_all(olga, board.id, [str(gus.user_id)])),
    ):
        with pytest.raises(Invalid) as caught:
            change()
        assert set(caught.value.fields) == {field}
    with pytest.raises(Conflict) as stale:
        boards.update(olga, board.id, name="Late", versions=frozenset({board.version}))
    assert stale.value.status == 412
    assert (Board.get().name, BoardImage.select().count()) == ("Night ride", 1)


def test_a_picture_that_one_does_not_see_is_neither_added_nor_shown(olga: Actor, sam: Actor) -> None:
    open_one, private = make_row(olga), make_row(olga, visibility="private")
    board = board_of(olga, open_one.id, private.id)
    people.set_all(olga, board.id, [str(sam.user_id)])
    assert (order(olga, board), order(sam, board)) == ([open_one.id, private.id], [open_one.id])
    assert [view.count for view in listing.list_page(sam)[0]] == [1]
    assert listing.list_page(sam)[0][0].pictures == [open_one]
    theirs = board_of(sam)
    with pytest.raises(NotFound):
        pictures.add(sam, theirs.id, [private.id])
    assert pictures.add(sam, theirs.id, [private.id, open_one.id])[0] == [open_one.id]
    for hidden in (
        lambda: pictures.write_note(sam, board.id, private.id, "Seen"),
        lambda: ordering.move(sam, board.id, [private.id]),
        lambda: ordering.move(sam, board.id, [open_one.id], before=private.id),
    ):
        with pytest.raises(NotFound):
            hidden()
    assert pictures.remove(sam, board.id, [private.id]) == ([], None)


def test_a_picture_stands_on_many_boards_once_each(olga: Actor) -> None:
    image = make_row(olga)
    one, two = board_of(olga, image.id), board_of(olga, image.id, name="Rain")
    assert pictures.add(olga, one.id, [image.id]) == ([], None)
    assert {board.id for board in listing.of_image(olga, image.id)} == {one.id, two.id}
    assert {offer.board.id: offer.holds for offer in listing.offers(olga, [image.id])} == {one.id: True, two.id: True}
    assert [offer.board.id for offer in listing.offers(olga, [], name=" RAIN ")] == [two.id]
    assert listing.named(olga, "night  RIDE").id == one.id  # type: ignore[union-attr]


def test_moving_a_picture_writes_one_row(olga: Actor) -> None:
    ids = [make_row(olga).id for _ in range(5)]
    board = board_of(olga, *ids)
    before = {row.image_id: row.position for row in BoardImage.select()}
    ordering.move(olga, board.id, [ids[4]], before=ids[1])
    after = {row.image_id: row.position for row in BoardImage.select()}
    assert [i for i in ids if before[i] != after[i]] == [ids[4]]
    assert order(olga, board) == [ids[0], ids[4], ids[1], ids[2], ids[3]]
    ordering.step(olga, board.id, ids[3], -1)
    ordering.step(olga, board.id, ids[0], 2)
    assert ordering.step(olga, board.id, ids[4], -1) is None
    undoing.undo(olga, str(ordering.move_after(olga, board.id, [ids[4]], ids[0])))
    assert order(olga, board) == [ids[4], ids[1], ids[0], ids[3], ids[2]]
    ordering.set_order(olga, board.id, [ids[2], ids[4], ids[1], ids[0], ids[3]])
    assert order(olga, board) == [ids[2], ids[4], ids[1], ids[0], ids[3]]
    assert Action.select().order_by(Action.id.desc()).get().total == 1  # the fewest that must


def test_sections_hold_pictures_and_give_them_back(olga: Actor) -> None:
    ids = [make_row(olga).id for _ in range(4)]
    board = board_of(olga, *ids)
    (night, _), (day, _) = sections.add(olga, board.id, "Night"), sections.add(olga, board.id, "Day")
    ordering.move(olga, board.id, [ids[0], ids[2]], section_id=night)
    ordering.move(olga, board.id, [ids[1]], section_id=day)
    assert order(olga, board) == [ids[3], ids[0], ids[2], ids[1]]
    sections.move(olga, board.id, day, -1)
    assert order(olga, board) == [ids[3], ids[1], ids[0], ids[2]]
    gone = sections.remove(olga, board.id, night)
    assert order(olga, board) == [ids[3], ids[0], ids[2], ids[1]]
    assert undoing.undo(olga, str(gone)).left == []
    assert order(olga, board) == [ids[3], ids[1], ids[0], ids[2]]
    assert [section.name for section in reading.sections_of(board.id)] == ["Day", "Night"]


def test_a_section_of_many_ends_with_as_many_statements_as_one_of_few(olga: Actor) -> None:
    counted = []
    for many in (2, 20):
        ids = [make_row(olga).id for _ in range(many)]
        board = board_of(olga, *ids)
        night, _ = sections.add(olga, board.id, "Night")
        ordering.move(olga, board.id, ids, section_id=night)
        with count_queries() as statements:
            sections.remove(olga, board.id, night)
        assert order(olga, board) == ids and not reading.sections_of(board.id)
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_what_is_in_the_trash_is_hidden_and_comes_back_to_its_place(olga: Actor) -> None:
    ids = [make_row(olga).id for _ in range(3)]
    board = board_of(olga, *ids)
    trash.trash(olga, ids[1])
    assert order(olga, board) == [ids[0], ids[2]]
    ordering.move(olga, board.id, [ids[2]], before=ids[0])
    trash.restore(olga, ids[1])
    assert order(olga, board) == [ids[2], ids[0], ids[1]]
    Image.delete().where(Image.id == ids[1]).execute()
    assert BoardImage.select().count() == 2


def test_a_copy_has_all_that_its_maker_sees(olga: Actor, sam: Actor) -> None:
    ids = [make_row(olga, visibility=seen).id for seen in ("library", "private", "library")]
    board = board_of(olga, *ids)
    section, _ = sections.add(olga, board.id, "Night")
    ordering.move(olga, board.id, [ids[0]], section_id=section)
    pictures.write_note(olga, board.id, ids[0], "Sodium")
    people.set_all(olga, board.id, [str(sam.user_id)])
    sharing.share(olga, board.id)
    copy, action_id = copying.duplicate(sam, board.id)
    page = reading.page(reading.shown_to(sam), copy.id, reading.sections_of(copy.id))
    assert [(p.image.id, p.note) for p in page.pinned] == [(ids[2], None), (ids[0], "Sodium")]
    assert (copy.name, copy.user_id, copy.share_hash) == ("Night ride (copy)", sam.user_id, None)
    undoing.undo(sam, action_id)
    assert (Board.select().count(), BoardSection.select().count()) == (1, 1)


def test_the_link_shows_what_is_open_and_nothing_else(olga: Actor, change_settings: ChangeSettings) -> None:
    change_settings(public_library=False)
    shown = make_row(olga, title="Shown")
    hidden = [
        make_row(olga, visibility="private"),
        make_row(olga, status="draft"),
        make_row(olga, status="pending"),
        make_row(olga, deleted_at=db.now_ms(), deleted_by=olga.user_id),
    ]
    Image.update(deleted_at=None).where(Image.id == hidden[3].id).execute()
    board = board_of(olga, shown.id, *(image.id for image in hidden))
    Image.update(deleted_at=1).where(Image.id == hidden[3].id).execute()
    token, _ = sharing.share(olga, board.id)
    assert len(token) == 32 and token not in repr(Board.get().__data__)
    assert sharing.LINKS.find(token) == board
    assert [pinned.image.id for pinned in sharing.opened(board).page.pinned] == [shown.id]
    assert sharing.opened(board).count == sharing.count_open(board) == 1
    assert sharing.picture(board, shown.id) == shown
    for image_id in (*(image.id for image in hidden), make_row(olga).id):
        with pytest.raises(NotFound):
            sharing.picture(board, image_id)
    renewed, _ = sharing.share(olga, board.id)
    ends = [lambda: sharing.revoke(olga, board.id), lambda: boards.delete(olga, board.id)]
    for end in (lambda: User.update(disabled_at=1).where(User.id == olga.user_id).execute(), *ends):
        assert sharing.LINKS.find(renewed)
        end()
        assert [sharing.LINKS.find(dead) for dead in (token, renewed, "", "x" * 5000)] == [None] * 4
        User.update(disabled_at=None).where(User.id == olga.user_id).execute()
        renewed = sharing.share(olga, board.id)[0] if end is not ends[1] else renewed


def test_a_key_of_a_project_has_boards_of_its_own_and_no_link(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, project="Blade")
    board_of(olga, image.id)
    Client.create(id="c", kind="project", identifier="c", project=image.project_id, user=olga.user_id, created_at=1)
    key = replace(olga, client_id="c", client_kind="project", project_id=image.project_id, scopes=frozenset({"boards:write", "boards:read"}))
    assert listing.list_page(key)[0] == []
    own = board_of(key, image.id, name="Of the key")
    assert [view.board.id for view in listing.list_page(key)[0]] == [own.id]
    with pytest.raises(Forbidden):
        sharing.share(key, own.id)
    with pytest.raises(NotFound):
        pictures.add(key, own.id, [make_row(olga, project="Alien").id])
    with pytest.raises(Forbidden):
        boards.create(replace(key, scopes=frozenset({"boards:read"})), name="Read only")


def test_ten_thousand_pictures_are_paged_by_index_and_no_more_are_added(olga: Actor) -> None:
    image = make_row(olga)
    board = board_of(olga, image.id)
    keys = positions.between(BoardImage.get().position, None, pictures.MOST - 1)
    rows = [make_row(olga) for _ in range(130)]
    now = db.now_ms()
    for row, key in zip(rows, keys, strict=False):
        BoardImage.insert(board=board.id, image_id=row.id, position=key, created_at=now).execute()
    shown, listed = reading.shown_to(olga), []
    with count_queries() as one:
        page = reading.page(shown, board.id, [])
    while page.next_after:
        listed += page.pinned
        with count_queries() as later:
            page = reading.page(shown, board.id, [], after=reading.after_of(page.next_after))
    listed += page.pinned
    assert len(one) == len(later) == 1
    assert [pinned.image.id for pinned in listed] == [image.id, *(row.id for row in rows)]
    assert reading.counts(shown, [board]) == {board.id: 131}
    if not db.is_postgres():
        plan = db.sql(
            "EXPLAIN QUERY PLAN SELECT image_id FROM board_image WHERE board_id = :b AND section_id IS NULL"
            " AND position >= :p ORDER BY position, image_id LIMIT 60", b=board.id, p=keys[0],
        ).fetchall()  # fmt: skip
        assert [row[3] for row in plan] == ["SEARCH board_image USING COVERING INDEX board_image_order (board_id=? AND section_id=? AND position>?)"]


def test_a_full_board_takes_no_more(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    board = board_of(olga, make_row(olga).id, make_row(olga).id)
    with pytest.raises(Conflict, match="at most 2 pictures"):
        pictures.add(olga, board.id, [make_row(olga).id])
    assert BoardImage.select().count() == 2


def test_what_was_deleted_goes_for_good_when_it_cannot_be_taken_back(olga: Actor) -> None:
    from pindeck.services.actions import log
    from pindeck.services.images.undoing import forgetting

    image = make_row(olga)
    board = board_of(olga, image.id)
    gone = boards.delete(olga, board.id)
    forgetting.sweep()
    undoing.undo(olga, gone)
    assert order(olga, board) == [image.id]
    boards.delete(olga, board.id)
    Board.update(deleted_at=log.oldest() - 1).execute()
    forgetting.sweep()
    assert (Board.select().count(), BoardImage.select().count()) == (0, 0)


def test_two_people_add_collaborators_at_once(olga: Actor, sam: Actor, mo: Actor) -> None:
    board = board_of(olga)

    def after_another(*given: Any, **named: Any) -> Board:
        people.add(mo, board.id, mo.user_id or "")
        return boards.locked(*given, **named)

    replace(people.PEOPLE, locked=after_another).add(olga, board.id, sam.user_id or "")
    assert {user.id for user in people.of_board(board.id)} == {sam.user_id, mo.user_id}


def test_the_history_names_boards_sections_and_people_to_those_who_may_know_them(olga: Actor, sam: Actor, mo: Actor) -> None:
    board, made = boards.create(olga, name="Night ride")
    people.add(olga, board.id, str(sam.user_id))
    section, _ = sections.add(sam, board.id, "Exterior")
    sections.rename(sam, board.id, section, "Interior")
    boards.update(sam, board.id, name="Day ride")

    def told(actor: Actor) -> list[str]:
        return [view.thing for view in shown.list_actions(actor)[0]]

    assert told(olga) == ["“Day ride” (Sam)", "“Day ride”"]
    assert told(sam) == ["“Day ride”", "“Day ride” (Exterior)", "“Day ride” (Exterior)"]
    assert told(mo)[-1] == "“Day ride”"
    people.set_all(olga, board.id, [])
    assert set(told(sam)) == {""}
    boards.delete(olga, board.id)
    assert told(olga)[0] == "“Day ride”" and set(told(sam)) == {""}
    other, made = boards.create(olga, name="Rain")
    undoing.undo(olga, made)
    assert told(olga)[0] == "“Rain”"
    undoing.redo(olga)
    assert told(olga)[0] == "“Rain”"
    with count_queries() as few:
        told(olga)
    for n in range(20):
        boards.create(olga, name=f"Board {n}")
    with count_queries() as many:
        told(olga)
    assert len(many) == len(few)
