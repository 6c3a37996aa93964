"""What a provider is told for each picture of an order."""

import pytest

from pindeck.varying.modes import MODES, SHOTS, aspect_of, mode_of
from pindeck.varying.prompts import Context, next_shots, prompts

PLAIN = Context()


def texts(mode: str, count: int, detail: str = "", context: Context = PLAIN) -> list[str]:
    return [prompt.text for prompt in prompts(mode, count, detail, context)]


def test_a_shot_variation_goes_through_the_shots_in_order_and_begins_with_those_used_the_least() -> None:
    assert [prompt.shot for prompt in prompts("shot-variation", 12, "", PLAIN)] == list(SHOTS[:12])
    assert next_shots([], 18) == [*SHOTS, *SHOTS[:2]]
    assert next_shots(SHOTS[:4], 3) == list(SHOTS[4:7])
    assert next_shots([*SHOTS, SHOTS[0]], 2) == list(SHOTS[1:3])
    assert next_shots([SHOTS[0], SHOTS[2], "a shot of before"], 2) == [SHOTS[1], SHOTS[3]]
    assert all(shot in text for shot, text in zip(SHOTS, texts("shot-variation", 4), strict=False))


@pytest.mark.parametrize("mode", MODES)
def test_a_detail_stands_in_every_prompt_and_repeated_ones_differ(mode: str) -> None:
    told = texts(mode, 3, "rain on {glass}.")
    assert all("rain on {glass}" in text for text in told) and len(set(told)) == 3
    assert [prompt.shot for prompt in prompts(mode, 3, "rain", PLAIN)] == [None] * 3
    plain = texts(mode, 4)
    assert len(set(plain)) == 4 and not set(plain) & set(told)
    assert len(texts(mode, 1)) == 1 and "take 1" not in texts(mode, 1, "rain")[0]
    assert texts(mode, 0) == []


@pytest.mark.parametrize(
    ("group", "mode", "begins"),
    [
        ("Music Video", "shot-variation", "Later in the same music video."),
        ("Spec Music Video", "action-shot", "Later in the same music video."),
        ("Spec Commercial", "shot-variation", "Later in the same commercial."),
        ("Film", "action-shot", "Later in the same scene."),
        ("Web Series", "action-shot", "Later in the same scene."),
        ("Film", "shot-variation", "The same subject"),
        ("Moodboard", "action-shot", "The same person"),
        ("Commercial", "coverage", "A telling detail"),
        (None, "shot-variation", "The same subject"),
    ],
)
def test_the_production_type_places_the_shot(group: str | None, mode: str, begins: str) -> None:
    assert texts(mode, 1, context=Context(group=group))[0].startswith(begins)


def test_a_style_reference_keeps_palette_and_style() -> None:
    colours = ["#112233", "red", *[f"#00000{n}" for n in range(6)]]
    told = texts("coverage", 1, context=Context(sref="--sref 12345", style="35mm Film", colors=colours))[0]
    assert "style reference 12345," in told and "--sref" not in told
    assert "#112233, #000000, #000001, #000002, #000003 and" in told and "“35mm Film”" in told
    bare = texts("coverage", 1, context=Context(sref="77"))[0]
    assert "the palette of the source and its lighting" in bare
    assert "Keep" not in texts("coverage", 1, context=Context(style="35mm Film", colors=colours))[0]


def test_names_that_there_are_not_mean_the_defaults() -> None:
    assert [mode_of(name) for name in ("coverage", "shot_type", "style", "x", None)] == [
        "coverage", "shot-variation", "style-variation", "shot-variation", "shot-variation",
    ]  # fmt: skip
    assert [aspect_of(name) for name in ("3:4", "2.39", None)] == ["3:4", "16:9", "16:9"]
