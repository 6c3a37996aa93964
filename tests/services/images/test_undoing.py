"""Whatever two people did, as many undos leave every table as it was."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import PindeckError
from pindeck.models import Action, FieldEvent, Flow, Image, StoredFile
from pindeck.services.images import (
    aliases,
    arranging,
    field_gardening,
    flows,
    gardening,
    image_urls,
    large,
    ledger,
    managed,
    memos,
    moderation,
    pasting,
    project_words,
    projects,
    publishing,
    review,
    trash,
    trashed,
    undoing,
    uniting,
)
from pindeck.services.images.managed import Change
from pindeck.services.ingest import approval
from pindeck.services.library import bulk
from pindeck.services.library.choices import Choice
from pindeck.states import AiStatus, ImageStatus, Origin
from tests.factories import make_row
from tests.services.images.snapshots import Cell, cells, changed, hidden_with_an_address, tables


def make_pictures(olga: Actor, sam: Actor) -> list[Image]:
    """Of both, in every state that people meet; one is in a flow with a name there, and its file is the project's."""
    rich: dict[str, Any] = {
        "focal_x": 0.75,
        "focal_y": 0.125,
        "meta": {"b": True},
        "genre": "Noir",
        "unique_tag": "A0",
    }
    made = [
        make_row(actor, title="Rain", tags=["wet", "neon", "amber"], project="Blade", **more)
        for actor, more in ((olga, rich), (olga, {}), (sam, {"public_token": db.new_token()}), (sam, {}))
    ]
    made += [make_row(actor, title="Draft", status=ImageStatus.DRAFT) for actor in (olga, olga, sam)]
    waiting = {"status": ImageStatus.PENDING, "ai_status": AiStatus.QUEUED}
    made += [make_row(sam, project="Blade", deleted_at=db.now_ms(), deleted_by=olga.user_id, last_alias="gone")]
    made += [make_row(olga, origin=Origin.DISCORD, **waiting), make_row(sam, **waiting)]
    project, now = projects.find_or_create("Blade").id, db.now_ms()
    with db.writing():
        flow = Flow.create(id=db.new_id(), project=project, created_at=now, updated_at=now)
        Image.update(flow_id=flow.id).where(Image.seq == made[0].seq).execute()
        StoredFile.update(project=project).where(StoredFile.id == made[0].file_id).execute()
        aliases.add(olga, "take", made[0].id, flow_id=flow.id)
    aliases.assign(sam, made[0].id, "@hero")  # not by its owner, so that it shows who had set it
    Action.delete().execute()
    return made


WORDS = {
    "title": ["Rain", "Snow", "Ice"],
    "genre": ["Noir", "", "Drama"],
    "tags": ["neon", "", "fog, wet"],
    "project": ["Blade", "blade", "Alien", "", "Solaris"],
    "unique_tag": ["A1", "B2", ""],
    "shot": ["ECU", "", "Low Angle"],
    "time": ["Golden Hour", "Night", ""],
    "light": ["soft", "silhouette, soft", ""],
}
numbers = st.one_of(st.just(0), st.integers(0, 9))  # mostly the one that has most to lose
word = st.sampled_from(sorted(WORDS)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(WORDS[name])))
several = st.lists(numbers, min_size=1, max_size=5, unique=True)
point = st.sampled_from([None, (0.5, 0.25), (1.0, 0.0)])
some = st.sampled_from

Act = Callable[[Actor, list[Image]], object]


def _last_event(image: Image) -> int:
    return FieldEvent.select(FieldEvent.id).where(FieldEvent.image_id == image.id).order_by(-FieldEvent.id).scalar()


def _flow() -> str:
    return str(Flow.get().id)


def _ids(images: list[Image], chosen: list[int]) -> list[str]:
    return [images[n].id for n in chosen]


