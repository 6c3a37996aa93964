"""What a deck looks like, as rules without a database: composing, palettes, overlays, and text that is too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.services.boards.decks import composing, flowing, kinds, overlays, palettes, typography
from pindeck.services.boards.decks.composing import Block, Still
from pindeck.services.boards.decks.kinds import Kind, Style


def ids_of(block: Block) -> list[str | None]:
    return [still and still.image_id for still in block.stills]


def composed(ids: list[str]) -> tuple[Block, ...]:
    numbers = iter(range(99))
    return composing.compose(ids, lambda: f"b{next(numbers)}")


def test_ten_blocks_of_which_each_begins_one_picture_later() -> None:
    made = composed([f"p{n}" for n in range(12)])
    assert [str(block.kind) for block in made] == ["hero", "logline", "story", "world", "character", "tone", "motif", "theme", "stakes", "closing"]
    assert [block.kind for block in made if block.is_locked] == [Kind.HERO] and [block.kind for block in made if not block.is_on] == [Kind.THEME]
    assert [len(block.stills) for block in made] == [1, 1, 4, 6, 1, 6, 4, 0, 0, 1]
    assert ids_of(made[2]) == ["p2", "p3", "p4", "p5"] and ids_of(made[6]) == ["p6", "p7", "p8", "p9"] and ids_of(made[9]) == ["p9"]
    assert ids_of(composed(["a", "b"])[3]) == ["b", "a", None, None, None, None]  # none twice on a page
    assert not any(still for block in composed([]) for still in block.stills)


@given(st.integers(0, 30))
def test_pictures_that_no_block_shows_are_known(count: int) -> None:
    ids = [f"p{n}" for n in range(count)]
    made = composed(ids)
    assert {*composing.used_in(made), *composing.unused(made, ids)} == set(ids)


def test_blocks_move_double_and_go() -> None:
    made = composed(["a", "b"])
    moved = composing.move(made, "b4", "b1")
    assert [block.id for block in moved][:3] == ["b0", "b4", "b1"] and composing.move(made, "b4", "b4") == made
    assert [block.id for block in composing.move(made, "b0", None)][-1] == "b0"
    double = composing.duplicate(made, "b0", "new")
    assert (double[1].id, double[1].is_locked, double[1].stills) == ("new", False, made[0].stills)
    assert len(composing.remove(made, "b3")) == 9
    assert ids_of(composing.put(made, "b1", 0, Still("c", 0.2, 0.8))[1]) == ["c"]
    assert not composing.used_in(composing.without(made, ["a", "b"]))
    for wrong in (lambda: composing.remove(made, "no"), lambda: composing.move(made, "b0", "no")):
        with pytest.raises(KeyError):
            wrong()
    with pytest.raises(IndexError):
        composing.put(made, "b1", 1, None)


def test_words_name_the_nth_picture() -> None:
    titles = tuple(f"Still {n}" for n in range(1, 11))
    for n, kind in enumerate(kinds.TEMPLATE, 1):
        assert f"“Still {n}”" in kinds.default_text(kind, titles)
    assert "“Still 1”" in kinds.default_text(Kind.CLOSING, titles[:3])
    assert "“" not in kinds.default_text(Kind.TONE, titles[:3]) and kinds.default_text(Kind.TONE, ())
    assert kinds.default_title(Kind.HERO, "Night ride") == "Night ride" and kinds.default_title(Kind.WORLD, "") == "World & concept"
    assert kinds.is_dense("collage", "") and kinds.is_dense("editorial", "B") and not kinds.is_dense("collage", "A")


def test_each_style_has_nine_colours_that_can_be_read() -> None:
    assert {len(palettes.PRESETS[style]) for style in Style} == {9}
    for style in Style:
        shown = palettes.readable(palettes.of(style, None))
        assert shown == palettes.PRESETS[style] and palettes.contrast(shown.text, shown.background) > 10
    own = ["#111111", "#222222", "#333333", "#444444", "#555555"]
    assert palettes.of("noir", own)[:5] == tuple(own) and palettes.of("noir", own).surface == "#111111"
    assert palettes.of("noir", own[:4]) == palettes.PRESETS[Style.NOIR]
    grey = palettes.PRESETS[Style.NOIR]._replace(background="#808080", text="#7f7f7f", muted="#777777")
    assert palettes.contrast(palettes.readable(grey).text, "#808080") >= palettes.READABLE


def test_a_picture_gives_a_palette() -> None:
    found = palettes.from_picture(["#c8643c", "#204060", "#f0e0c0", "#503020", "#101820"])
    assert found[:4] == ("#c8643c", "#204060", "#f0e0c0", "#503020") and found.surface == "#101820"
    assert (found.background, found.text) == ("#000002", "#feeece")
    assert found.muted == palettes.mix("#feeece", "#f0e0c0", 0.32) and found.border == palettes.mix("#204060", "#feeece", 0.38)
    assert len(palettes.from_picture(["#c8643c", "#204060", "#f0e0c0"])) == 9
    with pytest.raises(ValueError, match="three"):
        palettes.from_picture(["#c8643c", "#204060"])


def test_the_same_deck_has_the_same_shades() -> None:
    def some(**given: int) -> list[overlays.Overlay | None]:
        shape = {"amount": 58, "variation": 32, "seed": 0, **given}
        return [overlays.of_block("deck", f"b{n}", n, Kind.TONE, **shape) for n in range(400)]

    assert overlays.hash_of("abc") == 96354 and some() == some() != some(seed=1)
    there = [each for each in some() if each]
    assert 0.54 < len(there) / 400 < 0.74 and {each.side for each in there} == set(overlays.SIDES)
    assert all(58 - 16 <= each.strength <= 58 + 16 for each in there)
    assert {each.side for each in some(variation=10) if each} == {"bottom"}
    assert {each.strength for each in some(amount=0, variation=0) if each} == {8}
    assert {each.strength for each in some(amount=100, variation=100) if each} <= set(range(50, 101))
    for n in range(50):
        for kind in (Kind.HERO, Kind.CLOSING):
            assert overlays.of_block("deck", f"b{n}", n, kind, amount=58, variation=32, seed=0)
    sides = {kind: overlays.of_block("d", "b", 0, kind, amount=50, variation=0, seed=n) for kind in Kind for n in range(9)}
    assert {str(kind): each.side for kind, each in sides.items() if each and each.side != "bottom"} in (
        {"story": "left", "world": "left", "character": "right"}, {"story": "left", "world": "left"}, {"story": "left", "character": "right"},
        {"world": "left", "character": "right"}, {"character": "right"}, {"story": "left"}, {"world": "left"}, {},
    )  # fmt: skip


def test_there_are_nine_pairs_of_fonts() -> None:
    assert len(typography.PRESETS) == 9 and typography.of("no").display == "Schibsted Grotesk"


@given(st.text(alphabet="ab. \n", max_size=400), st.integers(1, 60))
def test_long_text_is_cut_and_nothing_of_it_is_lost(text: str, room: int) -> None:
    found = flowing.parts(text, room)
    assert all(len(part) <= room for part in found) and "".join("".join(found).split()) == "".join(text.split())


def test_it_is_cut_where_a_reader_pauses() -> None:
    assert flowing.parts("One is here. Two is there. Three is gone.", 30) == ["One is here. Two is there.", "Three is gone."]
    assert flowing.parts("The first part\n\nSecond one. And more", 24) == ["The first part", "Second one. And more"]
    assert flowing.parts("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5] and flowing.parts("", 10) == [""]


def test_long_text_is_set_smaller_in_steps_of_three_percent() -> None:
    assert [flowing.fit("x" * n, 100) for n in (0, 100, 101, 144, 400, 2000)] == [100, 100, 97, 82, 49, 35]
