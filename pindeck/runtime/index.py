"""The process `index`: how all pictures look, in memory, read from the database and kept up to date, and answers about it.

It keeps nothing: when it dies, the next one reads everything again, and until then its questions are refused within a second.
"""

import base64
import json
import logging
import threading
import time
from typing import Any

from pindeck import db
from pindeck.config import Settings
from pindeck.queue.asking import ALIVE, ALIVE_S, ANSWER, QUESTIONS
from pindeck.queue.redis import RedisQueue
from pindeck.runtime.processes import on_stop_signals
from pindeck.services.images import indexed

log = logging.getLogger("pindeck.index")
POLL_S = 1
OVERLAP_MS = 10_000  # a transaction that was open for that long is not missed
FORGET_S = 600
MOST = 5_000


class Index:
    """`read` brings it up to date, `answer` answers one question."""

    def __init__(self) -> None:
        from pindeck.finding.shelf import Shelf

        self.shelf: Shelf = Shelf()
        self._seen: dict[int, int] = {}
        self._since = 0

    def build(self) -> None:
        self._since = db.now_ms()
        for part in indexed.everything():
            self.shelf.put(_rows(part))

    def read(self) -> int:
        """What changed since the last time; how many images that were."""
        count = 0
        for part in indexed.changes(self._since - OVERLAP_MS):
            found = [(seq, at) for seq, at in part if self._seen.get(seq, 0) < at]
            self._take([seq for seq, _ in found])
            self._seen |= dict(found)
            self._since = max(self._since, part[-1][1])
            count += len(found)
        if count:
            self._seen = {seq: at for seq, at in self._seen.items() if at >= self._since - OVERLAP_MS}
        return count

    def _take(self, seqs: list[int]) -> None:
        there = indexed.some(seqs)
        if seqs:
            self.shelf.put(_rows(there))
            self.shelf.drop(sorted(set(seqs) - {row.seq for row in there}))

    def answer(self, question: dict[str, Any]) -> Any:
        from pindeck.finding.features import Row
        from pindeck.finding.shelf import WantedRgb

        most = min(int(question["most"]), MOST)
        if question["kind"] == "colours":
            asked, without = (
                [WantedRgb(tuple(rgb), share, tolerance) for rgb, share, tolerance in question[name]] for name in ("colours", "without")
            )
            return self.shelf.by_colours(asked, without, most=most)
        wanted = Row(0, *(base64.b64decode(question.get(name, "")) for name in ("amounts", "light", "meaning")))
        return self.shelf.like(
            wanted, question["dials"], most=most, also=question.get("also", ()), meaning=question.get("dial_of_meaning", 0)
        )


def _rows(found: list[indexed.Looked]) -> Any:
    from pindeck.finding.features import Row

    return [Row(*looked) for looked in found]


def wait_s(since_read_s: float) -> float:
    """How long to wait for a question, so that the next look at what changed comes a second after the last one. Never 0, which is for ever."""
    return min(POLL_S, max(0.01, POLL_S - since_read_s))


def run(settings: Settings) -> None:
    """Until a signal asks it to stop."""
    from redis.exceptions import RedisError

    over = threading.Event()
    on_stop_signals(lambda *_: over.set())
    client = RedisQueue(settings.queue_url).client
    index = Index()
    began, read_at, forget_at = time.time(), 0.0, 0.0
    index.build()
    log.info("the index knows %s pictures after %.1f s", len(index.shelf), time.time() - began)
    while not over.is_set():
        try:
            if time.monotonic() - read_at >= POLL_S:
                index.read()
                read_at = time.monotonic()
                client.set(ALIVE, json.dumps({"pictures": len(index.shelf), "since": int(began)}), ex=ALIVE_S)
            if time.monotonic() - forget_at >= FORGET_S:
                with db.writing():
                    indexed.forget()
                forget_at = time.monotonic()
            waiting: Any = client.brpop([QUESTIONS], timeout=wait_s(time.monotonic() - read_at))
            if waiting is not None:
                _reply(index, client, waiting[1])
        except (RedisError, OSError) as error:
            log.warning("the queue does not answer: %s", error)
            over.wait(POLL_S)
        except Exception:
            log.exception("the index could not read or answer")
            over.wait(POLL_S)
    client.delete(ALIVE)


def _reply(index: Index, client: Any, text: bytes) -> None:
    question = json.loads(text)
    if question["until"] < time.time():
        return  # nobody waits for it any more
    try:
        answer = index.answer(question)
    except (KeyError, TypeError, ValueError):
        log.exception("the index does not understand a question")
        return
    key = ANSWER + question["id"]
    with client.pipeline(transaction=False) as both:
        both.rpush(key, json.dumps({"answer": answer}))
        both.expire(key, 5)
        both.execute()