ACTS: list[st.SearchStrategy[Act]] = [
    st.builds(lambda n, w: lambda a, of: ledger.edit(a, of[n].id, *w), numbers, word),
    st.builds(lambda n, w: lambda a, of: ledger.set_many(a, _ids(of, n), dict([w])), several, word),
    st.builds(lambda n: lambda a, of: ledger.revert(a, of[n].id, _last_event(of[n])), numbers),
    st.builds(
        lambda n, p, v: lambda a, of: moderation.update(a, of[n].id, {"title": p, "project": p}, visibility=v),
        numbers, some(["Alien", "Solaris"]), some([None, "private", "unlisted"]),
    ),
    st.builds(
        lambda n, p: lambda a, of: moderation.set_row_order(a, p, _ids(of, n)), several, some(["Blade", "Alien", "Tron"])
    ),
    st.builds(
        lambda n, p, b: lambda a, of: arranging.put(a, p, _ids(of, n), before=of[b].id, confirmed=True),
        several, some(["blade", "alien"]), numbers,
    ),
    st.builds(lambda p, n: lambda a, of: project_words.rename(a, p, n), some(["blade", "alien"]), some(["Blade", "Night", "Alien"])),
    st.builds(lambda p: lambda a, of: large.merge_projects(a, *p), some([("blade", "alien"), ("alien", "blade")])),
    st.builds(
        lambda n, t: lambda a, of: aliases.assign(a, of[n].id, t), numbers, some(["@hero", "@Hero", "@other", None])
    ),
    st.builds(
        lambda given: lambda a, of: flows.set_aliases(a, _flow(), {name: of[n].id for name, n in given.items()}),
        st.dictionaries(some(["@take", "@Take2", "@hero"]), some([0, 1, 2, 3]), min_size=1),
    ),
    st.builds(lambda name: lambda a, of: flows.remove_alias(a, _flow(), name), some(["@take", "@Take2"])),
    st.builds(
        lambda n, v: lambda a, of: moderation.update(a, of[n].id, {}, visibility=v), numbers, some(["private", "library"])
    ),
    st.builds(
        lambda n, p, m: lambda a, of: managed.update(a, of[n].id, Change(True, p, m)), numbers, point, some([None, {"a": 1}])
    ),
    st.builds(lambda n, t: lambda a, of: memos.write(a, of[n].id, t), numbers, some(["Light", "Fog", ""])),
    st.builds(lambda n, w: lambda a, of: bulk.like(a, Choice(tuple(_ids(of, n))), wanted=w), several, st.booleans()),
    st.builds(lambda n, v: lambda a, of: bulk.show_to(a, Choice(tuple(_ids(of, n))), v), several, some(["private", "library"])),
    st.builds(lambda n, p: lambda a, of: bulk.decide(a, Choice(tuple(_ids(of, n))), publishes=p), several, st.booleans()),
    st.builds(lambda n: lambda a, of: trash.trash(a, of[n].id), numbers),
    st.builds(lambda n: lambda a, of: trash.restore(a, of[n].id), some([0, 7])),
    st.builds(lambda n: lambda a, of: trashed.restore(a, _ids(of, n)), several),
    st.builds(lambda n: lambda a, of: publishing.publish(a, of[n].id), numbers),
    st.builds(lambda n: lambda a, of: approval.approve(a, of[n].id), numbers),
    st.builds(lambda n: lambda a, of: review.publish(a, _ids(of, n)), several),
    st.builds(lambda n: lambda a, of: review.discard(a, _ids(of, n)), several),
    st.builds(lambda n: lambda a, of: review.keep(a, _ids(of, n)), several),
    st.builds(lambda n: lambda a, of: review.hold(a, _ids(of, n)), several),
    st.builds(lambda n: lambda a, of: review.release(a, _ids(of, n)), several),
    st.builds(
        lambda how, t, m: lambda a, of: gardening.at_once(a, gardening.ask(a, how, t, m)),
        some(["rename", "alias", "imply", "forbid"]), some(["neon", "wet", "fog"]), some(["fog", "amber", "neon"]),
    ),
    st.builds(
        lambda f, w, m, how: lambda a, of: field_gardening.at_once(a, field_gardening.ask(a, f, w, m, how)),
        some(["genre", "light"]), some(["Noir", "Soft"]), some(["Drama", "Silhouette"]), some(["rename", "add"]),
    ),
    st.builds(
        lambda n, w: lambda a, of: pasting.paste(a, _ids(of, n), [w[0], "title"], "\n".join([f"{w[1]}\tSnow"] * len(n)), since=0),
        several, word,
    ),
    st.builds(lambda k, n: lambda a, of: uniting.merge(a, of[k].id, _ids(of, n)), numbers, several),
    st.builds(lambda n: lambda a, of: bulk.read_palettes(a, Choice(tuple(_ids(of, n)))), several),
]  # fmt: skip
Deed = tuple[bool, Act]  # whether Sam did it, else Olga


def _deeds(kinds: list[int]) -> st.SearchStrategy[list[Deed]]:
    of_these = st.one_of([ACTS[kind] for kind in kinds] or ACTS)
    return st.lists(st.tuples(st.booleans(), of_these), min_size=1, max_size=10)


