"""Addresses that no page needs are loaded when one of them is first asked for or linked to."""

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import url_for
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError, Rule

from pindeck import bootstrap
from pindeck.config import Settings
from pindeck.http.site import Site
from tests.test_floors import ROOT

LOADED = """
import importlib, os, pkgutil, sys, tempfile
os.environ["DATA_DIR"] = tempfile.mkdtemp()
import app
ours = [name for name in sys.modules if name.startswith("pindeck")]
print(len(ours), [name for name in ours if name.startswith(("pindeck.api.", "pindeck.public.")) and name.endswith(("routes", "bots", "boards"))])
from pindeck.services.actions import verbs
named = set(verbs._declared)
import pindeck.services
for found in pkgutil.walk_packages(pindeck.services.__path__, "pindeck.services."):
    importlib.import_module(found.name)
print(len(named) > 30, set(verbs._declared) - named)
"""


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_an_idle_web_process_loads_no_operation_and_knows_the_name_of_every_action() -> None:
    out = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT.parent, capture_output=True, text=True)
    loaded, actions = out.stdout.splitlines()
    number, operations = loaded.split(" ", 1)
    assert (operations, actions) == ("[]", "True set()"), out.stderr
    assert int(number) < 450, "What serves no first page is imported where it is used."


def test_no_address_is_both_among_the_first_doors_and_the_later_ones(app: Site) -> None:
    first = app.url_map.bind("localhost")
    for rule in app.later().iter_rules():
        for method in rule.methods or ():
            with pytest.raises(NotFound):
                first.match(re.sub(r"<[^>]+>", "x", rule.rule), method=method)


def test_each_side_builds_the_addresses_of_the_other(app: Site) -> None:
    with app.test_request_context("/"):
        assert url_for("api_document.page", _anchor="webhooks") == "/api/v1/docs#webhooks"
    with app.test_request_context("/api/v1/boards"):
        assert url_for("shares.index", token="t", _external=True) == "http://localhost/share/t"


def test_an_address_without_values_is_built_once_for_each_folder_of_the_site_and_door(app: Site) -> None:
    for root in ("", "/pins", ""):
        with app.test_request_context("/boards", environ_overrides={"SCRIPT_NAME": root}):
            assert (url_for("gallery.index"), url_for(".index")) == (f"{root}/", f"{root}/boards")
            assert url_for("gallery.index", q="rain") == f"{root}/?q=rain"
        with app.test_request_context("/trash/", environ_overrides={"SCRIPT_NAME": root}):
            assert url_for(".index") == f"{root}/trash/"
        with app.test_request_context("/"), pytest.raises(BuildError):
            url_for("no.door")


def test_the_first_calls_may_come_at_once_and_what_is_nowhere_is_told(app: Site) -> None:
    asked = ["/api/v1/openapi.json", "/healthz", "/api/v1/nothing", "/nothing", "/discordQueue"] * 4
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(lambda path: app.test_client().get(path).status_code, asked))
    assert found == [200, 200, 404, 404, 405] * 4
    answer = app.test_client().delete("/api/v1/openapi.json")
    assert answer.status_code == 405 and set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert app.test_client().options("/api/v1/openapi.json").headers["Allow"]


def test_where_discord_calls_nobody_waits_for_the_doors(doors_apart: None, database: Settings) -> None:
    made = [bootstrap.create_app(database.model_copy(update={"discord_public_key": key})).has_later for key in ("", "ab" * 32)]
    assert made == [False, True]


def test_what_builds_an_address_is_compiled_when_the_first_one_is_built(
    doors_apart: None, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compiling = Rule._compile_builder

    def note(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled.append(rule.rule)
        return compiling(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", note)
    site = bootstrap.create_app(database)
    site.later()
    assert compiled == []
    with site.test_request_context("/"):
        for token in ("a", "b", "self"):
            assert url_for("shares.index", token=token, q="x") == f"/share/{token}?q=x"
    assert compiled == ["/share/<token>"]
