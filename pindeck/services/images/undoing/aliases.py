"""The names of an image, in its project and in flows, as they were."""

from collections.abc import Callable

from pindeck.models import Alias
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import names, word_store


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The alias in the project. A name that somebody else holds by now stays there, and is told."""
    return _take_back(taking, steps, lambda _, row: bool(row["project_id"]))


def take_back_in_flow(taking: Taking, steps: list[Step]) -> list[Left]:
    """The same for a name in a flow, of which an image may have several."""
    return _take_back(taking, steps, lambda step, row: f"{row['flow_id']}:{row['name_key']}" == step.key)


def _take_back(taking: Taking, steps: list[Step], is_about: Callable[[Step, names.Row], bool]) -> list[Left]:
    held = names.held_by([step.image_id for step in steps])
    back, left, gone = [], [], []
    for step in steps:
        own = [row for row in held[step.image_id] if is_about(step, row)]
        if not names.same(own, [step.after] if step.after else []):
            left.append(Left(step, "was changed since", now=f"@{own[0]['name']}" if own else None))
        else:
            back.append(step)
            gone += [row["id"] for row in own]
    if back:
        Alias.delete().where(Alias.id.in_(gone)).execute()
        lost = names.put_back([step.before for step in back if step.before])
        taking.notices += names.told_lost(lost)
        word_store.write_columns([taking.images[step.image_id] for step in back], {s.image_id: {} for s in back})
    return left
