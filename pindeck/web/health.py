"""Alive and ready: for load balancers and for people who operate Pindeck."""

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from pindeck import db, storage
from pindeck.http.auth import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """503 names each part that does not answer; no detail that helps a stranger."""
    parts = {"database": _database, "queue": _queue, "store": lambda: storage.current().check()}
    state = {}
    for name, probe in parts.items():
        try:
            probe()
            state[name] = "ok"
        except Exception:  # any failure means the same to a load balancer
            current_app.logger.exception("%s is not ready", name)
            state[name] = "away"
    ok = all(value == "ok" for value in state.values())
    return jsonify(status="ok" if ok else "away", **state), 200 if ok else 503


def _database() -> None:
    db.database.execute_sql("SELECT 1").fetchone()


def _queue() -> None:
    current_app.extensions["pindeck_queue"].ping()
