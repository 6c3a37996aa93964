"""The repository explains itself: no citation of what is not in it, and names of tests that say a sentence."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

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
