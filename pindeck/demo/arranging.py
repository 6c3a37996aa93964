"""What people made of the pictures of the demonstration: boards, and how far they have looked."""

from collections.abc import Callable
from typing import NamedTuple

from pindeck import db
from pindeck.access import Actor
from pindeck.demo import state
from pindeck.demo.plan import Shot
from pindeck.models import Board, Image, SeenMark
from pindeck.services.boards import boards, people, pictures, sections
from pindeck.services.library import smart_boards
from pindeck.states import ImageStatus, Visibility

NEW = 12  # so many of the newest pictures nobody but their owners has seen


class Plan(NamedTuple):
    """A board of somebody's: its sections with the pictures in each, notes for the first of them, and who may edit it too."""

    owner: str
    name: str
    told: str
    parts: dict[str, Callable[[Shot], bool]]
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


BOARDS = (
    Plan(
        "vera", "Night ride: references", "What the night looks like, scene by scene.",
        {
            "": lambda shot: shot.film == "Night Ride" and shot.scene == "street",
            "On the road": lambda shot: shot.scene in ("road", "train") and shot.mood in ("sodium", "blue"),
            "Faces": lambda shot: shot.scene == "face" and shot.mood in ("sodium", "blue", "tungsten"),
        },
        ("The lamp leads, not the street.", "Keep the reflection as long as the street.", "No second colour in this one."),
        ("tomas", "aiko"),
    ),
    Plan("aiko", "Water", "Horizons, all of them low.", {"": lambda shot: shot.scene == "sea"}, ("Calm before the cut.",)),
    Plan("noor", "Red rooms", "Cloth, curtains, one light.", {"": lambda shot: shot.mood == "red"}, (), ("vera",)),
    Plan("tomas", "One person, far away", "Scale by a figure.", {"": lambda shot: shot.scene == "dunes"}),
)  # fmt: skip
SMART = (
    ("vera", "Sodium after midnight", "light:street time:night", "Fills itself with what is lit by street lamps at night."),
    ("noor", "Wide and warm", "ratio:>2 (palette:warm or palette:golden)", "Fills itself with scope frames in warm colours."),
)
MOST = 14  # pictures in a section


def arrange(who: dict[str, Actor], plan: list[Shot], images: dict[str, Image]) -> None:
    """Once for an installation: what was broken off is made anew, and nothing that people did since is touched."""
    if state.is_arranged():
        return
    names = [*(each.name for each in BOARDS), *(each[1] for each in SMART)]
    mine = [actor.user_id for actor in who.values()]
    Board.delete().where(Board.user_id.in_(mine) & Board.name.in_(names)).execute()
    for each in BOARDS:
        _make(who, each, plan, images)
    for owner, name, query, told in SMART:
        smart_boards.create(who[owner], name=name, text=query, description=told)
    _look(who, images)
    state.set_arranged()


def _shown(shot: Shot, images: dict[str, Image]) -> bool:
    hangs = shot.status == ImageStatus.ACTIVE and shot.visibility == Visibility.LIBRARY
    return hangs and not shot.is_trashed and not shot.change and shot.key in images


def _ids(wanted: Callable[[Shot], bool], plan: list[Shot], images: dict[str, Image]) -> list[str]:
    return [images[shot.key].id for shot in plan if _shown(shot, images) and wanted(shot)][:MOST]


def _make(who: dict[str, Actor], each: Plan, plan: list[Shot], images: dict[str, Image]) -> None:
    actor = who[each.owner]
    board, _ = boards.create(actor, name=each.name, description=each.told)
    for name, wanted in each.parts.items():
        ids = _ids(wanted, plan, images)
        section = sections.add(actor, board.id, name)[0] if name else None
        if ids:
            pictures.add(actor, board.id, ids, section_id=section)
            if not name:
                boards.update(actor, board.id, cover=ids[0])
                for image_id, note in zip(ids, each.notes, strict=False):
                    pictures.write_note(actor, board.id, image_id, note)
    for other in each.others:
        people.add(actor, board.id, str(who[other].user_id))


def _look(who: dict[str, Actor], images: dict[str, Image]) -> None:
    """Everybody has looked up to a few of the newest pictures, so that something is new. A mark that is there stays."""
    seqs = sorted(image.seq for image in images.values())
    if len(seqs) <= NEW:
        return
    for actor in who.values():
        mark = SeenMark.insert(user_id=actor.user_id, seq=seqs[-NEW - 1], at=db.now_ms())
        mark.on_conflict_ignore().execute()
