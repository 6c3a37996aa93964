"""The repository explains itself: no citation of what is not in it, and names of tests that say a sentence."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests import sentences

ROOT = Path(__file__).parent.parent
OTHERS = ("tests/vendor/", "static/vendor/", "uv.lock", "requirements/")  # texts of other projects
HERE = "tests/test_words.py"  # it spells what it looks for
# Numbers of decisions, sections, statements and invariants whose text is not here; names of papers that are not here.
# `docs/decisions/0007-….md` has a path; RFCs are for everybody.
CITATIONS = re.compile(
    r"""\bdecisions?\ \d+ | (?<!RFC\ \d{4}\ )\u00a7 | \bsource\ 0\d\d\b | \bdocuments?\ 0\d\d\b | \bunification\b
    | \bsource\ documents?\b | \bfile-storage\b | \bimage-management\b | \bextension-images\b
    | \bpindeck\ \d+\.\d+ | [a-z]\ \(\d\.\d+\)[.,:;] | \bappendix\b | \bspecification\ \d | \bspec\ \d | \bedge\ case\ \d | \bissue\ \#?\d
    | (?-i:\b[MGXS][-_ ]A\d+\b) | (?-i:\([ACIRU]\d+\b) | (?-i:^\W*[ACIRU]\d+(,|:\ |\ and\ |\ of\ |[–-][ACIRU]?\d))
    | \bsurface\ [MGXS]\b | (?-i:\b(an?|the)\ [MGXS]\ (list|upload|image|operation|surface)s?\b)
    | \b(layout|stack)-next\b | \bhouse-style\b | \bworktrees?\b | (?<![\w.])/work/""",
    re.VERBOSE | re.IGNORECASE,
)
PAGE = re.compile(r"[\w./-]*\w\.md\b")
STATEMENT = re.compile(r"^\| (images|files|extensions|together) ([ACU])(\d+) \| (.+) \|$", re.MULTILINE)


def _git(*asked: str) -> list[str]:
    return subprocess.run(["git", *asked], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


@cache
def _files() -> dict[str, str]:
    """The texts of the repository by their paths: whatever git keeps that is text and ours."""
    return {name: (ROOT / name).read_text() for name in _git("grep", "-Il", "") if not name.startswith(OTHERS)}


def _tests() -> list[str]:
    """The names of all tests, as often as they occur."""
    sources = [text for name, text in _files().items() if name.startswith("tests/") and name.endswith(".py")]
    return [name for source in sources for name in re.findall(r"def (test_\w+)\(", source)]


def _cited(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if CITATIONS.search(line)]


def test_nothing_outside_the_repository_is_cited() -> None:
    texts = _files()
    assert {
        "pindeck/config.py",
        "templates/layout.html",
        "README.md",
        "Makefile",
        "migrations/0001_initial.py",
    } <= set(texts)
    assert {name: found for name, text in texts.items() if name != HERE and (found := _cited(text))} == {}


def test_every_page_that_is_named_is_there() -> None:
    pages = [f"/{name}" for name in _git("ls-files", "*.md")]
    for name, text in _files().items():
        for page in PAGE.findall(text) if not name.startswith("tests/") or name.endswith(".md") else ():
            end = "/" + re.sub(r"^[./]+", "", page)
            assert any(known.endswith(end) for known in pages), f"{name} names {page}"


@pytest.mark.parametrize(
    "line",
    [
        "the outbox (decision 35)", "decisions 28 and 46", "file-storage §4.2", "§7", "source 000", "unification", "pindeck 3.2",
        "pindeck appendix A 12", "specification 3.1", "surface M", "RFC 9110 and §14", "from one snapshot (C6)", '"""I2, and that', "in their final place (3.3).",
        "# A28 of surface X", "Edge case 13: none", "an M upload", "M_A22 moves", "/work/notes", "see layout-next",
    ],
)  # fmt: skip
def test_a_citation_is_found(line: str) -> None:
    assert CITATIONS.search(line)


