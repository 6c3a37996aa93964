"""RQ on Redis as the carrier of jobs: JSON only, short timeouts, one connection pool per process."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pindeck.queue import JobSpec, name_of
from pindeck.states import Lane

if TYPE_CHECKING:
    from redis import Redis

RUN = "pindeck.jobs.run"
RUN_TOGETHER = "pindeck.jobs.crew.run"


class RedisQueue:
    """Made before a fork, connected after it: the client belongs to the process that uses it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client: Redis | None = None
        self._pid = 0

    @property
    def client(self) -> "Redis":
        if self._client is None or self._pid != os.getpid():
            from redis import Redis

            self._client = Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=2)
            self._pid = os.getpid()
        return self._client

    def queue(self, name: str, lane: Lane) -> Any:
        """RQ's queue of one lane."""
        from rq import Queue
        from rq.serializers import JSONSerializer

        return Queue(name_of(name, lane), connection=self.client, serializer=JSONSerializer)

    def push(self, spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> None:
        """Raises redis errors when the server does not answer."""
        with self.client.pipeline() as one_trip:  # without it RQ makes two
            self.queue(spec.queue, lane).enqueue_call(
                RUN_TOGETHER if spec.together else RUN,
                args=(job_id,),
                job_id=rq_id(job_id, attempt),
                timeout=spec.delivery_s,
                description=spec.kind,
                result_ttl=0,
                failure_ttl=86400,
                pipeline=one_trip,
            )
            one_trip.execute()

    def call_back(self, spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> None:
        """The row of this delivery was taken without it. Raises redis errors when the server does not answer."""
        delivery = rq_id(job_id, attempt)
        with self.client.pipeline(transaction=False) as both:
            both.lrem(f"rq:queue:{name_of(spec.queue, lane)}", 1, delivery)
            both.delete(f"rq:job:{delivery}")
            both.execute()

    def waits(self, spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> bool:
        """Whether RQ still holds this delivery in its list."""
        key = f"rq:queue:{name_of(spec.queue, lane)}"
        return self.client.lpos(key, rq_id(job_id, attempt)) is not None

    def first(self, lanes: Sequence[tuple[str, Lane]]) -> tuple[str, int] | None:
        """The row and the attempt of what would be delivered next of these lanes. Raises redis errors when the server does not answer."""
        with self.client.pipeline(transaction=False) as each:
            for name, lane in lanes:
                each.lindex(f"rq:queue:{name_of(name, lane)}", 0)
            found = next((delivery for delivery in each.execute() if delivery is not None), None)
        if found is None:
            return None
        job_id, _, attempt = found.decode().rpartition("-")
        return job_id, int(attempt)

    def count(self, lanes: Sequence[tuple[str, Lane]]) -> int:
        """How many deliveries wait in these lanes. Raises redis errors when the server does not answer."""
        with self.client.pipeline(transaction=False) as each:
            for name, lane in lanes:
                each.llen(f"rq:queue:{name_of(name, lane)}")
            return sum(each.execute())

    def takes_work(self) -> bool:
        """Whether it answers and can be written to; a replica or a full server answers and refuses."""
        from redis.exceptions import RedisError

        try:
            return bool(self.client.set("pindeck:takes-work", 1, ex=60))
        except (RedisError, OSError):
            return False

    def ping(self) -> bool:
        return bool(self.client.ping())


def rq_id(job_id: str, attempt: int) -> str:
    return f"{job_id}-{attempt}"
