"""Which pictures may go out in a file, as `EXPORT_RIGHTS` says: the one rule for all that makes files of pictures."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from pindeck import config
from pindeck.errors import Conflict
from pindeck.states import UNKNOWN_RIGHTS, Rights

MAY_GO_OUT = (Rights.CLEARED, Rights.OWN, Rights.GENERATED)
NAMED = 3  # pictures that a sentence names
TOLD = 100  # that the details of an error name
TITLE = "Rights not cleared"
SIGN = "©?"  # on a picture
WORDS = "rights:reference,unknown"  # finds them in the gallery


class Pictured(Protocol):
    """What is asked of a picture that is to go out; `rights` is what its image has."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def rights(self) -> str | None: ...


P = TypeVar("P", bound=Pictured)


def are_cleared(rights: str | None) -> bool:
    return rights in MAY_GO_OUT


def why(picture: Pictured) -> str:
    """Why it is not cleared, in words that follow its title."""
    return "reference only" if picture.rights == Rights.REFERENCE else "rights unknown"


def not_cleared(pictures: Iterable[P]) -> list[P]:
    """Those that the policy speaks of, each once, in their order; none where there is no policy."""
    if config.current().export_rights == "off":
        return []
    return list({each.id: each for each in pictures if not are_cleared(each.rights)}.values())


def is_marked(picture: Pictured) -> bool:
    """Whether a sign stands on it. Under `refuse` it is in no file."""
    return bool(not_cleared([picture]))


def check(pictures: Iterable[Pictured]) -> None:
    """Raises Conflict `RIGHTS_NOT_CLEARED`, which names the pictures and why, where the policy refuses them."""
    found = not_cleared(pictures)
    if found and config.current().export_rights == "refuse":
        told = [{"id": each.id, "title": each.title, "rights": _word(each)} for each in found[:TOLD]]
        raise Conflict(refusal(found), code="RIGHTS_NOT_CLEARED", details={"images": told, "count": len(found)})


def refusal(found: Sequence[Pictured]) -> str:
    named = ", ".join(f"“{each.title}” ({why(each)})" for each in found[:NAMED])
    more = len(found) - NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    are, them = ("is", "it") if len(found) == 1 else ("are", "them")
    return f"{named}{rest} {are} not cleared, and files here take only pictures that are. Write their rights, or leave {them} out."


def _word(picture: Pictured) -> str:
    return Rights(picture.rights).word if picture.rights else UNKNOWN_RIGHTS


def noted(found: Sequence[Pictured]) -> str:
    """What is said of a file with such pictures in it."""
    if len(found) == 1:
        return "1 picture is not cleared. It has a sign, and the last page says why."
    return f"{len(found):,} pictures are not cleared. They have a sign, and the last page says why."
