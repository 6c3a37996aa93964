"""The book of calls of the model: counted before they are made, told how they ended, and not paid twice.

A call is a row before anything is sent, written in the transaction that counted the others. What a job that dies had
asked for counts as lost: nobody can ask the provider for that answer again. What it had got is kept until it is used.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import SQL, fn

from pindeck import config, db
from pindeck.errors import Waits
from pindeck.models import MachineCall
from pindeck.states import CallOutcome
from pindeck.vision.base import BilledTo, Usage

DIED = "The worker was stopped while it waited for the answer, which may have been paid."
RECENT = 200  # calls from which a price is guessed
COUNTED = [outcome for outcome in CallOutcome if outcome != CallOutcome.REFUSED]


class Calls:
    """The book that a provider is given."""

    def paid(self, asked: BilledTo, model: str, prompt_version: str) -> dict[str, Any] | None:
        if asked.job_id is None:
            return None
        mine = MachineCall.job_id == asked.job_id
        MachineCall.update(outcome=CallOutcome.LOST, error=DIED).where(
            mine & (MachineCall.outcome == CallOutcome.ASKED)
        ).execute()
        _adopt(asked)
        same = (MachineCall.model == model) & (MachineCall.prompt_version == prompt_version)
        kept = MachineCall.select().where(mine & same & MachineCall.answer.is_null(False))
        row = kept.order_by(MachineCall.id.desc()).first()
        return row.answer if row else None

    def form(self, model: str) -> str | None:
        answered = (MachineCall.model == model) & (MachineCall.outcome == CallOutcome.ANSWERED)
        return MachineCall.select(MachineCall.form).where(answered).order_by(MachineCall.id.desc()).limit(1).scalar()

    def begin(self, asked: BilledTo, model: str, prompt_version: str, form: str) -> str:
        call_id = db.new_id()
        with db.writing():
            db.take_turn("analysis")  # those that come at once count one another
            now = db.now_ms()
            check(asked.user_id, now)
            MachineCall.insert(
                id=call_id, image_id=asked.image_id, user_id=asked.user_id, job_id=asked.job_id, model=model,
                prompt_version=prompt_version, form=form, created_at=now,
            ).execute()  # fmt: skip
        return call_id

    def end(
        self,
        call_id: str,
        outcome: str,
        *,
        ms: int,
        usage: Usage = Usage(),
        error: str | None = None,
        answer: dict[str, Any] | None = None,
    ) -> None:
        MachineCall.update(
            outcome=outcome, ms=ms, error=error[:500] if error else None, answer=answer,
            tokens_in=usage.tokens_in, tokens_out=usage.tokens_out, cost_micro=usage.cost_micro,
        ).where(MachineCall.id == call_id).execute()  # fmt: skip


def _adopt(asked: BilledTo) -> None:
    """What was paid before the picture came is this job's from now on."""
    if asked.image_id is not None:
        waits = (MachineCall.image_id == asked.image_id) & MachineCall.job_id.is_null() & MachineCall.run_id.is_null()
        MachineCall.update(job_id=asked.job_id).where(waits).execute()


def give_to(image_id: str, *, job_id: str, user_id: str) -> bool:
    """Inside a transaction: the calls of a person's job about no picture were made for this one. Once for each job; False
    where nothing was left to give."""
    mine = (MachineCall.job_id == job_id) & (MachineCall.user_id == user_id) & MachineCall.image_id.is_null()
    ended = MachineCall.outcome != CallOutcome.ASKED
    return bool(MachineCall.update(image_id=image_id, job_id=None).where(mine & ended).execute())


def cost_of_job(job_id: str) -> int | None:
    """What its calls took so far, in millionths of a dollar; None where nobody names a price."""
    cost = MachineCall.select(fn.SUM(MachineCall.cost_micro)).where(MachineCall.job_id == job_id).scalar()
    return None if cost is None else int(cost)


def used(asked: BilledTo, run_id: str) -> None:
    """Inside the transaction that wrote them: the answers of a job stand in the picture now. The run has their price, and
    that of the calls before them which brought nothing."""
    if asked.job_id is not None:
        mine = (MachineCall.job_id == asked.job_id) & MachineCall.run_id.is_null()
        MachineCall.update(answer=None, run_id=run_id).where(mine).execute()


def price(model: str) -> int | None:
    """What a description cost lately, in millionths of a dollar; None where the provider named no price."""
    answered = (MachineCall.model == model) & (MachineCall.outcome == CallOutcome.ANSWERED)
    recent = MachineCall.select(MachineCall.cost_micro).where(answered).order_by(MachineCall.id.desc()).limit(RECENT)
    told = [row.cost_micro for row in recent if row.cost_micro is not None]
    return round(sum(told) / len(told)) if told else None


@dataclass(frozen=True)
class Left:
    """How many calls the limits allow yet; None where there is no limit."""

    today: int | None
    month: int | None

    @property
    def now(self) -> int | None:
        return min((each for each in (self.today, self.month) if each is not None), default=None)


def left(user_id: str) -> Left:
    settings, (today, month) = config.current(), _begins(db.now_ms())
    of_day, of_month = settings.daily_analysis_limit, settings.vision_monthly_limit
    return Left(
        max(0, of_day - _since(today, MachineCall.user_id == user_id)) if of_day else None,
        max(0, of_month - _since(month)) if of_month else None,
    )


def _begins(now: int) -> tuple[datetime, datetime]:
    """Where the day and the month of a moment (ms) begin."""
    today = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today, today.replace(day=1)


def check(user_id: str | None, now: int) -> None:
    """Raises Waits when the installation or the person has made as many calls as the settings allow."""
    settings = config.current()
    today, month = _begins(now)
    if settings.vision_monthly_limit and _since(month) >= settings.vision_monthly_limit:
        following = (month + timedelta(days=32)).replace(day=1)
        raise Waits(
            f"All {settings.vision_monthly_limit} descriptions that this month allows are used up. It goes on in {following:%B}.",
            due_at=_ms(following),
        )
    most = settings.daily_analysis_limit
    if most and user_id and _since(today, MachineCall.user_id == user_id) >= most:
        raise Waits(
            f"All {most} descriptions that one person has a day are used up. It goes on tomorrow.",
            due_at=_ms(today + timedelta(days=1)),
        )


def of_month() -> tuple[int, int]:
    """How many calls of this month count, and what they cost, in millionths of a dollar, as far as that is known."""
    now = datetime.fromtimestamp(db.now_ms() / 1000, UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = (MachineCall.created_at >= _ms(month)) & MachineCall.outcome.in_(COUNTED)
    number, cost = MachineCall.select(fn.COUNT(SQL("*")), fn.SUM(MachineCall.cost_micro)).where(since).tuples().first()
    return number, int(cost or 0)


def _since(begin: datetime, *whose: Any) -> int:
    counted = (MachineCall.created_at >= _ms(begin)) & MachineCall.outcome.in_(COUNTED)
    return MachineCall.select().where(counted, *whose).count()


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
