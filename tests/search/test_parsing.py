"""The grammar of the search box: what is understood, what is said about the rest, and that no text is too much."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pindeck.search import (
    FIELDS,
    Age,
    All,
    Colour,
    Days,
    Not,
    Phrase,
    Range,
    Some,
    Term,
    Words,
    parse,
    parsing,
    parts,
)
from pindeck.search.fields import named

TODAY = date(2026, 11, 30)
NOISE = (
    "(", ")", "-", '"', " ", "or ", "|", "tag:", "color:", "#", "~", "@", ",", "..", "<", ">", "7d", "a", "é", "水", "width", "ratio:",
    "int:", "\x00", "“", "”", "light:", "date:2026-", "1", "99999999", "is:", "\ud800", "𝔘", "teal", "dark ", "like:", "foo:",
)  # fmt: skip


def tree(text: str) -> object:
    parsed = parse(text, today=TODAY)
    assert parsed.problems == (), text
    return parsed.tree


def one(field: str, *values: object) -> Term:
    return Term(field, values)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("neon al", Words("neon al", True)),
        ('"night city"', Phrase("night city")),
        ("“night city”", Phrase("night city")),
        ("-rain", Not(Words("rain"))),
        ("sci-fi a - b", Words("sci-fi a b", True)),
        ("a b or c", Some((Words("a b"), Words("c", True)))),
        ("a (b or c)", All((Words("a"), All((Some((Words("b"), Words("c"))),))))),
        ("-(a or -b)", Not(All((Some((Words("a"), Not(Words("b")))),)))),
        ('tag:a,"b c"', one("tag", "a", "b c")),
        ("tag:a tag:b", All((one("tag", "a"), one("tag", "b")))),
        ("light:sodium angle:low", All((one("light_source", "Street Light"), one("angle", "Low Angle")))),
        ("light-from:backl", one("light_from", "Backlight")),
        ("INT: kitchen", All((one("setting", "Interior"), Words("kitchen", True)))),
        ("int:kitchen", All((one("setting", "Interior"), Words("kitchen", True)))),
        ("color:#C8102E~20@40", one("color", Colour("#c8102e", 20, 40))),
        ("colour:fff,teal", one("color", Colour("#ffffff"), Colour("#1f6f78"))),
        ("dark teal dress", All((Words("dark teal", False, "#123f45"), Words("dress", True)))),
        ("width>=1920", one("width", Range(1920, None))),
        ("width:>3000", one("width", Range(3000, None, True))),
        ("likes:3..5 likes:..5", All((one("likes", Range(3, 5)), one("likes", Range(None, 5))))),
        ("ratio:>2", one("ratio", Range(2, None, True))),
        ("date:2026-05..", one("date", Days("2026-05-01", None))),
        ("date:2026-12 date:2026-05-31", All((one("date", Days("2026-12-01", "2027-01-01")), one("date", Days("2026-05-31", "2026-06-01"))))),
        ("date:<=2025 date:>2025", All((one("date", Days(None, "2026-01-01")), one("date", Days("2026-01-01", None))))),
        ("added:<7d added:>2w added:today", All((one("added", Age(168)), one("added", Age(336, True)), one("added", Days("2026-11-30", "2026-12-01"))))),
        ("is:Mine has:memo", All((one("is", "mine"), one("has", "memo")))),
        ("http://example.org/a Alien: Covenant", Words("http://example.org/a Alien: Covenant", True)),
        ("", None),
    ],
)  # fmt: skip
def test_a_text_is_understood(text: str, means: object) -> None:
    assert tree(text) == means


def test_a_shape_bears_two_percent() -> None:
    found = parse("ratio:16:9").tree
    assert isinstance(found, Term)
    assert (found.values[0].low, found.values[0].high) == pytest.approx((16 / 9 * 0.98, 16 / 9 * 1.02))


@pytest.mark.parametrize(
    ("text", "at", "says", "understood"),
    [
        ("neon (fog", 5, "“(” at character 6 is never closed.", True),
        ("neon) fog", 4, "“)” at character 5 closes nothing.", True),
        ('neon "fog', 5, "The quotation that begins at character 6 is never closed.", True),
        ("neon or", 5, "“or” at character 6 needs a word or a field on both sides.", True),
        ("or neon", 0, "“or” at character 1 needs a word or a field on both sides.", True),
        ("neon genr:noir", 5, "“genr:” at character 6 is not a field, so its words are looked for.", True),
        ("neon tag:", 5, "A value is missing after “tag:” at character 6. Write one such as tag:rain.", True),
        ("is:big", 3, "“big” at character 4 does not fit “is:”. Write one of variation, original, liked, draft, mine, new.", False),
        ("color:blurple", 6, "“blurple” at character 7 does not fit “color:”. Write a colour by its name", False),
        ("width:wide", 6, "“wide” at character 7 does not fit “width:”. Write a number, such as width:>3", False),
        ("date:2026-02-30 fog", 5, "“2026-02-30” at character 6 does not fit “date:”. Write a day,", True),
        ("likes:5..3", 6, "“5..3” at character 7 does not fit “likes:”.", False),
        ("fog " + "(" * 9 + "x" + ")" * 9, 12, "Brackets stand at most 8 deep; that at character 13 is left out.", True),
        ("-a " * 33, 97, "A search has at most 32 conditions; those from character 98 on are left out.", True),
        ("tag:" + ",".join("abcdefghijklmnopq"), 36, "A field has at most 16 values; those from character 37 on are left out.", True),
        ("fog " * 126, 500, "A search has at most 500 characters; what follows is left out.", True),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_the_rest_counts(text: str, at: int, says: str, understood: bool) -> None:
    parsed = parse(text, today=TODAY)
    (problem,) = parsed.problems
    assert (problem.at, problem.says[: len(says)]) == (at, says)
    assert (parsed.tree is not None) == understood


def test_every_field_is_understood_by_its_example() -> None:
    for field in FIELDS.values():
        parsed = parse(field.example, today=TODAY)
        assert parsed.problems == () and isinstance(parsed.tree, Term), field.example
        assert named(field.name.upper()) is field


def test_a_part_is_taken_away_and_the_rest_means_what_it_meant() -> None:
    text = '"night city" (genre:noir OR genre:"neo noir") -tag:rain color:#aabbcc~20 teal wet neon'
    found = parts(text)
    assert [(part.lead, part.text, part.swatch) for part in found] == [
        ("", "“night city” word for word", None), ("", '(genre:noir OR genre:"neo noir")', None), ("not", "#rain", None),
        ("Colour", "#aabbcc ± 20", "#aabbcc"), ("", "“teal”", "#1f6f78"), ("", "“wet neon”", None),
    ]  # fmt: skip
    whole = parse(text).tree
    assert isinstance(whole, All)
    for n, part in enumerate(found):
        rest = parse(part.rest).tree
        assert isinstance(rest, All) and rest.of[:n] + rest.of[n:] == whole.of[:n] + whole.of[n + 1 :] or n == len(found) - 1
    assert [part.rest for part in parts("rain or fog")] == [""]


@given(st.text(max_size=600))
@settings(max_examples=300, deadline=None)
def test_no_text_is_an_error(text: str) -> None:
    check(text)


def test_a_hundred_thousand_strings_of_signs_are_no_error() -> None:
    draw = random.Random(29)
    for _ in range(100_000):
        check("".join(draw.choices(NOISE, k=draw.randrange(24))))
    for sign in NOISE:  # and the same sign five hundred times
        check(sign * 500)


def check(text: str) -> None:
    parsed = parsing._parse.__wrapped__(text, TODAY)
    assert all(0 <= problem.at <= problem.end <= len(text) and problem.says for problem in parsed.problems)
    assert parsed.tree is not None or parsed.problems or not any(char.isalnum() for char in text)
