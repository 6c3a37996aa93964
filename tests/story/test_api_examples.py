"""The pages in `docs/api/` do what they say: each is run as one shell session against a Pindeck of its own."""

import json
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from pindeck.http.site import Site
from tests.stack import ROOT, Stack
from tests.story.documented import Block, Expected, blocks
from tests.story.static_site import static_site

DOCS = ROOT / "docs" / "api"
PAGES = sorted(DOCS.glob("*.md"))
SITE = "https://pictures.example.org"  # what the pages call the installation
STILLS = "https://stills.example.net"  # and another site, which has the pictures of this folder
NAMED = re.compile(r"`(GET|POST|PUT|PATCH|DELETE|HEAD) (/[^\s`?]*)[^`]*`")
CURLRC = next(iter(re.findall(r"^```text\n(silent.*?)^```$", (DOCS / "README.md").read_text(), re.M | re.S)))
MARK = "\x1e"
# What curl is told goes into a file as well, with every variable in its place.
NOTED = f"""curl() {{
  printf '%s\\x1f' "$@" >> "$HOME/requests"; printf '{MARK}' >> "$HOME/requests"
  command curl "$@"
}}
"""
Operation = tuple[str, str]  # method and path


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.stem)
def test_the_examples_of_a_page_answer_what_it_shows(document: Path, tmp_path: Path) -> None:
    before = [] if document.name == "README.md" else blocks(DOCS / "README.md")
    with static_site(DOCS) as stills:
        stack = Stack(tmp_path / "stack", {"FETCH_ALLOW_HOSTS": stills.removeprefix("http://")})
        try:
            stack.start()
            here = partial(_here, names={SITE: stack.base, STILLS: stills})
            run_page([*before, *blocks(document)], tmp_path / "desk", stack, here)
            operations = operations_of(json.load(urlopen(f"{stack.base}/api/v1/openapi.json")))
        finally:
            stack.stop()
    made = {operation_of(request, operations) for request in requests_of(tmp_path / "desk", stack.base)}
    named = set(NAMED.findall(document.read_text())) & operations
    assert not named - made, "The page names these, and none of its commands makes such a request."


def operations_of(document: dict[str, Any]) -> set[Operation]:
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


def requests_of(folder: Path, base: str) -> list[tuple[str, str]]:
    """Method and path of every request that curl was told to make to the installation, from its arguments."""
    found = []
    for line in (folder / "requests").read_text().split(MARK)[:-1]:
        words = line.split("\x1f")
        address = next((word for word in words if word.startswith(base)), None)
        if address is not None:
            found.append((_method(words), urlsplit(address).path))
    return found


def _method(words: list[str]) -> str:
    if "-X" in words:
        return words[words.index("-X") + 1]
    by_option = {"-I": "HEAD", "-T": "PUT", "-F": "POST", "-d": "POST", "--json": "POST", "--data-binary": "POST"}
    return next((method for option, method in by_option.items() if option in words), "GET")


def operation_of(request: tuple[str, str], operations: set[Operation]) -> Operation | None:
    """The operation that a request reaches: the one with the fewest gaps, as the server chooses."""
    method, path = request
    fitting = [
        (method, place)
        for found, place in operations
        if found == method and re.fullmatch(re.sub(r"{[^{}]+}", "[^/]+", place), path)
    ]
    return min(fitting, key=lambda operation: operation[1].count("{"), default=None)


def run_page(found: list[Block], folder: Path, stack: Stack, here: Any) -> None:
    """All commands in one bash, in order; then each answer beside the one that the page shows."""
    folder.mkdir()
    for picture in DOCS.glob("*.jpg"):
        (folder / picture.name).write_bytes(picture.read_bytes())
    (folder / ".curlrc").write_text(CURLRC)
    script = NOTED + "".join(f"printf '{MARK}{n}{MARK}'\n{here(block.command)}\n" for n, block in enumerate(found))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**stack.environ, "CURL_HOME": str(folder), "HOME": str(folder)},
        capture_output=True,
        timeout=120,
    )
    answers = done.stdout.decode(errors="replace").split(MARK)[2::2]
    same_ids: dict[str, str] = {}
    wrong: list[str] = []
    for block, answer in zip(found, answers, strict=False):
        fault = Expected(block, here, same_ids).differs(answer)
        if fault:
            wrong.append(f"{block.where}\n{block.command}\n{fault}\nIt answered:\n{answer}\n")
    if done.returncode or len(answers) < len(found):
        wrong.append(f"{found[len(answers) - 1].where} ended with {done.returncode}:\n{done.stderr.decode()}")
    assert not wrong, "\n".join([*wrong, stack.log()])


def _here(text: str, names: dict[str, str]) -> str:
    for documented, real in names.items():
        text = text.replace(documented, real)
    return text


def test_every_operation_is_on_a_page_and_every_operation_on_a_page_exists(app: Site) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    operations = operations_of(document)
    others = {
        (method, re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in app.rules()
        for method in rule.methods or ()
    }
    named = {found for page in PAGES for found in NAMED.findall(page.read_text())}
    assert not operations - named, "No page of docs/api names these."
    assert not named - operations - others, "A page of docs/api names these, and they do not exist."


def test_links_between_the_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        text = page.read_text()
        for target, fragment in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
            there = (page.parent / target).resolve() if target else page
            assert there.exists(), f"{page.name}: {target}"
            if fragment:
                assert fragment in _anchors(there.read_text()), f"{page.name}: {target}#{fragment}"


def _anchors(text: str) -> set[str]:
    """The names of headings as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
