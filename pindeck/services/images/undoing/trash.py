"""Out of the trash again, or back into it, with the names that the image had."""

from typing import Any

from pindeck import config, db
from pindeck.models import Image, User
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import names, publishing, word_store


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """A name that somebody else holds by now stays there, and is told."""
    held = names.held_by([step.image_id for step in steps])
    back, left = [], []
    for step in steps:
        image = taking.images[step.image_id]
        if image.deleted_at != step.after["at"]:
            left.append(Left(step, "has been restored since" if step.after["at"] else "is in the trash again"))
        elif not names.same(held[step.image_id], step.after["names"]):
            left.append(Left(step, "has another alias now"))
        else:
            back.append(step)
    if back:
        _write(taking, back)
    return left


def _write(taking: Taking, steps: list[Step]) -> None:
    images: list[Image] = [taking.images[step.image_id] for step in steps]
    people = _people({step.before["by"] for step in steps})
    names.release([image.id for image in images])
    word_store.write_columns(images, {step.image_id: _columns(step.before, people) for step in steps})
    rows = [row for step in steps for row in step.before["names"]]
    taking.notices += names.told_lost(names.put_back(rows))
    taking.tokens += publishing.follow(images)


def _people(ids: set[str | None]) -> set[str]:
    """Those that there still are: a guest may have become a person since."""
    wanted = [i for i in ids if i]
    return {user.id for user in User.select(User.id).where(User.id.in_(wanted))} if wanted else set()


def _columns(before: dict[str, Any], people: set[str]) -> dict[str, Any]:
    at, edge = before["at"], db.now_ms() - config.current().trash_days * db.DAY_MS
    if at is not None and at <= edge:  # the next sweep would delete it for good
        at = db.now_ms()
    return {
        "deleted_at": at,
        "deleted_by": before["by"] if before["by"] in people else None,
        "last_alias": before["last"],
    }
