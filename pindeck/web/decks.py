"""Decks: the list of them, and one with its pages, which are edited where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import Conflict, Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query, query_of_gallery
from pindeck.web.rendering import done, go, query_of_page, retarget, show

bp = Blueprint("decks", __name__, url_prefix="/decks")
PAGE, PAGES, SLIDES, NAMED = 24, 30, 200, 60  # decks of a list; of a deck: pages at once, slides at once, credits beside its pages
SEEN_AGO = ((90, "now"), (5400, "{} min"), (48 * 3600, "{} h"), (14 * 86400, "{} days"))


# The list


def _list(**more: Any) -> dict[str, Any]:
    from pindeck import db
    from pindeck.models import Board
    from pindeck.services.boards import boards, reading
    from pindeck.services.boards.decks import decks, pages
    from pindeck.services.images import image_urls

    after = clean_query(request.args.get("after", "")) or None
    found, following = decks.list_page(g.actor, limit=PAGE, after=after)
    cards = pages.cards(found, reading.shown_to(g.actor))
    of = Board.id.in_({deck.board_id for deck in found if deck.board_id})
    known = {row.id: row.name for row in Board.select(Board.id, Board.name).where(of & access.boards_of(g.actor))}
    return {
        "cards": cards,
        "ages": {card.deck.id: age((db.now_ms() - card.deck.updated_at) // 1000) for card in cards},
        "boards": known,
        "small": image_urls.small_of(image for card in cards for image in card.covers),
        "board": boards.find(g.actor, request.args["board"]) if request.args.get("board") else None,
        "is_first": after is None,
        "next_url": url_for(".index", after=following) if following else None,
        "errors": {},
        "form": {},
        **more,
    }


def age(seconds: int) -> str:
    """`now`, then minutes, hours below 48, days below 14, and weeks."""
    for most, text in SEEN_AGO:
        if seconds < most:
            unit = {"{} min": 60, "{} h": 3600, "{} days": 86400}.get(text, 1)
            return text.format(max(1, seconds // unit))
    return f"{seconds // (7 * 86400)} weeks"


@bp.get("")
@access_to("deck.view")
def index() -> ResponseReturnValue:
    return show("decks/index.html", "decks/_list.html", **_list())


@bp.post("/create")
@access_to("deck.edit")
def create() -> ResponseReturnValue:
    """Of a board, of what is chosen in the gallery, of another deck's pages, or blank."""
    from pindeck.services.boards.decks import decks

    form = request.form
    ids = [each for text in form.getlist("ids") for each in text.split()]
    if form.get("all") == "1":
        from pindeck.services.library import choosing
        from pindeck.services.library.choices import Choice

        ids = choosing.find(g.actor, Choice(query=query_of_gallery(), is_all=True)).ids
    elif "query" in form and not ids:
        raise invalid("ids", "Choose at least one picture.")
    try:
        deck, _ = decks.create(
            g.actor, title=form.get("title", "").strip() or None, board_id=form.get("board") or None, ids=ids,
            template_id=form.get("template") or None,
        )  # fmt: skip
    except Invalid as error:
        if "title" not in error.fields:
            raise
        return show("decks/index.html", "decks/_list.html", 422, **_list(errors=error.fields, form=form))
    return go(url_for("decks.page", deck_id=deck.id))


