"""Connections to PostgreSQL that outlive a test: a new one has to learn every table anew, which took as long as many a test."""

import heapq
import os
import time
from typing import Any, ClassVar

import psycopg
from playhouse.pool import PooledPostgresqlDatabase

# What a test may have left of its session. Prepared statements stay, as the driver knows them.
RESET = "RESET ALL; DISCARD TEMP; UNLISTEN *; SELECT pg_advisory_unlock_all()"
LASTING = "pindeck_test"  # the database that tests empty and do not drop
MOST = 2


class KeptPool(PooledPostgresqlDatabase):
    """A pool that leaves what lies idle when it closes to the next pool of this process on the lasting database."""

    _kept: ClassVar[list[tuple[int, Any]]] = []  # with the process that opened it: a child must not speak on it

    def _connect(self) -> Any:
        with self._pool_lock:
            if self.database == LASTING and not self._connections and len(self._in_use) < self._max_connections:
                self._take_one()
            return super()._connect()

    def _take_one(self) -> None:
        """Put one that still works among the idle."""
        while self._kept and self._kept[-1][0] == os.getpid():
            connection = self._kept.pop()[1]
            try:
                connection.execute(RESET)
            except psycopg.Error:
                connection.close()
                continue
            self._heap_counter += 1
            heapq.heappush(self._connections, (time.time(), self._heap_counter, connection))
            return

    def close_idle(self) -> None:
        with self._pool_lock:
            while self.database == LASTING and self._connections and len(self._kept) < MOST:
                self._kept.append((os.getpid(), heapq.heappop(self._connections)[2]))
            super().close_idle()

    @classmethod
    def close_kept(cls) -> None:
        while cls._kept:
            cls._kept.pop()[1].close()
