"""What a person does to the pictures in the trash, one by one or together: restore them, or delete them for good."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import chosen, large, trash


def begin(actor: Actor, ids: list[str] | None) -> str | None:
    """To restore more than 250 pictures: ask a job; the action, which runs from now on. None for fewer."""
    access.require(actor, "upload")
    return large.begin(actor, "restore", chosen.ids_of(access.trash_of(actor), ids))


def restore(actor: Actor, ids: list[str] | None) -> tuple[int, list[str], str | None]:
    """Take the chosen pictures out of the trash, or all that the actor may restore.

    How many came back, the aliases (with their @) that others hold by now, and the action. Those are passed over that
    do not lie there any more.
    """
    access.require(actor, "upload")
    wanted = [image.id for image in _find(actor, ids) if access.can(actor, "image.restore", image)]
    steps, action_id = trash.restore_many(actor, wanted)
    lost = [f"@{step.before['last']}" for step in steps if step.before["last"] and not step.after["names"]]
    return len(steps), lost, action_id


def purge(actor: Actor, ids: list[str] | None) -> int:
    """Delete the chosen pictures for good, or all that the actor may restore; how many that were."""
    access.require(actor, "upload")
    mine = [image for image in _find(actor, ids) if access.can(actor, "image.purge", image)]
    return trash.purge_all(mine, actor, trashed_before=db.now_ms() + 1)


def _find(actor: Actor, ids: list[str] | None) -> list[Image]:
    found = Image.select().where(access.trash_of(actor).expression()).order_by(Image.seq)
    return list(found if ids is None else found.where(Image.id.in_(chosen.check_ids(ids))))
