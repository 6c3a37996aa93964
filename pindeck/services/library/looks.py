"""What of a search the index answers: `like:`, and colours with a tolerance or a share; and in which order it finds them.

The index is a process that may be away. A search goes on without it then, and says so; what is done with all that a search
finds does not.
"""

from collections.abc import Iterable, Iterator

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, Upstream
from pindeck.models import Image
from pindeck.queue import asking
from pindeck.search import All, Colour, Node, Not, Problem, Some, Term, parse
from pindeck.services.library import by_look, dials
from pindeck.services.library.by_look import WantedColour

MOST = by_look.RANKED
ROUGHLY = "The index is away, so “{part}” at character {at} finds main colours only, and the newest come first. Try again in a minute."
LEFT_OUT = "The index is away, so “{part}” at character {at} is left out. Try again in a minute."


def is_measured(wanted: Colour) -> bool:
    """Whether the index knows it better than the palettes in the database do."""
    return wanted.tolerance is not None or wanted.share is not None


def near(colours: tuple[Colour, ...]) -> list[int]:
    """The pictures that have all of these colours, the nearest first, at most MOST. Raises Upstream when the index is away."""
    return by_look.nearest([_asked(one) for one in colours])


def _asked(one: Colour) -> WantedColour:
    tolerance = by_look.TOLERANCE if one.tolerance is None else max(1, one.tolerance)
    return WantedColour(one.code, tolerance, one.share)


def like(actor: Actor, image_id: str) -> list[int]:
    """Those like a picture that the actor sees, the likest first, with the actor's dials; none for one that is not there or has
    not been looked at yet. Raises Upstream when the index is away."""
    try:
        return by_look.likest(access.find_image(actor, image_id), dials.of(actor))
    except (NotFound, Conflict):
        return []



def named(actor: Actor, image_ids: Iterable[str]) -> dict[str, Image]:
    """Those of the pictures that a search names and that the actor sees, by id. One statement, and none for none."""
    wanted = list(image_ids)
    found = Image.select().where(Image.id.in_(wanted) & Image.deleted_at.is_null() & access.seen(actor).expression()) if wanted else ()
    return {image.id: image for image in found}


# The order


def group(parts: list[Node]) -> list[Term]:
    """Of what must all be true, the colours that are measured together: one value each, five at most."""
    found = _single(parts, "color")
    return found[: by_look.MOST] if any(is_measured(part.values[0]) for part in found) else []


def _single(parts: list[Node], field: str) -> list[Term]:
    return [part for part in parts if isinstance(part, Term) and part.field == field and len(part.values) == 1]


def top(tree: Node | None) -> list[Node]:
    """What must all be true."""
    return [leaf for part in tree.of for leaf in top(part)] if isinstance(tree, All) else [tree] if tree else []


def is_ranked(text: str) -> bool:
    """Whether the nearest come first, unless somebody asks for another order."""
    if not text:  # a page asks five times
        return False
    parts = top(parse(text).tree)
    return bool(group(parts) or _single(parts, "like"))


def can_rank(text: str) -> bool:
    """Whether `ranking` has anything to go by."""
    parts = top(parse(text).tree)
    return bool(_single(parts, "color") or _single(parts, "like"))


def ranking(actor: Actor, text: str) -> list[int]:
    """What a search asks the index for, the nearest first; empty where it asks for nothing, or the index is away."""
    parts = top(parse(text).tree)
    try:
        for part in _single(parts, "like"):
            return like(actor, part.values[0])
        colours = [part.values[0] for part in _single(parts, "color")]
        return near(tuple(colours[: by_look.MOST])) if colours else []
    except Upstream:
        return []


# When it is away


def problems(text: str) -> tuple[Problem, ...]:
    """All that the search could not understand or do, in the order of the text."""
    if not text:
        return ()
    parsed = parse(text)
    asking_index = [term for term in _terms(parsed.tree) if _asks(term)]
    if not asking_index or asking.state() is not None:
        return parsed.problems
    away = [_away(parsed.text, term) for term in asking_index]
    return tuple(sorted((*parsed.problems, *away), key=lambda problem: (problem.at, problem.end)))


def _asks(term: Term) -> bool:
    return term.field == "like" or (term.field == "color" and any(map(is_measured, term.values)))


def _away(text: str, term: Term) -> Problem:
    part = " ".join(text[term.at : term.end].split())
    return Problem(term.at, term.end, (LEFT_OUT if term.field == "like" else ROUGHLY).format(part=part, at=term.at + 1))


def _terms(node: Node | None) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from _terms(node.of)
    elif isinstance(node, (All, Some)):
        for part in node.of:
            yield from _terms(part)
