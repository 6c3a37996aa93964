"""What the sheet of review shows: a tile for each picture that waits, and the filters with their names and numbers."""

import json
from dataclasses import dataclass
from typing import Any

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.images import alike, same_bytes
from pindeck.services.library import sheet, sheet_copies, sheet_facets
from pindeck.services.library.gallery import Seen
from pindeck.services.library.query import Filter, Wanted
from pindeck.services.library.sheet_copies import COPIES
from pindeck.services.library.sheet_facets import Value
from pindeck.states import AiStatus, ImageStatus
from pindeck.web.filtering import Chip, Choice, FilterBar, Group
from pindeck.web.views import Tile, tile_of

COPIES_ONLY = "Copies only"
STAGES = {"storing": "Storing", "sizing": "Sizing", "colours": "Reading colours"}


@dataclass(frozen=True)
class Twin:
    """What stands beside a picture that waits: the same bytes, or what looks like it."""

    tile: Tile
    image: Image
    is_same: bool


@dataclass(frozen=True)
class SheetTile:
    """A picture that waits. `state` says what is done with it just now, `twin` what it may be a copy of."""

    image: Image
    tile: Tile
    state: str
    is_failed: bool
    is_busy: bool
    twin: "Twin | None"

    @property
    def style(self) -> str:
        """Its place, with room for the twin beside it."""
        if not self.twin:
            return self.tile.style
        mine, both = _shape(self.tile), _shape(self.tile) + _shape(self.twin.tile)
        palette = self.tile.style.partition(";--a")
        return f"--r:{both:.3f};--share:{100 * mine / both:.2f}%{palette[1]}{palette[2]}"

    @property
    def is_import(self) -> bool:
        return self.image.status == ImageStatus.PENDING

    @property
    def is_held(self) -> bool:
        return self.image.held_at is not None

    @property
    def is_there(self) -> bool:
        """Whether there is a picture to look at."""
        return self.image.persist_status == "succeeded"


def tiles_of(actor: Actor, images: list[Image]) -> list[SheetTile]:
    """The number of statements grows with parts of twenty pictures that look different, and with nothing else."""
    preparing, same = jobs.preparation_of(images), same_bytes.earlier_ones(actor, images)
    near = alike.alike(actor, images)
    found = []
    for image in images:
        stage = preparing[image.id]
        twins = [*([same[image.id]] if image.id in same else []), *near.get(image.id, [])]
        is_busy = not stage.is_finished or (
            image.status == ImageStatus.DRAFT and image.ai_status in (AiStatus.QUEUED, AiStatus.PROCESSING)
        )
        found.append(
            SheetTile(
                image=image,
                tile=tile_of(seen(image), liked=False),
                state=_state(image, stage) or ("Describing" if is_busy else ""),
                is_failed=stage.stage == "failed",
                is_busy=is_busy,
                twin=_twin(twins[0], is_same=image.id in same) if twins else None,
            )
        )
    return found


def _twin(image: Image, *, is_same: bool) -> Twin:
    return Twin(tile_of(seen(image), liked=False), image, is_same)


def _shape(tile: Tile) -> float:
    return max(tile.ratio, 0.5)


def seen(image: Image) -> Seen:
    return Seen(**{name: getattr(image, name) for name in Seen._fields if name != "colors"}, colors=json.dumps(image.colors))


def _state(image: Image, stage: jobs.Preparation) -> str:
    if stage.stage == "failed":
        return stage.error or ""
    if stage.stage == "sent" and stage.error:
        return f"{stage.error} It is tried again by itself."
    if stage.stage == "sent":
        return "Safe; waiting to be stored" if image.file_id else "On its way"
    return STAGES.get(stage.stage, "")


@dataclass(frozen=True)
class Sheet:
    """The filters of the sheet. `rail` has what occurs, `chips` what is on."""

    bar: FilterBar
    rail: list[Group]
    chips: list[Chip]

    @classmethod
    def of(cls, actor: Actor, bar: FilterBar, wanted: Wanted, count: int) -> "Sheet":
        """`wanted` are the filters of the bar as they are asked for, and `count` is what they find."""
        facets = sheet_facets.of(actor, wanted)
        names: dict[tuple[Filter, Any], str] = {(f, each.value): each.text for f, values in facets.items() for each in values}
        names[COPIES, True] = COPIES_ONLY
        chips = [
            Chip(names.get((filter, value), f"{filter.label}: nothing here"), bar.address({filter: None}))
            for filter, value in bar.wanted.items()
        ]
        rail = [
            Group(filter.label, "list", [_choice(bar, filter, value) for value in values])
            for filter, values in facets.items()
            if len(values) > 1 or filter in bar.wanted
        ]
        if facets[sheet.STATE] or COPIES in bar.wanted:  # how many there are is known where they are looked for
            is_on = COPIES in bar.wanted
            url = bar.address({COPIES: None if is_on else True})
            rail.append(Group(COPIES.label, "list", [Choice(COPIES_ONLY, url, is_on, count if is_on else None)]))  # type: ignore[arg-type]
        return cls(bar, rail, chips)

    @property
    def compared(self) -> int | None:
        """Among how many copies are looked for, where they alone are shown."""
        return sheet_copies.READ if COPIES in self.bar.wanted else None

    @property
    def is_held(self) -> bool:
        """Whether the sheet shows what is held."""
        return self.bar.wanted.get(sheet.STATE) == "held"


def _choice(bar: FilterBar, filter: sheet.Filter, value: Value) -> Choice:
    is_on = bar.wanted.get(filter) == value.value
    return Choice(value.text, bar.address({filter: None if is_on else value.value}), is_on, value.count)  # type: ignore[arg-type]
