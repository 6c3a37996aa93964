"""A range of a spreadsheet, put into fields of pictures: what would change and what is refused, and the change as one action."""

import csv
import io
from dataclasses import dataclass, field

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Invalid, invalid
from pindeck.models import Image
from pindeck.services.actions import log
from pindeck.services.images import in_use, ledger, project_words, together
from pindeck.services.images.fields import FIELDS, Kept, Value, spec_of
from pindeck.services.images.together import How
from pindeck.vocabulary import HIDDEN_TAGS

MOST_ROWS = log.PART  # pictures that one transaction changes
MOST_CHARACTERS = 500_000
ONE_EACH = "unique_tag"


@dataclass(frozen=True)
class Cell:
    """What is pasted into one field of one picture; `why` it is refused, else empty."""

    row: int
    title: str
    label: str
    before: str
    after: str
    why: str = ""


@dataclass
class Pasted:
    """`changes` and `refused` cells, in their order; in `same` ones the value stands already. `over` rows and columns of the
    range lie beyond the table. `released` aliases do not go along to another project."""

    changes: list[Cell] = field(default_factory=list)
    refused: list[Cell] = field(default_factory=list)
    same: int = 0
    over_rows: int = 0
    over_columns: int = 0
    released: list[str] = field(default_factory=list)
    values: dict[str, dict[str, Kept]] = field(default_factory=dict)


def read(text: str) -> list[list[str]]:
    """The cells of a range as spreadsheets copy them: tabs and lines, quotes around what has either. Raises Invalid."""
    if len(text) > MOST_CHARACTERS:
        raise invalid("text", f"These are {len(text):,} characters; at most {MOST_CHARACTERS:,} can be pasted at once.")
    try:
        cells = list(csv.reader(io.StringIO(text.replace("\x00", "")), dialect="excel-tab"))
    except csv.Error:
        raise invalid("text", "This cannot be read as cells. Copy the cells in the spreadsheet again.") from None
    while cells and not any(cells[-1]):
        cells.pop()
    if not cells:
        raise invalid("text", "There is nothing to paste. Copy cells in the spreadsheet first.")
    if len(cells) > MOST_ROWS:
        raise invalid("text", f"These are {len(cells):,} rows; at most {MOST_ROWS} can be pasted at once.")
    return cells


def foretell(actor: Actor, ids: list[str], names: list[str], text: str, *, since: int) -> Pasted:
    """A dry run. Raises NotSignedIn, Forbidden, NotFound for a field that is none, or Invalid for no range."""
    access.require(actor, "account")
    cells = read(text)
    there = {image.id: image for image in Image.select().where(Image.id.in_(ids[: len(cells)]))}
    return _plan(actor, ids, names, cells, there, since)


def paste(actor: Actor, ids: list[str], names: list[str], text: str, *, since: int) -> tuple[str | None, Pasted]:
    """Write what is not refused, as one action: its id, if anything changed. Raises what `foretell` raises, and Conflict."""
    access.require(actor, "account")
    cells = read(text)
    with db.writing():
        locked = db.locked(Image.select().where(Image.id.in_(ids[: len(cells)])).order_by(Image.seq))
        there = {image.id: image for image in locked}
        plan = _plan(actor, ids, names, cells, there, since)
        if not plan.values:
            return None, plan
        images = [image for image in there.values() if image.id in plan.values]
        written = ledger.write_many(images, plan.values, ledger.person(actor), db.new_id())
        changed = [name for name in names if any(name in of for of in plan.values.values())]
        ledger.note(actor, ledger.SET, written, *changed)
    return (written.action_id if written.image_ids else None), plan


def _plan(
    actor: Actor, ids: list[str], names: list[str], cells: list[list[str]], there: dict[str, Image], since: int
) -> Pasted:
    ids, names = list(dict.fromkeys(ids)), list(dict.fromkeys(names))
    for name in names:
        spec_of(name)
    plan = Pasted(over_rows=max(0, len(cells) - len(ids)), over_columns=max(0, max(map(len, cells)) - len(names)))
    seen = {i: image for i, image in there.items() if not image.is_trashed and access.sees(actor, image)}
    kept = ledger.values_of_many(list(seen.values()), names) if seen else {}
    theirs = together.changed_since(actor.user_id, list(seen), names, since) if seen else {}
    known = in_use.known_to(actor, ((name, raw) for given in cells for name, raw in zip(names, given, strict=False)))
    for row, (image_id, given) in enumerate(zip(ids, cells, strict=False), 1):
        image = seen.get(image_id)
        for name, raw in zip(names, given, strict=False):
            before = kept[image_id][name] if image else None
            title = image.title if image else "A picture"
            try:
                after = _wanted(actor, image, name, raw, before, theirs.get(image_id), known)
            except Invalid as error:
                why = error.fields.get(name, error.message)
                plan.refused.append(Cell(row, title, FIELDS[name].label, _text(before), raw, why))
                continue
            if _is_same(name, before, after):
                plan.same += 1
                continue
            plan.changes.append(Cell(row, title, FIELDS[name].label, _text(before), _text(after)))
            plan.values.setdefault(image_id, {})[name] = after
    if moved := [image_id for image_id, of in plan.values.items() if "project" in of]:
        plan.released = project_words.released_by(moved)
    return plan


def _wanted(
    actor: Actor, image: Image | None, name: str, raw: str, before: Value, theirs: tuple[str, str] | None, known: in_use.Known
) -> Kept:
    """The clean value. Raises Invalid, which says why the cell is refused."""
    if image is None:
        raise Invalid("This picture has been deleted.")
    if not access.can(actor, "image.edit", image):
        raise Invalid("You may not edit this picture.")
    if name == ONE_EACH:
        raise Invalid("Each picture has a unique id of its own. Edit it by itself.")
    if theirs and theirs[0] == name:
        raise Invalid(f"{theirs[1]} has changed it meanwhile.")
    spec = FIELDS[name]
    word, is_new = in_use.meant(actor, name, raw, present=image.category, known=known)
    if is_new:
        raise Invalid(f"“{word}” is a new word here. Write it into one picture first.")
    clean = spec.clean(word)
    return together.joined(spec, How.REPLACE, before, clean) if spec.is_list else clean


def _is_same(name: str, before: Value, after: Kept) -> bool:
    if name == "project":
        return str(before or "").casefold() == str(after or "").casefold()
    return (before or None) == (after or None)


def _text(value: Kept) -> str:
    return ", ".join(each for each in value if each not in HIDDEN_TAGS) if isinstance(value, list) else str(value or "")
