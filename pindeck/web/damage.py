"""Damaged files, for administrators: what was found, and what can be done about it."""

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.http.auth import access_to
from pindeck.web.rendering import ListPage

bp = Blueprint("damage", __name__, url_prefix="/admin/files")


def _shown() -> dict[str, Any]:
    from pindeck.services.maintenance import damage

    return {
        "damaged": damage.list_damaged(g.actor),
        "summary": damage.summary(),
        "has_backup": bool(config.current().backup_dir),
    }


PAGE = ListPage("admin/files.html", "admin/_files.html", "damage.index", _shown)


@bp.get("")
@access_to("admin")
def index() -> ResponseReturnValue:
    return PAGE.show()


@bp.post("/<blob_id>/check")
@access_to("admin")
def check(blob_id: str) -> ResponseReturnValue:
    from pindeck.services.maintenance import damage

    damage.check_again(g.actor, blob_id)
    return PAGE.changed("It is being read again. Reload this page in a moment.")


@bp.post("/<blob_id>/from-backup")
@access_to("admin")
def restore(blob_id: str) -> ResponseReturnValue:
    from pindeck.services.maintenance import damage

    damage.restore(g.actor, blob_id)
    return PAGE.changed("It is being restored from the backup. Reload this page in a moment.")


@bp.post("/read")
@access_to("admin")
def read_everything() -> ResponseReturnValue:
    from pindeck.services.maintenance import damage

    damage.read_everything(g.actor)
    return PAGE.changed("Everything is being read again, beside other work.")
