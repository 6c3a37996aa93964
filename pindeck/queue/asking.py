"""Questions to the process `index`, over Redis: a list of questions, and a list for each answer, which is waited for a second.

Containers share no socket, and every installation has a queue (`docs/decisions/0021-index-process.md`). A question holds a thread
of the web server, so few are asked at once, visitors have fewer places than people, and an index that did not answer is left
alone for a while.
"""

import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pindeck.errors import Upstream
from pindeck.queue.redis import RedisQueue

QUESTIONS, ALIVE = "pindeck:index:ask", "pindeck:index:alive"
ANSWER = "pindeck:index:answer:"
WAIT_S = 1.0
ALIVE_S = 5
GOOD_S = 2.0
KEPT = 16  # answers of up to 5,000 numbers
LEFT_ALONE_S = 5.0  # after a question that got no answer
PLACES = 4  # questions that one process asks at once
OF_VISITORS = 2  # of these places
TURN_S = 0.2  # that somebody waits for a place
AWAY = "Colours and likeness cannot be searched just now, because the index is away. Everything else works. Try again in a minute."
FULL = "Too many people search colours and likeness just now. Try again in a moment."
for_visitor: ContextVar[bool] = ContextVar("for_visitor", default=False)  # whether the request that asks is nobody's


class Asker:
    """Asks; one for each process."""

    def __init__(self, carrier: RedisQueue) -> None:
        self._carrier = carrier
        self._places = threading.BoundedSemaphore(PLACES)
        self._of_visitors = threading.BoundedSemaphore(OF_VISITORS)
        self._lock = threading.Lock()
        self._left_alone_until = 0.0

    def ask(self, question: dict[str, Any]) -> Any:
        """The answer. Raises Upstream when the index is away or does not answer in time, or while all places are taken."""
        self._begin()
        with self._turn(for_visitor.get()):
            try:
                answer = self._asked(question)
            except Upstream:
                self._leave_alone()
                raise
        with self._lock:
            self._left_alone_until = 0.0
        return answer

    def _begin(self) -> None:
        """Raises Upstream while the index is left alone. Who comes first after that tries, and the others wait for what comes of it."""
        with self._lock:
            now = time.monotonic()
            if now < self._left_alone_until:
                raise _away()
            if self._left_alone_until:
                self._left_alone_until = now + LEFT_ALONE_S

    def _leave_alone(self) -> None:
        with self._lock:
            self._left_alone_until = time.monotonic() + LEFT_ALONE_S

    @contextmanager
    def _turn(self, is_visitor: bool) -> Iterator[None]:
        """Raises Upstream."""
        taken: list[threading.BoundedSemaphore] = []
        try:
            for places in [self._of_visitors, self._places] if is_visitor else [self._places]:
                if not places.acquire(timeout=TURN_S):
                    raise Upstream(FULL, code="SERVER_BUSY", retry_after_s=2)
                taken.append(places)
            yield
        finally:
            for places in taken:
                places.release()

    def _asked(self, question: dict[str, Any]) -> Any:
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
                raise _away()
            found: Any = self._carrier.client.blpop([ANSWER + number], timeout=WAIT_S)
            if found is None:  # nobody reads it any more
                self._carrier.client.lrem(QUESTIONS, 1, text)
        except (RedisError, OSError) as error:
            raise _away() from error
        if found is None:
            raise _away()
        return json.loads(found[1])["answer"]

    def state(self) -> dict[str, Any] | None:
        """What the index says of itself: how many pictures it knows, and since when. None when it is away."""
        from redis.exceptions import RedisError

        try:
            told: Any = self._carrier.client.get(ALIVE)
        except (RedisError, OSError):
            return None
        return json.loads(told) if told else None


def _away() -> Upstream:
    return Upstream(AWAY, code="INDEX_AWAY", retry_after_s=int(LEFT_ALONE_S))


_asker: Asker | None = None
_answers: OrderedDict[str, tuple[float, Any]] = OrderedDict()


def bind(asker: Asker | None) -> None:
    global _asker
    _asker = asker
    _answers.clear()


def ask(question: dict[str, Any]) -> Any:
    """As `Asker.ask`; without a queue there is no index."""
    if _asker is None:
        raise _away()
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
        _answers.pop(text, None)  # as the newest; another thread may have thrown it out meanwhile
        _answers[text] = now, answer
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    if isinstance(answer, Upstream):
        raise Upstream(answer.message, code=answer.code, retry_after_s=answer.retry_after_s)
    return answer


def state() -> dict[str, Any] | None:
    return _asker.state() if _asker else None
