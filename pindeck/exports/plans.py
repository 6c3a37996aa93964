"""What a file is to be made of, read before it is made, and how it is drawn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pindeck.access import Actor
from pindeck.exports import sources, zipped_pictures
from pindeck.exports.asking import has_pictures
from pindeck.exports.content import Content
from pindeck.models import Export
from pindeck.services.images import rights

Progress = Callable[[float], None]  # how much of it is drawn, 0 to 1


class Drawn(NamedTuple):
    """A file in pieces, which are read once; what is to be said of it; and whether a picture that should be in it could not be read
    now."""

    pieces: Iterable[bytes]
    notes: list[str]
    is_lacking: bool


@dataclass(frozen=True)
class Plan:
    """`made_of` is all that the file is made of, as JSON; `image_ids` are the pictures in it."""

    title: str
    image_ids: list[str]
    made_of: Any
    draw: Callable[[Progress], Drawn]


def plan_of(export: Export, actor: Actor) -> Plan:
    """As the actor sees it now. Raises what reading raises, and Conflict as `rights.check` does."""
    (of, value), *_ = export.of_what.items()
    if export.kind == "zip":
        found = zipped_pictures.found(actor, of, value, export.options)
        title = sources.title_of(actor, of, value)
        return Plan(title, found.ids, zipped_pictures.told(title, found), lambda progress: Drawn(*zipped_pictures.drawn(found, progress)))
    content = sources.content_of(actor, of, value)
    if has_pictures(export.kind):
        rights.check(content.stills)
    ids = list(dict.fromkeys(still.id for still in content.stills))
    return Plan(content.title, ids, content.as_json(), lambda progress: _drawn(export, content, progress))


def _drawn(export: Export, content: Content, progress: Progress) -> Drawn:
    if export.kind == "csv":
        from pindeck.exports import shot_list

        return Drawn([shot_list.drawn(content)], [], False)
    if export.kind == "html":
        from pindeck.exports import web_page

        return web_page.drawn(content, export.quality, progress)
    data, notes, is_lacking = _drawing(export.kind)(content, export.quality, export.options, progress)
    return Drawn([data], notes, is_lacking)


def _drawing(kind: str) -> Any:
    """What draws one of the kinds that are drawn whole; it brings the libraries that it needs."""
    if kind == "pptx":
        from pindeck.exports import deck_pptx

        return deck_pptx.drawn
    from pindeck.exports import contact, deck_pdf, storyboard_sheet

    return {"contact": contact.drawn, "storyboard": storyboard_sheet.drawn, "deck": deck_pdf.drawn}[kind]
