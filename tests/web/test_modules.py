"""The browser's modules: one versioned folder, imports that stay inside it, and nothing asked but through htmx."""

import re
from pathlib import Path

import pytest

from pindeck.web import modules
from tests.conftest import ClientFor

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
IMPORT = re.compile(r'^\s*(?:await )?import\b.*?"([^"]+)"', re.M)  # also where it is loaded later


def test_a_page_names_one_module_and_its_address_may_be_kept(client_for: ClientFor) -> None:
    client = client_for(None)
    found = re.findall(r'<script type="module" src="([^"]+)"', client.get("/").text)
    assert found == [modules.first_module()]
    answer = client.get(found[0])
    assert answer.status_code == 200 and answer.mimetype == "text/javascript"
    assert answer.cache_control.max_age == 31536000


def test_what_an_old_process_answers_for_a_new_version_is_not_kept(client_for: ClientFor) -> None:
    answer = client_for(None).get("/static/js-00000000/main.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "%2e%2e", "%00"])
def test_nothing_else_lies_in_that_folder(client_for: ClientFor, name: str) -> None:
    assert client_for(None).get(f"/static/js-{modules.version()}/{name}").status_code == 404


def test_every_import_leads_to_a_file_and_every_module_is_imported() -> None:
    imported = set()
    for path in SCRIPTS:
        for name in IMPORT.findall(path.read_text()):
            assert name.startswith(("./", "../vendor/")), f"{path.name} imports {name}"
            assert (path.parent / name).resolve().is_file(), f"{path.name} imports {name}"
            imported.add(name.removeprefix("./"))
    assert {path.name for path in SCRIPTS} - imported == {"main.js", "boot.js", "present.js"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_neither_asks_by_itself_nor_builds_an_address(path: Path) -> None:
    text = re.sub(r"^\s*//.*", "", path.read_text(), flags=re.M).replace("https?:\\/\\/", "")  # what somebody pastes
    by_pattern = ("\\/", 'split("/")', "[?&]", "undo$/")  # an address that is taken apart
    for word in ("fetch(", "XMLHttpRequest", "/images/", "/review/", "/i/", "window.pindeck", *by_pattern):
        assert word not in text, f"{path.name} has {word}"
