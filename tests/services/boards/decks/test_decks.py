"""Decks: made, edited block by block, taken back and done again, by who keeps or edits them alone."""

from dataclasses import replace

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound
from pindeck.models import Action, Client, Deck, DeckBlock, DeckImage, DeckStill
from pindeck.services.boards import boards, people, pictures, sections
from pindeck.services.boards.decks import blocks, chosen, composing, decks, editing, sharing
from pindeck.services.boards.decks import people as deck_people
from pindeck.services.boards.decks.composing import Block, Still
from pindeck.services.images import trash, undoing
from tests.conftest import count_queries
from tests.factories import make_row
from tests.services.images.snapshots import tables

on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


@pytest.fixture
def ids(olga: Actor) -> list[str]:
    return [make_row(olga, title=f"Still {n}").id for n in range(13)]


@pytest.fixture
def board(olga: Actor, ids: list[str]) -> str:
    """A board of twelve of the pictures, of which two stand in a section."""
    made, _ = boards.create(olga, name="Night ride")
    section, *_ = sections.add(olga, made.id, "Road")
    pictures.add(olga, made.id, ids[10:12], section_id=section)
    pictures.add(olga, made.id, ids[:10])
    return str(made.id)


@pytest.fixture
def deck(olga: Actor, board: str) -> Deck:
    return decks.create(olga, board_id=board)[0]


def at(deck: Deck, n: int) -> Block:
    return blocks.read(deck.id)[n]


@on_each_engine
def test_it_is_made_of_a_board_of_chosen_pictures_of_another_deck_or_of_nothing(olga: Actor, sam: Actor, board: str, ids: list[str]) -> None:
    of_board, action_id = decks.create(olga, board_id=board)
    assert (of_board.title, of_board.board_id, list(chosen.read(of_board.id))) == ("Night ride Deck", board, ids[:12])
    assert len(blocks.read(of_board.id)) == 10 and at(of_board, 2).stills[0] == Still(ids[2])
    editing.change(olga, of_board.id, at(of_board, 1).id, text="Nobody sleeps.")
    decks.update(olga, of_board.id, style="noir")
    hidden = make_row(sam, visibility="private").id
    model, _ = decks.create(olga, ids=[ids[4], hidden, ids[12]], template_id=of_board.id, title="Second")
    assert (model.title, model.style, list(chosen.read(model.id))) == ("Second", "noir", [ids[4], ids[12]])
    assert at(model, 1).text == "Nobody sleeps." and at(model, 1).stills[0] == Still(ids[12])
    blank, _ = decks.create(olga)
    assert [str(block.kind) for block in blocks.read(blank.id)] == ["hero"] and not at(blank, 0).is_locked
    for wrong, error in (
        (lambda: decks.create(olga, board_id=boards.create(olga, name="Empty")[0].id), Conflict),
        (lambda: decks.create(olga, ids=[hidden]), NotFound),
        (lambda: decks.create(olga, board_id="no"), NotFound),
        (lambda: decks.create(sam, template_id=of_board.id), NotFound),
        (lambda: decks.create(olga, title="x" * 201), Invalid),
    ):
        with pytest.raises(error):
            wrong()
    assert undoing.undo(olga, action_id).left and Deck.get_or_none(Deck.id == of_board.id)  # it was shaped since


@on_each_engine
def test_every_act_is_taken_back_and_done_again(olga: Actor, sam: Actor, board: str, ids: list[str]) -> None:
    Action.delete().execute()
    acts = [
        lambda of: decks.create(olga, board_id=board),
        lambda of: editing.add(olga, of.id, "tone", before=at(of, 1).id),
        lambda of: editing.change(olga, of.id, at(of, 2).id, title="Fog", text="A\nB", notes="Slow", variant="B", is_on=False),
        lambda of: editing.put(olga, of.id, at(of, 3).id, 2, ids[12], focal=(0.1, 0.9)),
        lambda of: editing.change(olga, of.id, at(of, 3).id, stills=[None, Still(ids[0]), Still(ids[1], 0.5, 0.25)]),
        lambda of: editing.duplicate(olga, of.id, at(of, 0).id),
        lambda of: editing.move(olga, of.id, at(of, 5).id, at(of, 1).id),
        lambda of: editing.step(olga, of.id, at(of, 4).id, 1),
        lambda of: editing.remove(olga, of.id, at(of, 3).id),
        lambda of: editing.choose(olga, of.id, [ids[9], ids[0], ids[3]]),
        lambda of: editing.choose_more(olga, of.id, [ids[3], ids[11]]),
        lambda of: decks.update(olga, of.id, title="Day", palette=["#112233"] * 5, overlay=7, font_family="plex", has_credits=False),
        lambda of: deck_people.add(olga, of.id, str(sam.user_id)),
        lambda of: deck_people.set_all(olga, of.id, []),
        lambda of: sharing.share(olga, of.id),
        lambda of: sharing.share(olga, of.id),
        lambda of: sharing.revoke(olga, of.id),
        lambda of: decks.duplicate(olga, of.id),
        lambda of: decks.delete(olga, of.id),
    ]  # fmt: skip
    seen = [tables()]
    for act in acts:
        act(Deck.select().order_by(Deck.id).first())
        seen.append(tables())
    assert all(one != two for one, two in zip(seen, seen[1:], strict=False))
    done = [str(row.id) for row in Action.select().order_by(Action.id)]
    assert len(done) == len(acts)
    for n in range(len(acts) - 1, -1, -1):
        assert undoing.undo(olga, done[n]).left == [] and tables() == seen[n], n
        undone, again_id = undoing.redo(olga)
        assert undone and undone.left == [] and tables() == seen[n + 1], n
        undoing.undo(olga, again_id)
        assert tables() == seen[n], n


