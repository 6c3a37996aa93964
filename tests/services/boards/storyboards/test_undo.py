"""Whatever two people did to a storyboard, as many undos leave every table as it was."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck.access import Actor
from pindeck.models import Action, Image, Storyboard
from pindeck.services.boards import boards, people, pictures
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from tests.factories import make_row
from tests.services.images.test_undoing import check_each_undo, forgotten

numbers, few = st.integers(0, 4), st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)
Act = Callable[[Actor, list[Image]], object]


def it() -> str:
    found = Storyboard.select(Storyboard.id).where(Storyboard.deleted_at.is_null()).order_by(Storyboard.id).first()
    return str(found.id) if found else "none"


def frame(n: int) -> str:
    found = frames.read(it())
    return found[n % len(found)].id if found else "none"


ACTS: list[st.SearchStrategy[Act]] = [
    st.builds(lambda c, f, s: lambda a, of: arranging.place(a, it(), of[c].id, frame(f), s), numbers, numbers, st.integers(0, 3)),
    st.builds(lambda c: lambda a, of: arranging.clear(a, it(), [of[n].id for n in c]), few),
    st.builds(lambda f, s, n: lambda a, of: arranging.form_frame(a, it(), frame(f), style=s, size=2 + n % 3), numbers, st.sampled_from(["strip", "hero"]), numbers),
    st.builds(lambda f, n: lambda a, of: arranging.move_frame(a, it(), frame(f), frame(n)), numbers, numbers),
    st.builds(lambda f: lambda a, of: arranging.remove_frame(a, it(), frame(f)), numbers),
    st.builds(lambda f: lambda a, of: arranging.add_frame(a, it(), size=2, before=frame(f)), numbers),
    st.builds(lambda f, t: lambda a, of: arranging.write_note(a, it(), frame(f), t), numbers, st.sampled_from(["Dawn", ""])),
    st.builds(lambda c, f: lambda a, of: arranging.save(a, it(), [{"id": frame(f), "slots": [of[n].id for n in c]}, {"size": 2}]), few, numbers),
    st.builds(lambda c, t: lambda a, of: shots.describe(a, it(), of[c].id, number=t, duration=t), numbers, st.sampled_from(["3", ""])),
    st.builds(lambda t: lambda a, of: storyboards.update(a, it(), title=t), st.sampled_from(["Rain", "Snow"])),
    st.just(lambda a, of: storyboards.duplicate(a, it())),
    st.just(lambda a, of: storyboards.delete(a, it())),
]  # fmt: skip


@given(acts=st.lists(st.tuples(st.booleans(), st.one_of(ACTS)), min_size=6, max_size=20))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_n_acts_and_n_undos_leave_every_table_as_it_was(olga: Actor, sam: Actor, acts: list[tuple[bool, Act]]) -> None:
    with forgotten():
        of = [make_row(olga) for _ in range(5)]
        board, _ = boards.create(olga, name="Night ride")
        pictures.add(olga, board.id, [image.id for image in of])
        people.set_all(olga, board.id, [str(sam.user_id)])
        storyboards.create(olga, board.id, is_quick=True)
        Action.delete().execute()
        check_each_undo([(sam if is_sam else olga, act) for is_sam, act in acts], of)
