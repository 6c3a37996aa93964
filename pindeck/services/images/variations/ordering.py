"""Asking for variations: who may, how many a day, and what the provider will be told."""

from dataclasses import dataclass

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.discord.status import Event
from pindeck.errors import Conflict, TooMany
from pindeck.models import Flow, Generation, Image, User
from pindeck.services import activity
from pindeck.services.clients import api_keys as keys_of
from pindeck.services.clients import askers
from pindeck.services.images import aliases, announcing, generations
from pindeck.states import AiStatus, GenerationStatus, PersistStatus
from pindeck.text import clean_text
from pindeck.varying import modes, prompts
from pindeck.varying.prompts import Context, Prompt

NOTHING_MADE = "No variation was made: "  # so begins why a parent failed


@dataclass(frozen=True)
class Wish:
    """What is asked for. Names that there are not mean the defaults, and the count is brought to 0 … 12."""

    count: int = 1
    mode: str | None = None
    detail: str | None = None
    aspect: str | None = None
    resolution: str | None = None
    flow_id: str | None = None
    character: str | None = None
    chat: str | None = None

    @property
    def pictures(self) -> int:
        return max(0, min(self.count, modes.MOST))

    @property
    def size(self) -> str:
        return self.resolution if self.resolution in modes.RESOLUTIONS else config.current().generation_resolution

    @property
    def words(self) -> str:
        """The detail, trimmed. Raises Invalid beyond 500 characters."""
        return clean_text(self.detail or "", field="variationDetail", max_length=modes.MAX_DETAIL)


def prompts_for(actor: Actor, image_id: str, wish: Wish) -> list[str]:
    """What would be sent now, one text for each picture. Raises NotFound, Forbidden or Invalid."""
    image = access.image_for(actor, "image.vary", image_id)
    return [prompt.text for prompt in _prompts(image, wish)]


def price_of(wish: Wish) -> float | None:
    """US dollars for all that is wished for; None where it is not known."""
    each = {"simulated": 0.0, "fal": config.current().generation_price}.get(config.current().generator)
    return None if each is None else round(each * wish.pictures, 4)


def _prompts(image: Image, wish: Wish) -> list[Prompt]:
    used = generations.shots_from(image.id)
    context = Context(image.group, image.sref, image.style, image.colors, used)
    return prompts.prompts(modes.mode_of(wish.mode), wish.pictures, wish.words, context)


def order(actor: Actor, image_id: str, wish: Wish) -> tuple[str, list[Generation]]:
    """Write the runs and ask for the job that makes them: the id that joins them, and the runs. None for a count of 0.

    Raises NotFound, Forbidden, Invalid, TooMany above the daily limit, or Conflict: `GENERATION_OFF`, or while a machine
    is at work on the picture or it has no bytes yet.
    """
    image = access.image_for(actor, "image.vary", image_id)
    if config.current().generator == "off":
        raise Conflict("Variations are switched off here. An administrator can set GENERATION_BACKEND.", code="GENERATION_OFF")
    wish.words  # noqa: B018  # what is wrong with it is said before anything is locked
    batch = db.new_id()
    return batch, db.retried(lambda: _order(actor, image, batch, wish))


def _order(actor: Actor, image: Image, batch: str, wish: Wish) -> list[Generation]:
    owner = keys_of.owner_for(actor)
    _check_day(owner, wish.pictures)
    parent = db.locked(Image.select().where((Image.seq == image.seq) & Image.deleted_at.is_null())).get_or_none()
    if parent is None:
        raise Conflict("The picture was deleted in the meantime.")
    if parent.ai_status == AiStatus.PROCESSING or generations.open_from(parent.id):
        raise Conflict("A machine is at work on this picture. Ask again when it has finished.", code="GENERATION_RUNNING")
    if parent.persist_status != PersistStatus.SUCCEEDED:
        raise Conflict("The picture is not stored yet. Ask again when it is, or repair it first.")
    if wish.flow_id and not Flow.select().where(aliases.in_project(wish.flow_id, parent.project_id)).exists():
        raise aliases.no_flow()
    if not wish.pictures:
        return []
    runs = [_row(actor, owner, parent, batch, wish, place, prompt) for place, prompt in enumerate(_prompts(parent, wish))]
    Image.update(ai_status=AiStatus.PROCESSING).where(Image.seq == parent.seq).execute()
    payload = {"batch": batch, **askers.told(actor)}
    ask(batch, parent.id, actor.user_id, actor.client_id, payload)
    if actor.door or actor.asked_by:  # a bot's channel is told what somebody asked for there
        announcing.tell(Event.GENERATION_STARTED, parent, actor)
    activity.note(actor, "image.vary", parent.id, count=len(runs), mode=modes.mode_of(wish.mode))
    return runs


def _row(
    actor: Actor, owner: str, parent: Image, batch: str, wish: Wish, place: int, prompt: Prompt
) -> Generation:
    params = {
        "mode": modes.mode_of(wish.mode),
        "shot": prompt.shot,
        "detail": wish.words,
        "aspect": modes.aspect_of(wish.aspect),
        "resolution": wish.size,
        "count": wish.pictures,
        "character": wish.character,
        "chat": wish.chat,
        "asker": askers.told(actor),
        "userId": actor.user_id,
        "parentWas": _before(parent),
    }
    return generations.add(
        [parent.id],
        batch=batch,
        position=place,
        project_id=parent.project_id,
        flow_id=wish.flow_id,
        user_id=owner,
        client_id=actor.client_id,
        status=GenerationStatus.QUEUED,
        prompt=prompt.text,
        params=params,
        provider=config.current().generator,
    )


def _before(parent: Image) -> str:
    """What the parent is again in the end. One that failed because an order did was described before."""
    failed = parent.ai_status == AiStatus.FAILED and (parent.ai_error or "").startswith(NOTHING_MADE)
    return AiStatus.COMPLETED if failed else parent.ai_status


def ask(
    batch: str, image_id: str, user_id: str | None, client_id: str | None, payload: dict[str, object]
) -> None:
    """Inside a transaction: the job that makes what is left of a batch, unless it waits already."""
    queue.enqueue(
        queue.VARY, image_id=image_id, user_id=user_id, client_id=client_id, payload=payload,
        dedupe_key=f"{queue.VARY.kind}:{batch}",
    )  # fmt: skip


def _check_day(owner: str, more: int) -> None:
    """What failed was not paid for and does not count. Of two orders at once the second waits for the first."""
    most = config.current().daily_generation_limit
    if not most:
        return
    db.lock_rows(User.select(User.id).where(User.id == owner))
    day = db.now_ms() // db.DAY_MS * db.DAY_MS
    counted = (Generation.user_id == owner) & Generation.batch.is_null(False) & (Generation.created_at >= day)
    used = Generation.select().where(counted & (Generation.status != GenerationStatus.FAILED)).count()
    if used + more > most:
        left = max(0, most - used)
        until = (day + db.DAY_MS - db.now_ms()) // 1000 + 1
        raise TooMany(
            f"This order is above the daily limit of {most} variations; {left} are left today. Order fewer, or come back after midnight (UTC).",
            retry_after_s=int(until),
        )
