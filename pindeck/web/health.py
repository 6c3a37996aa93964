"""Alive and ready: for load balancers and for people who operate Pindeck."""

import threading
import time
from collections.abc import Callable

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from pindeck import db, storage
from pindeck.http.auth import public

bp = Blueprint("health", __name__)
KEEP_S = 5.0


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """503 names each part that does not answer; no detail that helps a stranger."""
    state = current_app.extensions.setdefault("pindeck_readiness", Latest(KEEP_S)).of(_look)
    ok = all(value == "ok" for value in state.values())
    return jsonify(status="ok" if ok else "away", **state), 200 if ok else 503


class Latest:
    """What was found a moment ago: anybody may ask as often as they like, and one look serves all who ask at once."""

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._looking = threading.Lock()
        self._found: dict[str, str] = {}
        self._until = 0.0

    def of(self, look: Callable[[], dict[str, str]]) -> dict[str, str]:
        """The result of `look`, at most `keep_s` old."""
        with self._looking:
            if time.monotonic() >= self._until:
                self._found = look()
                self._until = time.monotonic() + self._keep_s
            return self._found


def _look() -> dict[str, str]:
    """For each part `ok` or `away`. Reads alone."""
    parts = {"database": _database, "queue": _queue, "store": lambda: storage.current().answer()}
    state = {}
    for name, probe in parts.items():
        try:
            probe()
            state[name] = "ok"
        except Exception as error:  # any failure means the same to a load balancer
            # Without a traceback: a stranger's questions must not fill the disk.
            current_app.logger.warning("%s is not ready (%s: %s)", name, type(error).__name__, error)
            state[name] = "away"
    return state


def _database() -> None:
    db.connect()
    db.sql("SELECT 1").fetchone()


def _queue() -> None:
    current_app.extensions["pindeck_queue"].ping()
