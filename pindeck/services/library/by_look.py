"""Pictures found by their colours, or because they look like one: the index ranks all, and the reader gets what it may see."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict, invalid
from pindeck.imaging import amounts
from pindeck.imaging.lab import hex_to_rgb, rgb_to_hex
from pindeck.models import Image, ImageTag
from pindeck.queue import asking
from pindeck.search import MOST_LIKE
from pindeck.services.images import indexed
from pindeck.services.images.colours import is_colour
from pindeck.services.images.indexed import Looked
from pindeck.vocabulary import HIDDEN_TAGS

SHOWN = 60
RANKED = 5_000  # of all that have the colours: the reader sees a part of these
LIKELY = MOST_LIKE  # of which tags and text are compared
BESIDE = 200  # pictures with one of its tags, the newest, that are compared whatever they look like
PART = 500
MOST = 5  # colours that are asked for
TOLERANCE = 12  # hundredths of OKLab, where nobody says


@dataclass(frozen=True)
class WantedColour:
    """`tolerance` is a distance in OKLab × 100, `share` in percent of the area or None where it does not matter."""

    code: str
    tolerance: int = TOLERANCE
    share: int | None = None


@dataclass(frozen=True)
class Found:
    """Those of one page, the nearest first, and whether more follow."""

    images: list[Image]
    has_more: bool


@dataclass(frozen=True)
class Dials:
    """How much each counts, from 0 to 3."""

    palette: int = 2
    light: int = 1
    edges: int = 1
    words: int = 1
    meaning: int = 1  # where an address of embeddings is named


def by_colours(
    actor: Actor, asked: Sequence[WantedColour], without: Sequence[WantedColour] = (), *, page: int = 0, limit: int = SHOWN
) -> Found:
    """Pictures of the library that have all of these colours, or accents, and none of those. Raises Invalid, and Upstream
    when the index is away."""
    access.require(actor, "library.view")
    check(asked, without)
    question = {"kind": "colours", "colours": [_told(one) for one in asked], "without": [_told(one) for one in without], "most": RANKED}
    return _seen(actor, asking.ask_again(question), page, limit)


def check(asked: Sequence[WantedColour], without: Sequence[WantedColour] = ()) -> None:
    """Raises Invalid."""
    if not 1 <= len(asked) <= MOST or len(without) > MOST:
        raise invalid("c", f"Choose one to {MOST} colours.")
    for one in (*asked, *without):
        _check(one)
    if sum(one.share or 0 for one in asked) > 100:
        raise invalid("c", "The shares add up to more than 100 percent.")


def _check(one: WantedColour) -> None:
    if not is_colour(one.code):
        raise invalid("c", f"“{one.code}” is not a colour of the form #rrggbb.")
    if not 1 <= one.tolerance <= 50:
        raise invalid("c", "A tolerance is between 1 and 50.")
    if one.share is not None and not 0 <= one.share <= 100:
        raise invalid("c", "A share is between 0 and 100 percent.")


def _told(one: WantedColour) -> list[object]:
    return [hex_to_rgb(one.code), None if one.share is None else one.share / 100, one.tolerance / 100]


def nearest(asked: Sequence[WantedColour]) -> list[int]:
    """The pictures that have all of these colours, or accents, whoever sees them; no more than RANKED. Raises Upstream."""
    return [int(seq) for seq in asking.ask_again({"kind": "colours", "colours": [_told(one) for one in asked], "without": [], "most": RANKED})]


def colours_of(actor: Actor, image_id: str) -> list[WantedColour]:
    """What to ask for to find the colours of a picture: those that fill most of it, with their shares. Raises NotFound."""
    image = access.image_for(actor, "image.view", image_id)
    looked = indexed.some([image.seq])
    if not looked:
        return [WantedColour(code) for code in image.colors[:MOST]]
    most = sorted(amounts.unpacked(looked[0].amounts), key=lambda one: -one.part)
    return [WantedColour(rgb_to_hex(one.rgb), share=round(100 * one.part)) for one in most[:3] if one.part >= 0.01]


def like(actor: Actor, image_id: str, dials: Dials, *, page: int = 0, limit: int = SHOWN) -> Found:
    """Pictures that look like one or are described like it, the likest first. Raises NotFound, Conflict for one that is not
    stored yet, and Upstream when the index is away."""
    image = access.image_for(actor, "image.view", image_id)
    return _seen(actor, likest(image, dials), page, limit)


def likest(image: Image, dials: Dials) -> list[int]:
    """The pictures that look most like one, whoever sees them. Raises Conflict for one that is not stored yet, and Upstream."""
    looked = indexed.some([image.seq])
    if not looked:
        raise Conflict("This picture has not been looked at yet. Try again in a few minutes.")
    tags = [row.tag for row in ImageTag.select(ImageTag.tag).where(ImageTag.image_id == image.id) if row.tag not in HIDDEN_TAGS]
    also = _beside(tags) if dials.words and tags else []
    scored = _ask(looked[0], dials, also)
    if dials.words:
        bonus = _words(image, tags, [one.seq for one in scored])
        by_fit = {one.seq: (one.weight * one.score + dials.words * bonus.get(one.seq, 0)) / (one.weight + dials.words) for one in scored}
        scored.sort(key=lambda one: -by_fit[one.seq])
    return [one.seq for one in scored if one.seq != image.seq]


def like_looks(actor: Actor, packed: bytes, light: bytes, dials: Dials, *, page: int = 0, limit: int = SHOWN) -> Found:
    """The same for a picture that is not in the library, of which nothing is known but how it looks. Raises Upstream."""
    access.require(actor, "library.view")
    return _seen(actor, [one.seq for one in _ask(Looked(0, packed, light), dials, [])], page, limit)


class _Scored(NamedTuple):
    """How much a picture is like one, and how much the dials weigh by which that was judged."""

    seq: int
    score: float
    weight: float


def _ask(looked: Looked, dials: Dials, also: list[int]) -> list[_Scored]:
    question = {
        "kind": "like", "amounts": _coded(looked.amounts), "light": _coded(looked.light),
        "dials": [dials.palette, dials.light, dials.edges], "also": also, "most": LIKELY,
    }  # fmt: skip
    if looked.meaning:
        question |= {"meaning": _coded(looked.meaning), "dial_of_meaning": dials.meaning}
    return [_Scored(*told) for told in asking.ask_again(question)]


def _coded(packed: bytes) -> str:
    return base64.b64encode(packed).decode()


def _beside(tags: list[str]) -> list[int]:
    found: list[int] = []
    for tag in tags[:5]:
        rows = Image.select(Image.seq).join(ImageTag, on=(ImageTag.image_id == Image.id)).where(ImageTag.tag == tag)
        found += [row.seq for row in rows.limit(BESIDE)]
    return found


def _words(image: Image, tags: list[str], seqs: list[int]) -> dict[int, float]:
    """How much others are described like a picture, from 0 to 1: its tags, project and terms."""
    columns = (Image.seq, Image.id, Image.project, Image.genre, Image.shot, Image.style, Image.group)
    of = {row.id: row for row in Image.select(*columns).where(Image.seq.in_(seqs))}
    shared: dict[str, int] = {}
    if tags:
        rows = ImageTag.select(ImageTag.image_id).where(ImageTag.tag.in_(tags) & ImageTag.image_id.in_(list(of)))
        for row in rows:
            shared[row.image_id] = shared.get(row.image_id, 0) + 1
    terms = [name for name in ("project_id", "genre", "shot", "style", "group") if getattr(image, name)]
    most = len(tags) + len(terms) or 1
    return {
        row.seq: (shared.get(row.id, 0) + sum(getattr(row, name) == getattr(image, name) for name in terms)) / most
        for row in of.values()
    }


def _seen(actor: Actor, seqs: list[int], page: int, limit: int) -> Found:
    """A page of what the reader may see of these, in their order; each part is one statement."""
    wanted, found = (page + 1) * limit + 1, []
    shown = access.hung(actor).expression()
    for at in range(0, len(seqs), PART):
        part = seqs[at : at + PART]
        rows = {image.seq: image for image in Image.select().where(Image.seq.in_(part) & shown)}
        found += [rows[seq] for seq in part if seq in rows]
        if len(found) >= wanted:
            break
    return Found(found[page * limit : (page + 1) * limit], len(found) >= wanted)
