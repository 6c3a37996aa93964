"""Likeness and measured colours in a search: the same as a plain look at every row, nearest first, and told when the index is away."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Upstream
from pindeck.imaging import amounts, oklab
from pindeck.imaging.amounts import Amount
from pindeck.imaging.lab import hex_to_rgb, rgb_to_hex
from pindeck.models import Image, ImageTag, Look, LookDials, StoredFile
from pindeck.queue import asking
from pindeck.services.images import colours, word_store
from pindeck.services.library import (
    by_look,
    choices,
    choosing,
    dials,
    feeds,
    filters,
    gallery,
    looks,
    query,
    smart_boards,
    sorting,
)
from pindeck.services.library.by_look import Dials
from pindeck.services.library.choices import Choice
from pindeck.services.library.sorting import Sort
from tests.conftest import count_queries
from tests.factories import make_row
from tests.runtime.test_index import Answering

PAINTS = ["#c8102e", "#b5502f", "#1f6f78", "#3f8f4f", "#e6c72e", "#16294f", "#f7f7f7", "#0a0a0a", "#c2379a", "#808080"]
Holds = Callable[[Image], bool]


@dataclass
class World:
    images: list[Image]
    amounts: dict[int, list[Amount]]

    def far(self, image: Image, code: str) -> list[tuple[float, float]]:
        """How far each of its colours is, and how much of it there is."""
        wanted = oklab.of_hex(code)
        return [(oklab.distance(oklab.of_hex(rgb_to_hex(one.rgb)), wanted), max(1, round(one.part * 255)) / 255) for one in self.amounts[image.seq]]

    def has(self, code: str, tolerance: int = 12) -> Holds:
        return lambda image: min(far for far, _ in self.far(image, code)) <= tolerance / 100

    def cost(self, image: Image, asked: list[tuple[str, int, float | None]]) -> float:
        total = 0.0
        for code, tolerance, share in asked:
            found = self.far(image, code)
            mass = sum(part for far, part in found if far <= tolerance / 100)
            total += min(far for far, _ in found) * 100 / tolerance
            total += 1.5 * abs(mass - share) if share is not None else -0.2 * min(mass, 1)
        return total


@pytest.fixture
def world(olga: Actor, sam: Actor) -> Iterator[World]:
    draw = random.Random(5)
    images, kept = [], {}
    for n in range(70):
        near = [tuple(min(255, max(0, channel + draw.randint(-14, 14))) for channel in hex_to_rgb(code)) for code in draw.sample(PAINTS, 4)]
        parts = sorted((draw.random() for _ in near), reverse=True)
        looked = [Amount(rgb, part / sum(parts)) for rgb, part in zip(near, parts, strict=True)]  # type: ignore[arg-type]
        looked[-1] = looked[-1]._replace(part=0.02)
        image = make_row(
            draw.choice([olga, sam]), title=draw.choice(["Fog", "Rain"]), tags=draw.choice([["wet"], []]), colors=[rgb_to_hex(one.rgb) for one in looked[:3]],
            visibility=draw.choice(["library"] * 6 + ["private"]), deleted_at=draw.choice([None] * 9 + [5]),
        )  # fmt: skip
        light = bytes(draw.randint(0, 255) for _ in range(256)) if n % 7 else bytes(range(256))
        with db.writing():
            packed = amounts.packed(looked)
            Look.insert(blob=StoredFile.get_by_id(image.file_id).blob_id, light=light, amounts=packed).execute()
            colours.write(image.seq, image.colors)
        images.append(image)
        kept[image.seq] = amounts.unpacked(packed)
    with db.writing():
        word_store.index(images)
    before = asking._asker
    asking.bind(Answering())  # type: ignore[arg-type]
    yield World(images, kept)
    asking.bind(before)


def shown(image: Image) -> bool:
    return image.visibility == "library" and not image.is_trashed


def paged(actor: Actor, text: str, sort: Sort | None = None, *, limit: int = 7) -> list[str]:
    wanted, seen, after = {filters.WORDS: text}, [], None
    while True:
        rows, after = sorting.page(gallery.GALLERY, actor, wanted, sort or sorting.usual(text), limit=limit, after=after)
        seen += [row[0] for row in rows]
        if after is None:
            return seen
        assert sorting.is_place(after, sort or sorting.usual(text))


def test_measured_colours_are_found_wherever_they_stand(world: World, olga: Actor) -> None:
    red, teal, wet = world.has("#c8102e", 9), world.has("#1f6f78"), lambda i: i.id in tagged
    tagged = {row.image_id for row in ImageTag.select().where(ImageTag.tag == "wet")}
    cases: dict[str, Holds] = {
        "color:#c8102e~9": red,
        "color:#c8102e~9 tag:wet": lambda i: red(i) and wet(i),
        "-color:#c8102e~9": lambda i: not red(i),
        "color:#1f6f78@30 -color:#c8102e~9": lambda i: teal(i) and not red(i),
        "color:#c8102e~9 color:#1f6f78~12@40 fog": lambda i: red(i) and teal(i) and i.title == "Fog",
        "(color:#c8102e~9 or tag:wet) -rain": lambda i: (red(i) or wet(i)) and i.title != "Rain",
        "color:#c8102e~9,#1f6f78~12": lambda i: red(i) or teal(i),
    }
    for text, holds in cases.items():
        expected = {i.id for i in world.images if shown(i) and holds(i)}
        for sort in (None, Sort.NEWEST, Sort.NAME):
            found = paged(olga, text, sort)
            assert set(found) == expected and len(found) == len(expected), (text, sort)
        assert query.count(gallery.GALLERY, olga, {filters.WORDS: text}) == len(expected)
        assert set(choosing.find(olga, Choice(query=text, is_all=True)).ids) == expected
    assert all(0 < sum(map(holds, world.images)) < len(world.images) for holds in (red, teal, wet))


def test_three_colours_with_shares_come_nearest_first_beside_other_conditions(world: World, olga: Actor) -> None:
    asked = [("#c8102e", 25, 0.5), ("#0a0a0a", 30, 0.3), ("#808080", 35, None)]
    text = "color:#c8102e~25@50 fog color:#0a0a0a~30@30 color:#808080~35"
    fits = [i for i in world.images if shown(i) and i.title == "Fog" and all(world.has(code, far)(i) for code, far, _ in asked)]
    expected = [i.id for i in sorted(fits, key=lambda i: (round(world.cost(i, asked), 4), i.seq))]
    assert len(expected) > 2 and paged(olga, text, limit=2) == expected == paged(VISITOR, text)
    assert sorting.usual(text) == Sort.NEAREST and paged(olga, text, Sort.NEWEST) == sorted(expected, reverse=True)
    assert sorting.usual("color:teal -color:red~3 fog") == Sort.NEWEST
    with count_queries() as few:
        sorting.page(gallery.GALLERY, olga, {filters.WORDS: text}, Sort.NEAREST, limit=2)
    with count_queries() as many:
        sorting.page(gallery.GALLERY, olga, {filters.WORDS: text}, Sort.NEAREST, limit=50)
    assert len(few) == 1 and len(many) == 2


def test_more_than_the_index_ranks_are_found_after_those(world: World, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "color:#c8102e~30"
    expected, nearest = set(paged(olga, text)), paged(olga, text)
    monkeypatch.setattr(by_look, "RANKED", 5)
    monkeypatch.setattr(looks, "MOST", 5)
    asking.bind(asking._asker)
    found = paged(olga, text, limit=2)
    assert len(found) == len(set(found)) > 5 and found[:3] == [each for each in nearest if each in set(found[:3])]
    assert set(found) >= {i.id for i in world.images if shown(i) and any(world.has("#c8102e", 12)(i) and c for c in i.colors[:1])} & expected


def test_what_is_like_a_picture_comes_likest_first_with_the_persons_dials(world: World, olga: Actor, sam: Actor) -> None:
    one = next(i for i in world.images if shown(i))
    text = f"like:{one.id}"
    everything = {i.id for i in world.images if shown(i)} - {one.id}
    for kept in (Dials(3, 0, 0, 0), Dials(0, 3, 0, 0), Dials(0, 0, 0, 3)):
        dials.remember(sam, kept)
        likest = [i.id for i in by_look.like(sam, one.id, kept, limit=100).images]
        assert paged(sam, text) == likest and set(likest) == everything
    assert paged(olga, text) != paged(sam, text) and dials.of(olga) == Dials() == dials.of(VISITOR)
    dials.remember(VISITOR, Dials(0, 0, 0, 0))
    assert LookDials.select().count() == 1
    fog = [i for i in paged(olga, text) if Image.get(Image.id == i).title == "Fog"]
    assert paged(olga, f"{text} fog", limit=3) == fog and set(paged(olga, f"-{text}")) == {one.id}
    hidden = next(i for i in world.images if i.visibility == "private" and i.user_id == olga.user_id and not i.is_trashed)
    assert paged(olga, f"like:{hidden.id}") and paged(sam, f"like:{hidden.id}") == [] == paged(sam, "like:nothing")


def test_while_the_index_is_away_the_rest_works_and_says_so(world: World, olga: Actor) -> None:
    one = next(i for i in world.images if shown(i))
    text = f"fog like:{one.id} color:#c8102e~9"
    with_index = looks.problems(text)
    asking.bind(None)
    told = looks.problems(text)
    assert [problem.at for problem in told] == [4, text.index("color")] and with_index == ()
    assert "is left out" in told[0].says and "main colours" in told[1].says
    fog = {i.id for i in world.images if shown(i) and i.title == "Fog"}
    assert set(paged(olga, f"fog like:{one.id}")) == fog == set(paged(olga, f"fog -like:{one.id}"))
    assert set(paged(olga, f"(like:{one.id} or fog)")) == fog and paged(olga, f"like:{one.id}") == [] == paged(olga, f"-like:{one.id}")
    roughly = paged(olga, "fog color:#c8102e~9")
    assert roughly == sorted(roughly, reverse=True) and set(roughly) <= fog and roughly
    # What is done with all of it waits, because less would be left out.
    board, _ = smart_boards.create(olga, name="Like", text=text)
    acts: list[Callable[[], Any]] = [
        lambda: choosing.find(olga, Choice(query=text, is_all=True)), lambda: choosing.count(olga, text), lambda: smart_boards.freeze(olga, board.id),
        lambda: choices.count(choosing.SHOWN, olga, Choice(query=text)), lambda: feeds.page(olga, {filters.WORDS: text}),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Upstream, match="the index is away"):
            act()
    assert [each.image.id for each in smart_boards.page(olga, board).pinned] == roughly


def test_smart_boards_and_feeds_ask_the_index_too(world: World, olga: Actor) -> None:
    text = "color:#c8102e~15@50 color:#0a0a0a~15"
    board, _ = smart_boards.create(olga, name="Red", text=text)
    expected = paged(olga, text)
    first = smart_boards.page(olga, board, limit=2)
    second = smart_boards.page(olga, board, after=first.next_after, limit=50)
    assert [each.image.id for each in (*first.pinned, *second.pinned)] == expected and smart_boards.count(olga, board) == len(expected)
    assert feeds.page(olga, {filters.WORDS: text}).changed_at and not feeds.page(olga, {filters.WORDS: f"{text} -({text})"}).changed_at
