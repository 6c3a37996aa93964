"""Describing many pictures again: what it would cost, asking for it, and going on with it in a job."""

from dataclasses import dataclass

from pindeck import access, config, db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import AnalysisRound, Image
from pindeck.services.images import calls, rounds
from pindeck.services.library import choices, query
from pindeck.services.library.choices import Choice
from pindeck.services.library.lacking import IDLE
from pindeck.services.library.query import Listing

PART = 250
OFF = "No model describes pictures here: set VISION_API_KEY or VISION_BASE_URL, and start the workers again."

DESCRIBED = Listing(
    shown=lambda actor, _: access.described_by(actor), order=(Image.seq,), columns=query.everything(), is_deferred=True
)


@dataclass(frozen=True)
class Plan:
    """What asking would mean. `count` pictures, or more where `is_more`; `price_micro` is what one cost lately, in
    millionths of a dollar, None where the provider names no price; `left` is what the limits allow yet. `passed` are
    chosen ones that are left out: they wait for a decision, are not stored, are being described, or are somebody else's."""

    choice: Choice
    count: int
    is_more: bool
    model: str
    price_micro: int | None
    left: calls.Left
    passed: int = 0

    @property
    def cost_micro(self) -> int | None:
        return None if self.price_micro is None else self.price_micro * self.count

    @property
    def later(self) -> int:
        """How many of them wait for another day, or month."""
        return 0 if self.left.now is None else max(0, self.count - self.left.now)


def plan(actor: Actor, choice: Choice, *, is_selection: bool = False) -> Plan:
    """A dry run: nothing is asked, nothing is written. Raises Invalid, NotFound or Forbidden as `begin` does."""
    access.require(actor, "describe")
    user_id = access.require_person(actor)
    choice = choices.checked(choice)
    if choice.ids and not is_selection:
        choices.check_named(actor, choice.ids, "image.retry")
    found = choices.count(DESCRIBED, actor, choice, IDLE)
    model = config.current().vision_model
    is_more = found > choices.COUNTED
    passed = max(0, len(choice.ids) - found)
    return Plan(choice, min(found, choices.COUNTED), is_more, model, calls.price(model), calls.left(user_id), passed)


def begin(actor: Actor, choice: Choice, *, is_selection: bool = False) -> AnalysisRound:
    """Ask a model about all of them, newest first. Raises Conflict where no model is set up or none of them is left to be
    asked about; Invalid for a choice that is none; NotFound or Forbidden for a picture, but of a selection of a page,
    where those that may not be described are left out."""
    access.require(actor, "describe")
    if not config.current().vision_is_on:
        raise Conflict(OFF, code="VISION_OFF")
    planned = plan(actor, choice, is_selection=is_selection)
    if not planned.count:
        raise Conflict("None of these pictures is left to be described. A picture that is being described is left out.")
    choice = planned.choice
    with db.writing():
        if rounds.is_added_to(actor, choice.as_json()):
            raise Conflict("These pictures are being described again already. Stop that first, or wait until it is done.")
        row = rounds.open_new(actor, choice.as_json(), planned.count)
        if planned.count <= rounds.FIRST:
            images, _ = choices.part(DESCRIBED, actor, choice, IDLE, edge=None, limit=max(PART, len(choice.ids)))
            rounds.add(row, images[: rounds.FIRST], None)
        else:
            rounds.ask_for_parts(actor, row)
    return AnalysisRound.get_by_id(row.id)


def go_on(actor: Actor, round_id: str) -> float | None:
    """What the job does: the next part, if there is room for it. Seconds until it is to look again; None at the end."""
    access.require(actor, "describe")
    if why := rounds.trouble(round_id):
        rounds.end(round_id, why)
        return None
    with db.writing():
        row = rounds.locked(round_id)
        if row is None:
            return None
        room = rounds.room(row.id)
        if room <= 0:
            return rounds.look_again_s(row.id)
        choice = Choice.of_json(row.choice)
        images, edge = choices.part(DESCRIBED, actor, choice, IDLE, edge=row.edge, limit=min(PART, room))
        rounds.add(row, images, edge)
        return None if edge is None else rounds.SOON_S

