"""The pictures of a deck: swapped in place from the library, aimed, and chosen."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import NotFound, invalid
from pindeck.http.auth import access_to
from pindeck.web.decks import changed
from pindeck.web.facet_panel import boxes_of
from pindeck.web.filtering import FilterBar
from pindeck.web.params import clean_query
from pindeck.web.rendering import show

bp = Blueprint("deck_pictures", __name__, url_prefix="/decks")


OFFERED = 36  # pictures of the picker at once
IN_LIBRARY, NARROW = "library", "narrow"  # what its address names as a view: the whole library, and the facets beside it


@bp.get("/<deck_id>/blocks/<block_id>/places/<int:slot>")
@access_to("deck.edit")
def pick(deck_id: str, block_id: str, slot: int) -> ResponseReturnValue:
    """What can stand there: the pictures of the deck, or what a search, facets or the likeness of a picture find in the library."""
    from pindeck.services.boards import reading
    from pindeck.services.boards.decks import decks, pages
    from pindeck.services.images import image_urls
    from pindeck.services.library import filters, gallery

    opened = pages.open_one(decks.find(g.actor, deck_id), reading.shown_to(g.actor))
    view = next((each for each in opened.views if each.block.id == block_id), None)
    if view is None or slot >= len(view.pictures):
        raise NotFound("There is no such place in this deck.", code="BLOCK_NOT_FOUND")
    here, asked = url_for(".pick", deck_id=deck_id, block_id=block_id, slot=slot), request.args.get("view", "")
    bar = replace(FilterBar.read(here, filters.OF_GALLERY, request.args, g.actor), view=asked if asked in (IN_LIBRARY, NARROW) else "")
    is_of_deck, after = bool(opened.chosen) and bar.is_empty and not bar.view, clean_query(request.args.get("after", ""))
    if is_of_deck:
        rest = opened.chosen[1 + next((n for n, image in enumerate(opened.chosen) if image.id == after), -1) :]
        found: list[Any] = rest[:OFFERED]
        following = found[-1].id if len(rest) > OFFERED else None
    else:
        page = gallery.list_page(g.actor, bar.wanted, bar.order, after=after or None, limit=OFFERED)
        found, following = [image for image in page.images if image.id not in page.absent], page.next_after
    library = replace(bar, wanted={}, view=IN_LIBRARY)
    return show(
        "decks/picker.html", "decks/_picks.html" if after else "decks/_picker.html",
        deck=opened.deck, view=view, slot=slot, there=view.pictures[slot], filter=bar, found=found,
        small={image.id: image_urls.rendition(image.id, image.public_token, "small") for image in found},
        is_of_deck=is_of_deck, has_own=bool(opened.chosen), library_url=library.address(), narrow_url=replace(bar, view=NARROW).address(),
        alike=lambda image_id: library.address({filters.WORDS: f"like:{image_id}"}), chips=bar.chips(g.actor),
        boxes=boxes_of(bar) if bar.view == NARROW else [], next_url=bar.address(after=following) if following else None,
    )  # fmt: skip


@bp.post("/<deck_id>/blocks/<block_id>/places/<int:slot>")
@access_to("deck.edit")
def put(deck_id: str, block_id: str, slot: int) -> ResponseReturnValue:
    """Another picture stands there; none without one."""
    from pindeck.services.boards.decks import editing

    image_id = request.form.get("image") or None
    put_there = editing.put(g.actor, deck_id, block_id, slot, image_id)
    return changed(deck_id, "The picture was swapped." if image_id else "The place is empty.", put_there.action_id, block_id)


@bp.post("/<deck_id>/blocks/<block_id>/places/<int:slot>/aim")
@access_to("deck.edit")
def aim(deck_id: str, block_id: str, slot: int) -> ResponseReturnValue:
    """The point (percent) that the crop of this page keeps in sight."""
    from pindeck.services.boards.decks import blocks, composing, decks, editing

    try:
        x, y = (float(request.form.get(name, "")) / 100 for name in ("x", "y"))
        block = composing.block_of(blocks.read(decks.find(g.actor, deck_id).id), block_id)
        still = block.stills[slot]
    except ValueError:
        raise invalid("focal", "Give two numbers from 0 to 100.") from None
    except (KeyError, IndexError):
        raise NotFound("There is no such place in this deck.", code="BLOCK_NOT_FOUND") from None
    if still is None:
        raise invalid("focal", "There is no picture at this place.")
    aimed = editing.put(g.actor, deck_id, block_id, slot, still.image_id, focal=(x, y))
    return changed(deck_id, "Aimed." if aimed.action_id else None, aimed.action_id, block_id)


@bp.post("/<deck_id>/pictures/<any(add, remove, first):act>")
@access_to("deck.edit")
def choose(deck_id: str, act: str) -> ResponseReturnValue:
    """Pictures come to those of the deck, leave them and its pages, or stand first among them."""
    from pindeck.services.boards.decks import chosen, decks, editing

    ids = [each for text in request.form.getlist("ids") for each in text.split()]
    if act == "add":
        return changed(deck_id, "They are among the pictures of the deck.", editing.choose_more(g.actor, deck_id, ids).action_id)
    now = list(chosen.read(decks.find(g.actor, deck_id).id))
    left = [each for each in now if each not in ids]
    wanted = left if act == "remove" else [*(each for each in ids if each in now), *left]
    chose = editing.choose(g.actor, deck_id, _seen(wanted))
    return changed(deck_id, "It left the deck." if act == "remove" else "It stands first.", chose.action_id)


def _seen(ids: list[str]) -> list[str]:
    from pindeck.services.boards import pictures

    return pictures.seen_among(g.actor, ids)
