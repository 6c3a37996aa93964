"""What a description found: words where nobody has written, suggestions where somebody has."""

from typing import NamedTuple

from pindeck import db
from pindeck.models import Image
from pindeck.services.actions.steps import RUN, Step
from pindeck.services.images import ledger, proposals
from pindeck.services.images.fields import MAX_TAGS, spec_of
from pindeck.services.images.ledger import Writer
from pindeck.states import Visibility, WriterKind
from pindeck.terms import CRAFT
from pindeck.vision.base import Analysis
from pindeck.vocabulary import SYSTEM_TAGS, group_of

WORDS = ("title", "description", "category", "group", "genre", "shot", "style", "project", "moodboard")


class Kept(NamedTuple):
    """`steps` take back what the run wrote and suggested; empty where it did neither."""

    run_id: str
    steps: list[Step]


def keep(image: Image, found: Analysis) -> Kept:
    """Inside a transaction: write what may be written and suggest the rest.

    Empty values change nothing. Raises Invalid for a value that cannot be kept.
    """
    run_id, model = db.new_id(), found.model or found.backend
    writer = Writer(WriterKind.MACHINE, program=proposals.name_of(model, found.prompt_version))
    wanted = _wanted(image, found)
    tags = [tag for tag in found.tags if tag]
    own = [tag for tag in ledger.tags_of(image.id) if tag in SYSTEM_TAGS or tag.startswith("sref:")]
    if tags:
        wanted["tags"] = [*own, *[tag for tag in tags if tag not in own]][:MAX_TAGS]
    written = ledger.write(image.id, wanted, writer, action_id=run_id)
    held = dict(written.skipped)
    if "tags" in held:
        held["tags"] = spec_of("tags").clean(tags)
    if held:
        proposals.make(Image.get_by_id(image.seq), held, model, found.prompt_version, run_id)
    wrote = [Step(RUN, image.id, None, None, key=run_id)] if written.events else []
    return Kept(run_id, [*wrote, *written.steps, *(proposals.steps_of_run(image.id, run_id) if held else [])])


def _wanted(image: Image, found: Analysis) -> dict[str, object]:
    wanted: dict[str, object] = {name: value for name in WORDS if (value := getattr(found, name))}
    wanted |= {name: words if CRAFT[name].many else words[0] for name, words in found.craft.items() if words}
    if group := group_of(str(wanted.pop("group", ""))):  # another one is a word of the machine's, and no type
        wanted["group"] = group
    if image.visibility != Visibility.LIBRARY:  # a program put it there, and names and keys hang on its project
        wanted.pop("project", None)
    return wanted
