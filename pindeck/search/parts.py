"""The parts of a query that can be taken away one by one, as a page shows them."""

from dataclasses import dataclass

from pindeck.search.colours import NAMED
from pindeck.search.fields import FIELDS, MOST_LIKE, Kind
from pindeck.search.parsing import parse
from pindeck.search.tree import All, Node, Not, Phrase, Term, Words
from pindeck.search.values import Colour

LIKE = "like"


@dataclass(frozen=True)
class Part:
    """`text` is what people read, after a `lead` and beside a `swatch` if it has one; `rest` is the query without the part. `images` are
    the ids that it is about, in place of which people read titles."""

    text: str
    rest: str
    lead: str = ""
    swatch: str | None = None
    images: tuple[str, ...] = ()


def parts(text: str) -> list[Part]:
    """All of these must be true of a picture."""
    parsed = parse(text)
    return [_part(parsed.text, node) for node in top(parsed.tree)]


def top(tree: Node | None) -> list[Node]:
    if tree is None:
        return []
    return list(tree.of) if isinstance(tree, All) and len(tree.of) > 1 else [tree]


def _part(text: str, node: Node) -> Part:
    rest = " ".join(f"{text[: node.at]} {text[node.end :]}".split())
    bare = node.of if isinstance(node, Not) else node
    lead, told, swatch = _told(bare)
    is_not = isinstance(node, Not)
    if is_not and lead == LIKE:  # a picture further down may look like it as well
        lead = f"among the {MOST_LIKE} most like"
    if not told:
        lead, told = "", " ".join(text[bare.at : bare.end].split())
    images = bare.values if isinstance(bare, Term) and bare.field == "like" else ()
    return Part(told, rest, f"not {lead}".strip() if is_not else lead, swatch, tuple(map(str, images)))


def _told(node: Node) -> tuple[str, str, str | None]:
    if isinstance(node, Words):
        return "", f"“{node.text}”", node.colour
    if isinstance(node, Phrase):
        return "", f"“{node.text}” word for word", None
    if not isinstance(node, Term):
        return "", "", None
    field = FIELDS[node.field]
    if field.kind == Kind.COLOUR:
        first: Colour = node.values[0]
        return field.label, " or ".join(map(_colour, node.values)), first.code
    if node.field == "tag":
        return "", " or ".join(f"#{tag.removeprefix('#')}" for tag in node.values), None
    if node.field == "like":
        return LIKE, " or ".join(node.values), None
    if field.kind in (Kind.TEXT, Kind.TERM):
        return f"{field.label}:", " or ".join(node.values), None
    if field.kind == Kind.WORD:
        return f"{field.label.lower()}", " or ".join(node.values), None
    return "", "", None


def _colour(colour: Colour) -> str:
    name = next((name for name, code in NAMED.items() if code == colour.code), colour.code)
    off = f" ± {colour.tolerance}" if colour.tolerance is not None else ""
    share = f", {colour.share} %" if colour.share else ""
    return f"{name}{off}{share}"
