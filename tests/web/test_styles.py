"""Style sheets are for people who read them, one file a component; a browser gets one short sheet."""

import re
from pathlib import Path

import pytest

from pindeck import resources
from pindeck.web.assets import shorten, styles
from tests.conftest import ClientFor

STYLES = sorted((resources.ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((resources.ROOT / "static" / "js").glob("*.js"))
TEMPLATES = sorted((resources.ROOT / "templates").rglob("*.html"))
RULE = re.compile(r"([^{};]+)\{[^{}]*\}")
CLASS_ATTRIBUTE = re.compile(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', re.DOTALL)
# The stage of an upload is a class of its row, and htmx marks what waits for an answer.
SET_OTHERWISE = {"done", "failed", "htmx-request"}


def selectors(css: str) -> set[str]:
    """All but the steps of key frames, and the names of fonts."""
    found = {selector.strip() for rule in RULE.findall(shorten(css)) for selector in rule.split(",")}
    return {selector for selector in found if not re.fullmatch(r"from|to|\d+%|@font-face", selector)}


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_line_is_short_and_holds_one_declaration(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [f"line {number}" for number, line in enumerate(lines, 1) if len(line) > 120] == []
    assert [line for line in lines if re.search(r";[^}*]*:", line)] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_file_begins_with_what_it_is_for(path: Path) -> None:
    assert re.match(r"/\* [A-Z].*\. \*/\n\n", path.read_text())


def test_what_one_file_lays_out_is_laid_out_by_no_other() -> None:
    """A reader finds all of a component in one place, and the order of the files hardly ever matters."""
    placed: dict[str, str] = {}
    for path in STYLES:
        for selector in selectors(path.read_text()):
            assert placed.setdefault(selector, path.name) == path.name, f"{selector} is in {path.name}, too"


def test_every_class_is_given_by_a_template_or_a_script() -> None:
    given = set(SET_OTHERWISE)
    for path in TEMPLATES:
        for attribute in CLASS_ATTRIBUTE.findall(path.read_text()):
            given |= set(re.findall(r"[\w-]+", attribute))
    for path in SCRIPTS:
        for text in re.findall(r"""(["'`].*?["'`])""", path.read_text()):
            given |= set(re.findall(r"[\w-]+", text))
    beginnings = tuple(name for name in given if re.fullmatch(r"[a-z]+-", name))
    styled = {name for selector in selectors(styles().decode()) for name in re.findall(r"\.([a-z][\w-]*)", selector)}
    assert {name for name in styled - given if not name.startswith(beginnings)} == set()


def test_every_token_is_used() -> None:
    sheet = styles().decode()
    assert set(re.findall(r"[{;](--[\w-]+):", sheet)) - set(re.findall(r"var\((--[\w-]+)", sheet)) == set()


def test_one_style_sheet_holds_all_components_and_is_kept_for_a_year(client_for: ClientFor) -> None:
    client = client_for(None)
    links = re.findall(r'<link rel="stylesheet" href="([^"]+)">', client.get("/").text)
    assert len(links) == 1
    answer = client.get(links[0])
    assert answer.status_code == 200 and answer.mimetype == "text/css"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    sheets = {path.name: shorten(path.read_text()) for path in STYLES}
    for name, sheet in sheets.items():
        assert sheet in answer.text, name
    assert answer.text.startswith(f"{sheets['tokens.css']}\n{sheets['base.css']}\n")


def test_a_sheet_is_shortened_without_a_change_of_its_meaning() -> None:
    css = """
    /* A picture's "tile" */
    .a ,
    .b > i:not(:hover)::after {
      content: "  /* kept */ ; {";
      width: calc(1px + 2px);  /* why */
      background: url('a b.svg') center / contain;
    }

    @media (max-width: 900px) and (hover: none) {
      html .c { --d: 1px 2px; }
    }
    """
    assert shorten(css) == (
        '.a,.b > i:not(:hover)::after{content:"  /* kept */ ; {";width:calc(1px + 2px);'
        "background:url('a b.svg') center / contain;}"
        "@media (max-width:900px) and (hover:none){html .c{--d:1px 2px;}}"
    )