# Often of a few kinds only, which then meet one another at the same picture.
few = st.lists(st.integers(0, len(ACTS) - 1), max_size=4, unique=True)
everything = given(acts=few.flatmap(_deeds))
in_one_database = settings(
    max_examples=36, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def forgotten() -> Iterator[None]:
    """Nothing of an example is left for the next one, however it ended: an action may look at what was before it (the
    last change of a field), and an example that failed has to fail alike when it is tried again."""
    with db.database.atomic() as transaction:
        try:
            yield
        finally:
            transaction.rollback()


def do(actor: Actor, act: Act, pictures: list[Image]) -> str | None:
    """The id of the action that this was, if anything happened."""
    known = {row.id for row in Action.select(Action.id)}
    try:
        act(actor, pictures)
    except PindeckError:
        assert not Action.select().where(Action.id.not_in(known)).exists()
        return None
    made = [row.id for row in Action.select(Action.id).where(Action.id.not_in(known))]
    assert len(made) <= 1
    return made[0] if made else None


def check_each_undo(acts: Sequence[tuple[Actor, Act]], pictures: list[Image]) -> None:
    """After each undo, the last act first, every table is as it was before that act."""
    states, done = [tables()], []
    for actor, act in acts:
        action_id = do(actor, act, pictures)
        if action_id:
            done.append((actor, action_id))
            states.append(tables())
        else:
            assert tables() == states[-1], "Something changed, and no action tells of it."
    for actor, action_id in reversed(done):
        assert undoing.undo(actor, action_id).left == []
        states.pop()
        assert tables() == states[-1]


@everything
@in_one_database
def test_n_actions_and_n_undos_leave_every_table_as_it_was(olga: Actor, sam: Actor, acts: list[Deed]) -> None:
    with forgotten():
        check_undone_backwards(olga, sam, acts)


def check_undone_backwards(olga: Actor, sam: Actor, acts: list[Deed]) -> None:
    pictures = make_pictures(olga, sam)
    before, done = tables(), []
    now = before
    for is_sam, act in acts:
        actor, earlier = sam if is_sam else olga, now
        action_id, now = do(actor, act, pictures), tables()
        if action_id:
            done.append((actor, action_id, earlier))
        else:
            assert now == earlier, "Something changed, and no action tells of it."
    for image in Image.select().where(Image.public_token.is_null()):  # as the jobs do that were asked for meanwhile
        if image_urls.is_published(image):
            Image.update(public_token=db.new_token()).where(Image.seq == image.seq).execute()
    for actor, action_id, earlier in reversed(done):
        undone = undoing.undo(actor, action_id)
        assert (undone.left, undone.notices) == ([], [])
        assert hidden_with_an_address() == []
        assert tables() == earlier
    assert tables() == before
    assert not Action.select().where(Action.undoes_id.is_null() & (Action.status != "undone")).exists()


@everything
@in_one_database
def test_an_undo_in_any_order_gives_back_what_nobody_changed_since_and_nothing_else(
    olga: Actor, sam: Actor, acts: list[Deed]
) -> None:
    with forgotten():
        check_undone_forwards(olga, sam, acts)


def check_undone_forwards(olga: Actor, sam: Actor, acts: list[Deed]) -> None:
    pictures = make_pictures(olga, sam)
    done: list[tuple[Actor, str, dict[Cell, object], set[Cell]]] = []  # before it, and what it changed
    for is_sam, act in acts:
        actor, before = sam if is_sam else olga, cells()
        action_id = do(actor, act, pictures)
        if action_id:
            done.append((actor, action_id, before, changed(before, cells())))
    for number, (actor, action_id, former, mine) in enumerate(done):  # the first one first
        before, images = cells(), {image.id: image for image in Image.select()}
        unchanged = tables()
        try:
            undone = undoing.undo(actor, action_id)
        except PindeckError as error:
            assert error.code == "CHANGED_SINCE" and error.message[-1] in ".!"
            assert tables() == unchanged
            continue
        assert undone.image_ids or undone.others
        now = cells()
        back = changed(before, now)
        later = set().union(*[of for *_, of in done[number + 1 :]])
        assert back <= mine and not back & later
        assert {cell: now.get(cell) for cell in back} == {cell: former.get(cell) for cell in back}
        for image_id in {image_id for image_id, _ in back}:
            names = {what for of, what in back if of == image_id} - {"alias"}
            # A name that was taken from a picture goes back there, whoever sees the picture.
            assert access.sees(actor, images[image_id]) or all(" of " in name for name in names)
            was, is_now = images[image_id].is_trashed, (image_id, "deleted_at") in now
            assert not (was and is_now), "What lies in the trash was changed there."
