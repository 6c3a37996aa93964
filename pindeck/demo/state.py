"""How far the demonstration of this installation is, and whether there may be one."""

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Board, Image, Project, Setup, User
from pindeck.states import Way

MARK = "demo"
ARRANGED = "demo_arranged"  # its boards are made
PREFIX = "demo:"  # of the external id of a picture of the demonstration
HOST = "demo.example"  # of the addresses of its people; nothing can be sent there
NOT_EMPTY = (
    "This installation is in use: it holds {what}. The demonstration fills an empty one only. "
    "Give it a folder of its own: DATA_DIR=./demo pindeck up, and then DATA_DIR=./demo pindeck demo."
)


def begin() -> int:
    """The time (ms) at which the demonstration began, now if it did not yet. Raises Conflict where anything else is kept."""
    with db.writing():
        known = began_at()
        if known is None:
            found = _in_use()
            if found:
                raise Conflict(NOT_EMPTY.format(what=found))
            Setup.insert(name=MARK, value=str(db.now_ms())).on_conflict_ignore().execute()
    return known or int(Setup.get_by_id(MARK).value)


def began_at() -> int | None:
    mark = Setup.get_or_none(Setup.name == MARK)
    return int(mark.value) if mark else None


def _in_use() -> str:
    """What somebody keeps here; empty where nobody keeps anything. Accounts alone do not count."""
    for model, what in ((Image, "pictures"), (Board, "boards")):
        if model.select().exists():
            return what
    return "projects" if Project.select().where(~Project.is_default).exists() else ""


def is_arranged() -> bool:
    return Setup.select().where(Setup.name == ARRANGED).exists()


def set_arranged() -> None:
    Setup.insert(name=ARRANGED, value=str(db.now_ms())).on_conflict_ignore().execute()


def forget() -> None:
    Setup.delete().where(Setup.name.in_([MARK, ARRANGED])).execute()


def address_of(who: str) -> str:
    return f"{who}@{HOST}"


def people() -> dict[str, User]:
    """The accounts of the demonstration, by who they are."""
    found = User.select().where(User.email.endswith(f"@{HOST}"))
    return {str(user.email).partition("@")[0]: user for user in found}


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.role, user.display_name, user.email, comes_by=Way.COMMAND)


def images() -> dict[str, Image]:
    """The pictures of the demonstration that are here, by their key in the plan."""
    found = Image.select().where(Image.external_id.startswith(PREFIX) & Image.user.in_([user.id for user in people().values()]))
    return {str(image.external_id).removeprefix(PREFIX): image for image in found}
