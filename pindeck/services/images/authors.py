"""Who wrote a value, in a few words: a person, a rule, an import or a machine, with the price of what a machine did."""

from pindeck.models import FieldEvent, User
from pindeck.services.images import costs, ledger
from pindeck.states import WriterKind

MACHINES = {"offline": "Offline description"}  # names that are no model's


def told(event: FieldEvent, person: str | None, cost: int | None = None) -> str:
    """`person` is how the user of the event is called, if there is one. A suggestion names the machine as well.

    `cost`, in millionths of a dollar, is that of the whole run of a machine, which wrote other fields with it.
    """
    if event.program == ledger.MEASURED:
        return f"{person or 'A program'}, as measured"
    by = machine(event.program or "", cost)
    if event.writer == WriterKind.PERSON:
        return f"{person or 'A program'}, suggested by {by}" if by else person or "A program"
    if person:
        return person
    if event.writer == WriterKind.RULE:
        return "On arrival"
    return by or "Someone"


def machine(name: str, cost: int | None) -> str:
    """How a machine is called, with the price of its run where that is known."""
    called = MACHINES.get(name, name)
    return called if cost is None or not called else f"{called}, {costs.price(cost)} for the whole description"


def names_of(events: list[FieldEvent]) -> dict[str, str]:
    """Display names of those who wrote, by user id, in one query."""
    ids = {event.user_id for event in events if event.user_id}
    return {user.id: user.display_name for user in User.select().where(User.id.in_(list(ids)))}