@pytest.mark.parametrize(
    "line",
    [
        "RFC 9110 §14", "docs/decisions/0007-sql-spelt-once.md", "a decision of the owner", "source 0", "SHA256_MISMATCH",
        "an S3 store (Garage)", "an R5 (Canon)", "a framework/work/", 'COLOURS = "A0", "A1"',
    ],
)  # fmt: skip
def test_what_everybody_can_read_is_no_citation(line: str) -> None:
    assert not CITATIONS.search(line)


def test_names_of_tests_hold_no_number_of_a_statement() -> None:
    assert [name for name in _tests() if re.match(r"test_([SMXG]_)?([ACU]\d|\d_\d)", name)] == []


def test_each_statement_names_tests_that_exist() -> None:
    known = _tests()
    for interface, kind, number, cell in STATEMENT.findall((ROOT / "tests/README.md").read_text()):
        for name in re.findall(r"`(\w+)`", cell) or [cell]:
            assert known.count(name) == 1, f"{interface} {kind}{number}: {name} is there {known.count(name)} times"


@pytest.mark.parametrize(
    ("interface", "kind", "count"),
    [("images", "A", 47), ("files", "A", 37), ("extensions", "A", 42), ("together", "U", 11)],
)
def test_no_statement_is_without_a_test(interface: str, kind: str, count: int) -> None:
    rows = STATEMENT.findall((ROOT / "tests/README.md").read_text())
    assert [int(row[2]) for row in rows if row[:2] == (interface, kind)] == list(range(1, count + 1))


# Sentences for people

KEPT = {  # callers compare these to the letter, or they begin with the name of a field
    "Image not found or not yours",
    "Not authorized to delete this image",
    "absolute paths not allowed",
    "path traversal not allowed",
    "userId is given twice and differs.",
    "Missing required fields: imageUrl",
    "imageId, userId, and storageId or imageUrl are required",
    "Missing required fields: {}",
    "userId: This must not be blank.",
    "meta: {}",
}
WHOLE = re.compile(r"([A-Z@“]|\{\}).*([.…}]|: pindeck [a-z ]+)$", re.DOTALL)
UNLIKE_THE_VOICE = re.compile(
    r"[!?] | \b(whoever|please|oops|sorry|lies|any\ more)\b | ^that\ are\b | (?<!there\ )\bis\ no\b",
    re.IGNORECASE | re.VERBOSE,
)


def _trees() -> list[ast.Module]:
    return [ast.parse(text) for name, text in _files().items() if name.startswith("pindeck/") and name.endswith(".py")]


def _in_another_voice(texts: list[str]) -> list[str]:
    return [text for text in texts if UNLIKE_THE_VOICE.search(text)]


def test_sentences_for_people_are_whole_and_say_what_to_do() -> None:
    said = sentences.raised(_trees())
    assert "It is in the trash already." in said and "Deleted for good." in said
    assert [text for text in said if text not in KEPT and not WHOLE.match(text)] == []
    assert _in_another_voice(said) == []


def test_operations_and_commands_are_told_in_the_same_voice() -> None:
    documented, described = sentences.documented(_trees()), sentences.described(_trees())
    assert "Take the account away from somebody in Discord." in documented
    assert {"{} no longer has an account.", "What they are called in Discord.", "Delete a webhook"} <= set(described)
    assert [text for text in documented if not WHOLE.match(text)] == []
    # A question mark stands in addresses and in JSON.
    assert _in_another_voice([text.replace("?", "") for text in documented + described]) == []


def test_templates_speak_in_the_same_voice() -> None:
    pages = {name: sentences.shown(text) for name, text in _files().items() if name.startswith("templates/")}
    assert "This picture is private or no longer in the library." in pages["templates/storyboards/_frame.html"]
    assert "No new words" in pages["templates/vocabulary/_words.html"]
    # A page asks before what cannot be undone.
    found = {name: _in_another_voice([text.replace("?", "") for text in texts]) for name, texts in pages.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "text", ["That are 12 tags.", "This is no UUID.", "Is it running?", "Whoever asks.", "Done!"]
)
def test_another_voice_is_found(text: str) -> None:
    assert UNLIKE_THE_VOICE.search(text)
