"""Who wrote a value, in a few words: a person, a rule, an import or a machine."""

from pindeck.models import FieldEvent, User
from pindeck.states import WriterKind

MACHINES = {"offline": "Offline analysis"}  # names that are no model's


def told(event: FieldEvent, person: str | None) -> str:
    """`person` is how the user of the event is called, if there is one. A suggestion names the machine as well."""
    machine = MACHINES.get(event.program or "", event.program or "")
    if event.writer == WriterKind.PERSON:
        return f"{person or 'A program'}, suggested by {machine}" if machine else person or "A program"
    if person:
        return person
    if event.writer == WriterKind.RULE:
        return "On arrival"
    return machine or "Someone"


def names_of(events: list[FieldEvent]) -> dict[str, str]:
    """Display names of those who wrote, by user id, in one query."""
    ids = {event.user_id for event in events if event.user_id}
    return {user.id: user.display_name for user in User.select().where(User.id.in_(list(ids)))}
