"""Questions to the process `index`, over Redis: a list of questions, and a list for each answer, which is waited for a second.

Containers share no socket, and every installation has a queue (`docs/decisions/0021-index-process.md`).
"""

import json
import time
import uuid
from collections import OrderedDict
from typing import Any

from pindeck.errors import Upstream
from pindeck.queue.redis import RedisQueue

QUESTIONS, ALIVE = "pindeck:index:ask", "pindeck:index:alive"
ANSWER = "pindeck:index:answer:"
WAIT_S = 1.0
ALIVE_S = 5
GOOD_S = 2.0
KEPT = 16  # answers of up to 5,000 numbers
AWAY = "Colours and likeness cannot be searched just now, because the index is away. Everything else works. Try again in a minute."


class Asker:
    """Asks; one for each process."""

    def __init__(self, carrier: RedisQueue) -> None:
        self._carrier = carrier

    def ask(self, question: dict[str, Any]) -> Any:
        """The answer. Raises Upstream when the index is away or does not answer in time."""
        from redis.exceptions import RedisError

        number = uuid.uuid4().hex
        text = json.dumps({**question, "id": number, "until": time.time() + WAIT_S})
        try:
            with self._carrier.client.pipeline(transaction=False) as both:
                both.get(ALIVE)
                both.lpush(QUESTIONS, text)
                alive, _ = both.execute()
            if not alive:
                self._carrier.client.lrem(QUESTIONS, 1, text)
                raise Upstream(AWAY)
            found: Any = self._carrier.client.blpop([ANSWER + number], timeout=WAIT_S)
        except (RedisError, OSError) as error:
            raise Upstream(AWAY) from error
        if found is None:
            raise Upstream(AWAY)
        return json.loads(found[1])["answer"]

    def state(self) -> dict[str, Any] | None:
        """What the index says of itself: how many pictures it knows, and since when. None when it is away."""
        from redis.exceptions import RedisError

        try:
            told: Any = self._carrier.client.get(ALIVE)
        except (RedisError, OSError):
            return None
        return json.loads(told) if told else None


_asker: Asker | None = None
_answers: OrderedDict[str, tuple[float, Any]] = OrderedDict()


def bind(asker: Asker | None) -> None:
    global _asker
    _asker = asker
    _answers.clear()


def ask(question: dict[str, Any]) -> Any:
    """As `Asker.ask`; without a queue there is no index."""
    if _asker is None:
        raise Upstream(AWAY)
    return _asker.ask(question)


def ask_again(question: dict[str, Any]) -> Any:
    """The same for a question that a page asks several times: an answer is good for two seconds, and so is that there is none."""
    text, now = json.dumps(question), time.monotonic()
    at, answer = _answers.get(text, (0.0, None))
    if not at or now - at > GOOD_S:
        try:
            answer = ask(question)
        except Upstream as error:
            answer = error
        _answers[text] = now, answer
        _answers.move_to_end(text)
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    if isinstance(answer, Upstream):
        raise Upstream(answer.message)
    return answer


def state() -> dict[str, Any] | None:
    return _asker.state() if _asker else None