@bp.post("/<deck_id>/duplicate")
@access_to("deck.edit")
def duplicate(deck_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import decks

    copy, _ = decks.duplicate(g.actor, deck_id)
    return go(url_for("decks.page", deck_id=copy.id))


@bp.post("/<deck_id>/delete")
@access_to("deck.edit")
def delete(deck_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import decks

    name = decks.find(g.actor, deck_id).title
    action_id = decks.delete(g.actor, deck_id)
    toast = f"“{name}” is deleted. Its pictures stay in the library."
    return done("decks/_list.html", back_to=url_for(".index"), toast=toast, undo=undo_url(action_id), **_list())


# One deck


def _shown(deck_id: str, at: str = "", **more: Any) -> dict[str, Any]:
    """With PAGES of its pages: those around the block `at`, or where the reader is."""
    from pindeck.models import Board
    from pindeck.services.boards import reading
    from pindeck.services.boards.decks import decks, kinds, pages, palettes, typography
    from pindeck.services.images import image_urls
    from pindeck.web.deck_sharing import panel_of

    deck = decks.find(g.actor, deck_id)
    opened = pages.open_one(deck, reading.shown_to(g.actor))
    start = _start(opened.views, at)
    views = opened.views[start : start + PAGES]
    images = {picture.image.id: picture.image for view in views for picture in view.pictures if picture}
    credits = pages.credits_of(opened) if deck.has_credits else []
    of = Board.get_or_none((Board.id == deck.board_id) & access.boards_of(g.actor)) if deck.board_id else None
    return {
        "opened": opened,
        "style": style_of(opened),
        "deck": deck,
        "board": of,
        "keeps": access.can(g.actor, "deck.manage", deck),
        "here_views": views,
        "start": start,
        "at_once": PAGES,
        "strip": opened.chosen[:NAMED],
        "large": {image.id: image_urls.rendition(image.id, image.public_token, "large") for image in images.values()},
        "small": image_urls.small_of(opened.chosen[:NAMED]),
        "credits": credits,
        "named": sorted(credits, key=lambda each: not each.is_missing)[:NAMED],
        "page_count": pages.count(opened),
        "kinds": {str(kind): block.title or "Hero" for kind, block in kinds.BLOCKS.items()},
        "styles": kinds.STYLES,
        "layouts": kinds.LAYOUTS,
        "effects": kinds.EFFECTS,
        "fonts": typography.PRESETS,
        "swatches": palettes.EDITED,
        "colours": palettes.of(deck.style, deck.palette),
        "errors": {},
        "form": {},
        "met": None,
        "can_edit": access.can(g.actor, "deck.edit"),
        **panel_of(deck),
        **more,
    }


def _start(views: Sequence[Any], at: str) -> int:
    """Where the pages that are shown begin. A form does not say where the reader is, but htmx does."""
    asked = dict(request.args) if request.method == "GET" else query_of_page()
    at, start = at or asked.get("at", ""), asked.get("from", "")
    number = next((n for n, view in enumerate(views) if view.block.id == at), None)
    if number is None:
        number = min(int(start), max(0, len(views) - 1)) if start.isascii() and start.isdecimal() and len(start) < 6 else 0
    return number // PAGES * PAGES


@bp.get("/<deck_id>")
@access_to("deck.view")
def page(deck_id: str) -> ResponseReturnValue:
    return page_of(deck_id)


def page_of(deck_id: str, status: int = 200, **more: Any) -> ResponseReturnValue:
    return show("decks/page.html", "decks/_deck.html", status, **_shown(deck_id, **more))


def changed(deck_id: str, toast: str | None, action_id: str | None, block_id: str = "", **more: Any) -> ResponseReturnValue:
    undo = undo_url(action_id) if toast else None
    return done("decks/_deck.html", back_to=back_to(deck_id, block_id), toast=toast, undo=undo, **_shown(deck_id, block_id, **more))


def back_to(deck_id: str, block_id: str = "") -> str:
    """The deck, at one of its blocks."""
    return url_for("decks.page", deck_id=deck_id, at=block_id or None, _anchor=f"block-{block_id}" if block_id else None)


@bp.post("/<deck_id>/change")
@access_to("deck.edit")
def change(deck_id: str) -> ResponseReturnValue:
    """The title, or how all pages look."""
    from pindeck.services.boards.decks import decks, palettes

    form, names = request.form, ("title", "style", "layout", "scroll_fx", "overlay", "overlay_variation", "font_family")
    given: dict[str, Any] = {name: form[name] for name in names if name in form}
    if "credits" in form:
        given["has_credits"] = form["credits"] == "1"
    if any(name in form for name in palettes.EDITED):
        deck = decks.find(g.actor, deck_id)
        now = palettes.of(deck.style, deck.palette)
        chosen = now._replace(**{name: form[name].lower() for name in palettes.EDITED if name in form})
        given["palette"] = list(chosen) if chosen != now else deck.palette
    if given.get("style") and given["style"] != decks.find(g.actor, deck_id).style:
        given["palette"] = None  # a style brings its colours
    try:
        action_id = decks.update(g.actor, deck_id, **given)
    except Invalid as error:
        return page_of(deck_id, 422, errors=error.fields, form=form)
    return changed(deck_id, "Saved." if action_id else None, action_id)


@bp.post("/<deck_id>/shuffle")
@access_to("deck.edit")
def shuffle(deck_id: str) -> ResponseReturnValue:
    """Another seed: the shades lie elsewhere."""
    from pindeck.services.boards.decks import decks, overlays

    seed = (decks.find(g.actor, deck_id).overlay_seed + 1) % overlays.MOST_SEED
    return changed(deck_id, "The shades lie elsewhere now.", decks.update(g.actor, deck_id, overlay_seed=seed))


@bp.post("/<deck_id>/sample")
@access_to("deck.edit")
def sample(deck_id: str) -> ResponseReturnValue:
    """The colours of one picture of the deck; without one those of the style again."""
    from pindeck.services.boards import reading
    from pindeck.services.boards.decks import decks, pages, palettes

    image_id = request.form.get("image", "")
    palette = None
    if image_id:
        opened = pages.open_one(decks.find(g.actor, deck_id), reading.shown_to(g.actor))
        found = next((image for image in opened.chosen if image.id == image_id), None)
        if found is None or len(found.colors or ()) < palettes.LEAST:
            raise invalid("image", "Choose a picture of the deck that has three colours at least.")
        palette = list(palettes.from_picture(found.colors))
    return changed(deck_id, "The colours are chosen.", decks.update(g.actor, deck_id, palette=palette))


# Its pages


@bp.post("/<deck_id>/blocks")
@access_to("deck.edit")
def add_block(deck_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import editing

    added = editing.add(g.actor, deck_id, request.form.get("kind", ""), before=request.form.get("before") or None)
    return changed(deck_id, "A page was added.", added.action_id, added.block_id)


@bp.post("/<deck_id>/blocks/<block_id>/write")
@access_to("deck.edit")
def write(deck_id: str, block_id: str) -> ResponseReturnValue:
    """Title, text and notes. What was emptied is none at all; what was never written stays with the deck."""
    from pindeck.services.boards.decks import blocks, composing, editing

    form = request.form
    words = {name: form[name] for name in editing.WORDS if name in form}
    based_on = {name: form[f"based_{name}"].replace("\r\n", "\n") for name in words if f"based_{name}" in form}
    now = next((block for block in blocks.read(deck_id) if block.id == block_id), None)
    given: dict[str, Any] = {name: None if not text and now and getattr(now, name) is None else text for name, text in words.items()}
    try:
        written = editing.change(g.actor, deck_id, block_id, based_on=based_on, **given)
    except (Invalid, Conflict) as error:
        if isinstance(error, Conflict) and error.code != "CHANGED_SINCE":
            raise
        is_met = isinstance(error, Conflict)
        more: dict[str, Any] = {"met": block_id if is_met else None, "form": {block_id: words}}
        more["errors"] = {} if is_met else {block_id: error.fields}  # type: ignore[union-attr]
        return retarget(page_of(deck_id, error.status, at=block_id, **more), "#deck")  # type: ignore[arg-type]
    block = composing.block_of(blocks.read(deck_id), block_id)
    toast = "Saved." if written.action_id else None
    return done("decks/_written.html", back_to=back_to(deck_id, block_id), toast=toast, undo=undo_url(written.action_id), block=block, swaps_itself=True)


@bp.post("/<deck_id>/blocks/<block_id>/form")
@access_to("deck.edit")
def form_block(deck_id: str, block_id: str) -> ResponseReturnValue:
    """Seen or hidden, locked or open, wide or dense."""
    from pindeck.services.boards.decks import editing

    form = request.form
    given: dict[str, Any] = {name: form[name] == "1" for name in ("is_on", "is_locked") if name in form}
    if "variant" in form:
        given["variant"] = form["variant"]
    return changed(deck_id, None, editing.change(g.actor, deck_id, block_id, **given).action_id, block_id)


@bp.post("/<deck_id>/blocks/<block_id>/<any(up, down, duplicate, remove):act>")
@access_to("deck.edit")
def act_on_block(deck_id: str, block_id: str, act: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import editing

    if act == "remove":
        return changed(deck_id, "The page was removed.", editing.remove(g.actor, deck_id, block_id).action_id)
    if act == "duplicate":
        copied = editing.duplicate(g.actor, deck_id, block_id)
        return changed(deck_id, "The copy stands below it.", copied.action_id, copied.block_id)
    moved = editing.step(g.actor, deck_id, block_id, -1 if act == "up" else 1)
    return changed(deck_id, None, moved.action_id, block_id)


# Full screen


@dataclass(frozen=True)
class Slide:
    """A page as it is presented; `style` sets its colours and fonts."""

    page: Any
    style: str
    effect: str
    notes: str = ""

    @property
    def number(self) -> int:
        return self.page.number  # type: ignore[no-any-return]


@bp.get("/<deck_id>/present")
@access_to("deck.view")
def present(deck_id: str) -> ResponseReturnValue:
    """Its pages full screen, with the speaker's view beside them."""
    from pindeck.services.boards import reading
    from pindeck.services.boards.decks import decks
    from pindeck.web import presenting

    return presenting.present(
        show_of(
            decks.find(g.actor, deck_id), reading.shown_to(g.actor), url_for("decks.page", deck_id=deck_id),
            lambda **more: url_for("decks.present", deck_id=deck_id, **more), presenting.own_picture,
        )
    )  # fmt: skip


def show_of(deck: Any, shown: Any, home: str, address: Any, picture: Any, *, has_notes: bool = True) -> Any:
    """A deck as `web.presenting.Show`, 200 pages at once, for whoever sees the pictures `shown`; without `has_notes` for strangers."""
    from pindeck.services.boards.decks import pages
    from pindeck.web import presenting

    opened = pages.open_one(deck, shown)
    every, start, style = pages.in_order(opened), presenting.before(), style_of(opened)
    end = start + SLIDES
    slides = [Slide(each, style, deck.scroll_fx, each.notes if has_notes else "") for each in every[start:end]]
    following = {"from": str(end)} if end < len(every) else {}
    return presenting.Show(deck.title, slides, len(every), home, address, picture, following, "decks/_slide.html")


def style_of(opened: Any) -> str:
    """The colours and fonts of a deck, as CSS names them."""
    from pindeck.services.boards.decks import typography

    fonts = opened.fonts
    return typography.as_css(opened.palette._asdict(), fonts.display, fonts.body, fonts.weight)
