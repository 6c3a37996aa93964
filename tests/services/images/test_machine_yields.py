"""Whatever people, imports and machines do in any order: a machine replaces nothing that a person wrote, and the
ledger tells the record."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck.access import Actor
from pindeck.errors import PindeckError
from pindeck.models import FieldEvent, Image
from pindeck.services.images import analysis, ledger, moderation, proposals, runs, undoing
from pindeck.services.images.fields import LEDGER
from pindeck.services.images.ledger import Writer
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from pindeck.states import WriterKind
from pindeck.vision.base import Analysis
from tests.factories import fresh, make_row

ADDRESS = "https://pictures.example/a.jpg"
PALETTES = [["#112233"], ["#445566", "#778899"], []]
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Rain", "Snow", "Ice"]),
        "genre": st.sampled_from(["Noir", "Drama"]),
        "tags": st.lists(st.sampled_from(["neon", "fog", "wet"]), min_size=1, unique=True),
        "project": st.sampled_from(["Blade", "blade", "Alien"]),
        "description": st.sampled_from(["Long.", "Longer."]),
        "shot": st.sampled_from(["Wide Shot", "Close-up"]),
        "light": st.lists(st.sampled_from(["soft", "silhouette"]), min_size=1, unique=True),
    },
)
Act = Callable[[Actor, Image], object]


LISTS = ("tags", "light")


def _described(words: dict[str, Any], prompt: str) -> Act:
    def act(actor: Actor, image: Image) -> None:
        Image.update(ai_status="processing").where(Image.seq == image.seq).execute()
        seen = {name: value for name, value in words.items() if name != "light"}
        craft = {"light": words["light"]} if "light" in words else {}
        analysis.apply(fresh(image), Analysis("openai", model="eye", prompt_version=prompt, craft=craft, **seen))

    return act


def _imported(words: dict[str, Any]) -> Act:
    return lambda actor, image: ledger.write(image.id, words, Writer(WriterKind.IMPORT, actor.user_id, program="feed"))


def _edited(words: dict[str, Any], clear: bool) -> Act:
    def act(actor: Actor, image: Image) -> None:
        for name, new in words.items():
            ledger.edit(actor, image.id, name, [] if clear and name in LISTS else "" if clear else new)

    return act


def _came_again(colors: list[str], words: dict[str, Any]) -> Act:
    """The same picture by its address, from outside."""

    def act(actor: Actor, image: Image) -> None:
        told = {name: value for name, value in words.items() if name != "light"}
        assert external.bring_in(actor, Candidate(ADDRESS, told, colors)).is_duplicate

    return act


def _coloured(colors: list[str]) -> Act:
    return lambda actor, image: moderation.update(actor, image.id, {"colors": colors})


def _nth(rows: list[Any], number: int) -> Any:
    return rows[number % len(rows)] if rows else None


def _reverted(number: int) -> Act:
    def act(actor: Actor, image: Image) -> None:
        event = _nth(list(FieldEvent.select().where(FieldEvent.image_id == image.id).order_by(FieldEvent.id)), number)
        ledger.revert(actor, image.id, event.id)

    return act


def _decided(decide: Callable[..., object], number: int | None) -> Act:
    def act(actor: Actor, image: Image) -> None:
        one = None if number is None else _nth(proposals.list_open(actor, image.id), number)
        decide(actor, image.id, [one.id] if one else None)

    return act


def _taken_back(number: int) -> Act:
    """The action, or the run of a machine, of some event."""

    def act(actor: Actor, image: Image) -> None:
        event = _nth(list(FieldEvent.select().where(FieldEvent.image_id == image.id).order_by(FieldEvent.id)), number)
        if event.writer == WriterKind.MACHINE:
            runs.take_back(actor, image.id, event.action_id)
        else:
            undoing.undo(actor, event.action_id)

    return act


numbers = st.integers(0, 30)
ACTS = st.one_of(
    st.builds(_described, WORDS, st.sampled_from(["1", "2"])),
    st.builds(_imported, WORDS),
    st.builds(_edited, WORDS, st.booleans()),
    st.builds(_came_again, st.sampled_from(PALETTES), WORDS),
    st.builds(_coloured, st.sampled_from(PALETTES)),
    st.builds(_reverted, numbers),
    st.builds(_decided, st.sampled_from([proposals.accept, proposals.refuse]), st.one_of(st.none(), numbers)),
    st.builds(_taken_back, numbers),
)


@given(acts=st.lists(ACTS, min_size=2, max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_value_of_a_person_is_replaced_by_a_machine_and_the_ledger_tells_the_record(
    olga: Actor, acts: list[Act]
) -> None:
    image = make_row(olga, title="Untitled", tags=["original"], original_filename="alley.jpg", source_url=ADDRESS)
    first = ledger.values_of(fresh(image), list(LEDGER))
    recorded = {event.field for event in FieldEvent.select().where(FieldEvent.image_id == image.id)}
    first |= {name: [] if isinstance(first[name], list) else None for name in recorded}
    for act in acts:
        before, last = ledger.values_of(fresh(image), list(LEDGER)), ledger.latest(image.id)
        newest = FieldEvent.select(FieldEvent.id).order_by(FieldEvent.id.desc()).scalar()
        try:
            act(olga, image)
        except PindeckError:
            pass
        after = ledger.values_of(fresh(image), list(LEDGER))
        new = list(FieldEvent.select().where((FieldEvent.image_id == image.id) & (FieldEvent.id > newest)))
        for event in new:
            held = last.get(event.field)
            if event.writer in (WriterKind.MACHINE, WriterKind.IMPORT):
                assert held is None or held.writer != WriterKind.PERSON, event.field
            if event.writer == WriterKind.MACHINE:
                assert held is None or held.writer != WriterKind.IMPORT, event.field
        assert {name for name in before if before[name] != after[name]} <= {event.field for event in new}
        assert _replayed(image, first) == after


def _replayed(image: Image, first: dict[str, Any]) -> dict[str, Any]:
    """What the record is by its events alone, each of which tells what stood there before it."""
    told = dict(first)
    for event in FieldEvent.select().where(FieldEvent.image_id == image.id).order_by(FieldEvent.id):
        empty = [] if isinstance(first[event.field], list) else None
        assert told[event.field] == (event.old or empty), event.field
        told[event.field] = event.new
    return told
