"""Whatever people, imports and machines do in any order: a machine replaces nothing that a person wrote, and the
ledger tells the record."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck.access import Actor
from pindeck.errors import PindeckError
from pindeck.models import FieldEvent, Image
from pindeck.services.images import analysis, ledger, proposals, runs, undoing
from pindeck.services.images.ledger import Writer
from pindeck.states import WriterKind
from pindeck.vision.base import Analysis
from tests.factories import fresh, make_row

FIELDS = ("title", "genre", "tags", "project", "description")
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Rain", "Snow", "Ice"]),
        "genre": st.sampled_from(["Noir", "Drama"]),
        "tags": st.lists(st.sampled_from(["neon", "fog", "wet"]), min_size=1, unique=True),
        "project": st.sampled_from(["Blade", "blade", "Alien"]),
        "description": st.sampled_from(["Long.", "Longer."]),
    },
)
Act = Callable[[Actor, Image], object]


def _described(words: dict[str, Any], prompt: str) -> Act:
    def act(actor: Actor, image: Image) -> None:
        Image.update(ai_status="processing").where(Image.seq == image.seq).execute()
        analysis.apply(fresh(image), Analysis("openai", model="eye", prompt_version=prompt, **words))

    return act


def _imported(words: dict[str, Any]) -> Act:
    return lambda actor, image: ledger.write(image.id, words, Writer(WriterKind.IMPORT, actor.user_id, program="feed"))


def _edited(words: dict[str, Any], clear: bool) -> Act:
    def act(actor: Actor, image: Image) -> None:
        for name, new in words.items():
            ledger.edit(actor, image.id, name, [] if clear and name == "tags" else "" if clear else new)

    return act


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
    st.builds(_reverted, numbers),
    st.builds(_decided, st.sampled_from([proposals.accept, proposals.refuse]), st.one_of(st.none(), numbers)),
    st.builds(_taken_back, numbers),
)


@given(acts=st.lists(ACTS, min_size=2, max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_value_of_a_person_is_replaced_by_a_machine_and_the_ledger_tells_the_record(
    olga: Actor, acts: list[Act]
) -> None:
    image = make_row(olga, title="Untitled", tags=["original"], original_filename="alley.jpg")
    for act in acts:
        before, last = ledger.values_of(fresh(image)), ledger.latest(image.id)
        newest = FieldEvent.select(FieldEvent.id).order_by(FieldEvent.id.desc()).scalar()
        try:
            act(olga, image)
        except PindeckError:
            pass
        after = ledger.values_of(fresh(image))
        new = list(FieldEvent.select().where((FieldEvent.image_id == image.id) & (FieldEvent.id > newest)))
        for event in new:
            held = last.get(event.field)
            if event.writer in (WriterKind.MACHINE, WriterKind.IMPORT):
                assert held is None or held.writer != WriterKind.PERSON, event.field
            if event.writer == WriterKind.MACHINE:
                assert held is None or held.writer != WriterKind.IMPORT, event.field
        assert {name for name in before if before[name] != after[name]} <= {event.field for event in new}
        assert _replayed(image) == {name: after[name] for name in FIELDS}


def _replayed(image: Image) -> dict[str, Any]:
    told: dict[str, Any] = {"title": None, "genre": None, "tags": [], "project": None, "description": None}
    for event in FieldEvent.select().where(FieldEvent.image_id == image.id).order_by(FieldEvent.id):
        if event.field in told:
            assert told[event.field] == (event.old or ([] if event.field == "tags" else None)), event.field
            told[event.field] = event.new
    return told