@on_each_engine
def test_two_people_meet_in_one_block_and_both_versions_are_told(olga: Actor, sam: Actor, board: str, ids: list[str]) -> None:
    people.set_all(olga, board, [sam.user_id])
    deck, _ = decks.create(olga, board_id=board)
    block = at(deck, 1).id
    mine = editing.change(olga, deck.id, block, text="Mine", based_on={"text": ""})
    with pytest.raises(Conflict) as caught:
        editing.change(sam, deck.id, block, text="Theirs", title="New", based_on={"text": "", "title": ""})
    assert caught.value.code == "CHANGED_SINCE" and caught.value.details == {"now": {"text": "Mine"}, "yours": {"text": "Theirs"}}
    assert editing.change(sam, deck.id, block, title="New", based_on={"title": ""}).action_id  # another field of it
    assert editing.change(sam, deck.id, block, text="Mine", based_on={"text": ""}).action_id is None  # the same words
    with pytest.raises(Conflict):
        undoing.undo(olga, str(mine.action_id))  # the block is another one since
    with pytest.raises(Conflict) as stale:
        editing.change(sam, deck.id, block, text="Theirs", versions=frozenset({1}))
    assert stale.value.status == 412 and at(deck, 1).text == "Mine"


@on_each_engine
def test_a_locked_block_stays_until_it_is_unlocked(olga: Actor, deck: Deck, ids: list[str]) -> None:
    hero = at(deck, 0)
    for act in (
        lambda: editing.change(olga, deck.id, hero.id, title="X"),
        lambda: editing.change(olga, deck.id, hero.id, is_on=False),
        lambda: editing.change(olga, deck.id, hero.id, is_locked=False, title="X"),
        lambda: editing.put(olga, deck.id, hero.id, 0, ids[3]),
        lambda: editing.move(olga, deck.id, hero.id, None),
        lambda: editing.step(olga, deck.id, hero.id, 1),
        lambda: editing.remove(olga, deck.id, hero.id),
        lambda: editing.choose(olga, deck.id, ids[1:3]),
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "BLOCK_LOCKED"
    decks.update(olga, deck.id, title="Day")
    assert at(deck, 0).title == "Night ride Deck"  # it shows what it showed
    editing.change(olga, deck.id, hero.id, is_locked=False)
    editing.change(olga, deck.id, hero.id, title=None)
    decks.update(olga, deck.id, title="Dusk")
    assert at(deck, 0).title is None  # it follows
    assert editing.remove(olga, deck.id, hero.id).action_id


@on_each_engine
def test_nothing_is_cut_off_and_wrong_values_are_named(olga: Actor, deck: Deck, ids: list[str]) -> None:
    block = at(deck, 3)
    for act, field in (
        (lambda: editing.change(olga, deck.id, block.id, title="x" * 501), "title"),
        (lambda: editing.change(olga, deck.id, block.id, text="x" * 20_001), "text"),
        (lambda: editing.change(olga, deck.id, block.id, variant="C"), "variant"),
        (lambda: editing.put(olga, deck.id, block.id, 6, ids[0]), "slot"),
        (lambda: editing.put(olga, deck.id, block.id, 0, ids[0], focal=(2, 0)), "focal"),
        (lambda: editing.put(olga, deck.id, block.id, 0, "no"), "image"),
        (lambda: editing.add(olga, deck.id, "divider"), "kind"),
        (lambda: decks.update(olga, deck.id, style="round"), "style"),
        (lambda: decks.update(olga, deck.id, overlay=101), "overlay"),
        (lambda: decks.update(olga, deck.id, overlay="²"), "overlay"),
        (lambda: decks.update(olga, deck.id, palette=["red"] * 5), "palette"),
        (lambda: decks.update(olga, deck.id, title=" "), "title"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            act()
        assert list(caught.value.fields) == [field]
    with pytest.raises(NotFound):
        editing.remove(olga, deck.id, "no")
    more = [make_row(olga).id for _ in range(20)]
    editing.choose_more(olga, deck.id, more)
    assert list(chosen.read(deck.id)) == [*ids[:12], *more]
    added = editing.add(olga, deck.id, "tone")
    new = composing.block_of(blocks.read(deck.id), added.block_id)
    assert [still and still.image_id for still in new.stills] == [ids[11], *more[:5]]  # pictures that no page shows yet


def test_only_who_keeps_or_edits_it_knows_it(olga: Actor, sam: Actor, gus: Actor, mo: Actor, board: str, ids: list[str]) -> None:
    deck, _ = decks.create(olga, board_id=board)
    with pytest.raises(NotFound):
        decks.find(sam, deck.id)
    with pytest.raises(NotFound):
        editing.choose_more(sam, deck.id, ids)
    with pytest.raises(Forbidden):
        decks.find(gus, deck.id)
    with pytest.raises(Forbidden):
        decks.create(gus)
    assert decks.find(mo, deck.id).id == deck.id
    people.set_all(olga, board, [sam.user_id])
    theirs, _ = decks.create(sam, board_id=board)  # begins with the people of the board
    assert [user.id for user in deck_people.of_deck(theirs.id)] == [olga.user_id] and editing.add(olga, theirs.id, "world").action_id
    with pytest.raises(Forbidden):
        decks.delete(olga, theirs.id)
    key = replace(olga, client_id="c", client_kind="project", project_id="p", scopes=frozenset({"decks:read", "decks:write"}))
    with pytest.raises(NotFound):
        decks.find(key, deck.id)
    Client.create(id="c", kind="project", identifier="c", project=make_row(olga, project="Blade").project_id, user=olga.user_id, created_at=1)
    own, _ = decks.create(key)
    for act in (lambda: sharing.share(key, own.id), lambda: deck_people.add(key, own.id, str(sam.user_id))):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):
        editing.add(replace(key, project_id=None, scopes=frozenset({"decks:read"})), deck.id, "world")
    boards.delete(olga, board)
    assert decks.find(olga, deck.id).id == deck.id


@on_each_engine
def test_pictures_that_go_leave_their_places_empty_and_decks_are_forgotten(olga: Actor, mo: Actor, deck: Deck, ids: list[str]) -> None:
    removed = editing.remove(olga, deck.id, at(deck, 2).id)
    trash.trash(olga, ids[2])
    assert at(deck, 1).stills == (Still(ids[1]),) and ids[2] in chosen.read(deck.id)
    trash.purge(mo, ids[2])
    assert ids[2] not in chosen.read(deck.id)
    undoing.undo(olga, str(removed.action_id))
    assert at(deck, 2).stills[:2] == (None, Still(ids[3]))
    decks.delete(olga, deck.id)
    assert decks.forget() == 0
    Deck.update(deleted_at=db.now_ms() - 31 * db.DAY_MS).where(Deck.id == deck.id).execute()
    assert decks.forget() == 1 and not any(model.select().count() for model in (DeckBlock, DeckImage, DeckStill))


def test_what_somebody_does_not_see_is_not_copied_or_thrown_out(olga: Actor, sam: Actor, board: str, ids: list[str]) -> None:
    people.set_all(olga, board, [sam.user_id])
    deck, _ = decks.create(olga, board_id=board)
    hidden = make_row(olga, visibility="private").id
    editing.put(olga, deck.id, at(deck, 1).id, 0, hidden)
    copy, _ = decks.duplicate(sam, deck.id)
    assert hidden not in chosen.read(copy.id) and at(copy, 1).stills == (None,)
    editing.choose(sam, deck.id, ids[:1])
    assert list(chosen.read(deck.id)) == [ids[0], hidden] and at(deck, 1).stills == (Still(hidden),)


def test_changing_costs_the_same_for_many(olga: Actor, deck: Deck, ids: list[str]) -> None:
    counts = []
    for more in (0, 40):
        for _ in range(more):
            editing.duplicate(olga, deck.id, at(deck, 1).id)
        with count_queries() as queries:
            editing.change(olga, deck.id, at(deck, 1).id, text=f"Text {more}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
