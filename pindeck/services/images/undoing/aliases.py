"""The names of an image, in its project and in flows, as they were."""

from collections.abc import Callable

from pindeck.models import Alias
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import names, word_store


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The alias in the project. Where somebody else has the former name by now the present one stays, and is told."""
    return _take_back(taking, steps, lambda _, row: bool(row["project_id"]))


def take_back_in_flow(taking: Taking, steps: list[Step]) -> list[Left]:
    """The same for a name in a flow, of which an image may have several."""
    return _take_back(taking, steps, lambda step, row: f"{row['flow_id']}:{row['name_key']}" == step.key)


def _take_back(taking: Taking, steps: list[Step], is_about: Callable[[Step, names.Row], bool]) -> list[Left]:
    held = names.held_by([step.image_id for step in steps])
    back, left = [], []
    for step in steps:
        own = [row for row in held[step.image_id] if is_about(step, row)]
        if not names.same(own, [step.after] if step.after else []):
            left.append(Left(step, "has been changed since", now=f"@{own[0]['name']}" if own else None))
        else:
            back.append((step, [row["id"] for row in own]))
    back, stuck = _without_given(back)
    left += [Left(step, "had an alias that another picture has now", now=f"@{step.before['name']}") for step in stuck]
    if back:
        Alias.delete().where(Alias.id.in_([row_id for _, own in back for row_id in own])).execute()
        names.put_back([step.before for step, _ in back if step.before])
        ids = [step.image_id for step, _ in back]
        word_store.write_columns([taking.images[image_id] for image_id in ids], {image_id: {} for image_id in ids})
    return left


Going = tuple[Step, list[str]]  # a step, and the rows of the names that go with it


def _without_given(back: list[Going]) -> tuple[list[Going], list[Step]]:
    """The steps whose former names are free when these go, and the others. What stays may be in the way of the next."""
    wanted = [step.before for step, _ in back if step.before]
    holders = names.holders(wanted) if wanted else {}
    stuck: list[Step] = []
    while True:
        going = {row_id for _, own in back for row_id in own}
        taken = {name for row_id, name in holders.items() if row_id not in going}
        more = [step for step, _ in back if step.before and names.scope(step.before) in taken]
        if not more:
            return back, stuck
        stuck += more
        back = [each for each in back if each[0] not in more]
