"""What can be asked for: the kinds of files, of what each can be made, and how it may look."""

from dataclasses import dataclass
from typing import Any, Literal

from pindeck.errors import Invalid, at_fault, invalid
from pindeck.services.images import chosen, inspector
from pindeck.services.library import archive

Kind = Literal["contact", "storyboard", "csv", "deck", "pptx", "html", "zip"]
Quality = Literal["screen", "print"]
Of = Literal["board", "storyboard", "deck", "project", "q", "ids"]
MOST = 2000  # pictures in one file
CAPTIONS = ("title", "file", "credit", "palette")
PAPERS = ("a4", "letter", "screen")
GRIDS = {"3x2": (3, 2), "2x3": (2, 3), "1": (1, 1)}  # shots across and down
MOST_COLUMNS = 10
PAPER = ("contact", "storyboard", "deck")  # kinds that are PDF
LABELS: dict[str, str] = {
    "contact": "Contact sheet", "storyboard": "Storyboard sheet", "csv": "Shot list", "deck": "Deck", "pptx": "Slides to edit",
    "html": "Web page", "zip": "ZIP of pictures",
}  # fmt: skip
ENDINGS: dict[str, tuple[str, str]] = {
    "contact": ("pdf", "application/pdf"), "storyboard": ("pdf", "application/pdf"), "csv": ("csv", "text/csv; charset=utf-8"),
    "deck": ("pdf", "application/pdf"), "pptx": ("zip", "application/zip"), "html": ("html.zip", "application/zip"),
    "zip": ("zip", "application/zip"),
}  # fmt: skip
MADE_OF: dict[str, tuple[str, ...]] = {
    "contact": ("board", "storyboard", "project", "q", "ids"), "storyboard": ("storyboard",), "csv": ("storyboard",), "deck": ("deck",),
    "pptx": ("deck",), "html": ("board", "storyboard", "deck"),
    "zip": ("board", "storyboard", "deck", "project", "q", "ids"),
}  # fmt: skip
_SAID = {"board": "a board", "storyboard": "a storyboard", "deck": "a deck", "project": "a project", "q": "a search", "ids": "chosen images"}


@dataclass(frozen=True)
class ExportWish:
    """What somebody asks for, checked; two that are equal ask for the same file. `of` names one thing."""

    of: tuple[Of, Any]
    kind: str
    quality: str
    options: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"of": [*self.of], "kind": self.kind, "quality": self.quality, "options": self.options}


def checked(of: dict[str, Any], kind: str, quality: str = "screen", **options: Any) -> ExportWish:
    """Raises Invalid naming the field. Options that are None are as usual; those of other kinds are not heeded. An empty
    search means all pictures."""
    if kind not in LABELS:
        raise invalid("kind", f"There is no kind “{kind[:20]}”. Use one of: {', '.join(LABELS)}.")
    if quality not in ("screen", "print"):
        raise invalid("quality", "Use screen or print.")
    named = [(name, value) for name, value in of.items() if value not in (None, "", []) or (name, value) == ("q", "")]
    if len(named) != 1 or named[0][0] not in _SAID:
        raise invalid("of", f"Name one of: {', '.join(_SAID)}.")
    name, value = named[0]
    if name not in MADE_OF[kind]:
        made = " or ".join(_SAID[each] for each in MADE_OF[kind])
        raise invalid("kind", f"A {LABELS[kind].lower()} is made of {made}, not of {_SAID[name]}.")
    if name == "ids":
        value = chosen.check_ids(list(value), most=inspector.MOST if kind == "zip" else MOST)
    elif not isinstance(value, str):
        raise invalid("of", "This must be text.")
    given = {name: value for name, value in options.items() if value is not None}
    return ExportWish((name, value), kind, quality, _options(kind, given))  # type: ignore[arg-type]


def _options(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    faults: dict[str, str] = {}
    found: dict[str, Any] = {}
    if kind in PAPER:
        found["paper"] = given.get("paper", "screen" if kind == "deck" else "a4")
        if found["paper"] not in PAPERS:
            faults["paper"] = f"Use one of: {', '.join(PAPERS)}."
    if kind == "contact":
        found["columns"] = given.get("columns", 4)
        if not isinstance(found["columns"], int) or not 1 <= found["columns"] <= MOST_COLUMNS:
            faults["columns"] = f"Use a whole number from 1 to {MOST_COLUMNS}."
        wanted = given.get("captions", list(CAPTIONS))
        found["captions"] = [name for name in CAPTIONS if name in wanted]
        if set(wanted) - set(CAPTIONS):
            faults["captions"] = f"Use some of: {', '.join(CAPTIONS)}."
    if kind == "zip":
        found |= {"size": given.get("size", archive.ORIGINAL), "folders": given.get("folders", "")}
        archive.check_form(**found)
    if kind == "storyboard":
        found["perPage"] = given.get("perPage", "3x2")
        if found["perPage"] not in GRIDS:
            faults["perPage"] = f"Use one of: {', '.join(GRIDS)}."
    if faults:
        raise at_fault(faults)
    return found


def has_pictures(kind: str) -> bool:
    """Whether pictures go out in such a file; a list has words alone."""
    return kind != "csv"


def too_many(count: int) -> Invalid:
    return invalid("of", f"These are more than {MOST:,} pictures{f' ({count:,})' if count > MOST + 1 else ''}. Choose fewer, or narrow the search.")
