"""The vocabulary's files: what stands in them is consistent, and every way to write a term is understood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck import terms
from pindeck.terms import CRAFT, FIELDS, Term

ALL = [term for field in FIELDS.values() for term in field.terms]


def test_the_craft_of_a_frame_has_its_fields() -> None:
    assert list(CRAFT) == [
        "size", "angle", "lens", "light", "light_from", "light_source", "time", "setting", "composition", "palette",
        "era", "medium",
    ]  # fmt: skip
    assert {name for name, field in CRAFT.items() if not field.many} == {"size", "time", "setting", "era", "medium"}
    assert set(FIELDS) - set(CRAFT) == {"genre", "shot", "style"}
    assert all(field.label and field.says and len(field.terms) >= 3 for field in FIELDS.values())


@pytest.mark.parametrize("term", ALL, ids=lambda term: f"{term.field}-{term.name}")
def test_every_word_of_a_term_means_it_however_it_is_written(term: Term) -> None:
    read = FIELDS[term.field].read
    for word in (term.name, *term.synonyms):
        for written in (word, word.upper(), word.lower(), word.replace("-", " "), f" {word}. ", word.replace("'", "’")):
            assert read(written) == term, written
        assert len(word) <= 60 and "," not in word  # a comma parts two terms
        assert word == unicodedata.normalize("NFC", word).strip()


@pytest.mark.parametrize("term", ALL, ids=lambda term: f"{term.field}-{term.name}")
def test_what_follows_from_a_term_is_a_term(term: Term) -> None:
    for field, name in term.implies:
        assert name in FIELDS[field].names and (field, name) != (term.field, term.name)
    following = terms.implied_by([(term.field, term.name)])
    assert len(set(following)) == len(following) and (term.field, term.name) not in following


@pytest.mark.parametrize(
    ("field", "text", "name"),
    [
        ("size", "ECU", "Extreme Close-Up"), ("size", "e.c.u.", "Extreme Close-Up"), ("size", "closeup", "Close-Up"),
        ("size", "American shot", "Cowboy Shot"), ("size", "plan americain", "Cowboy Shot"), ("angle", "OTS", "Over-the-Shoulder"),
        ("angle", "birds eye view", "Bird's Eye"), ("angle", "pov", "Point of View"), ("light", "diffused", "Soft"),
        ("light_from", "contre-jour", "Backlight"), ("time", "magic hour", "Golden Hour"), ("setting", "INT.", "Interior"),
        ("setting", "int/ext", "Interior and Exterior"), ("palette", "b&w", "Black and White"), ("era", "’80s", "1980s"),
        ("genre", "doc.", "Doc"), ("genre", "documentary", "Doc"), ("genre", "sci fi", "Sci-Fi"), ("genre", "scifi", "Sci-Fi"),
        ("shot", "bird's eye view", "Bird's Eye"), ("style", "super 8mm", "Super 8"),
    ],
)  # fmt: skip
def test_words_of_the_trade_are_known(field: str, text: str, name: str) -> None:
    term = FIELDS[field].read(text)
    assert term is not None and term.name == name


@pytest.mark.parametrize("text", ["", " ", "?!", "Golden Retriever", "close", "ECU ECU"])
def test_another_word_is_no_time_of_day(text: str) -> None:
    assert FIELDS["time"].read(text) is None


def test_what_follows_is_told_once_and_to_the_end() -> None:
    assert terms.implied_by([("time", "Golden Hour")]) == [("setting", "Exterior"), ("time", "Day's End")]
    assert terms.implied_by([("time", "Golden Hour"), ("setting", "Exterior")]) == [("time", "Day's End")]
    assert terms.implied_by([("light_source", "Starlight")]) == [("time", "Night"), ("setting", "Exterior")]
    assert terms.implied_by([("light", "Chiaroscuro"), ("shot", "Close-Up")]) == [
        ("light", "Low-Key"), ("light", "High Contrast"), ("size", "Close-Up"),
    ]  # fmt: skip
    assert terms.implied_by([("time", "of nobody"), ("title", "Golden Hour")]) == []


@given(st.text(max_size=80))
def test_spellings_of_one_word_have_one_key(text: str) -> None:
    key = terms.key_of(text)
    assert terms.key_of(key) == key
    assert terms.key_of(f" {text} ") == key
