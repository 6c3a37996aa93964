"""Every route says who may open it."""

from pathlib import Path

import pytest

from pindeck import access, config
from pindeck.bootstrap import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(config.load({"DATA_DIR": str(tmp_path_factory.mktemp("routes"))}))


def test_every_route_declares_its_access(app):
    undeclared = [
        rule.endpoint
        for rule in app.rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert undeclared == []


def test_every_declared_access_is_a_rule(app):
    assert app.later()
    declared = {view.access for view in app.view_functions.values() if hasattr(view, "access")}
    assert declared - {"public"} <= set(access.RULES)


def test_what_changes_something_is_a_post(app):
    for rule in app.rules():
        if rule.endpoint in ("static",) or "GET" not in rule.methods:
            continue
        last = rule.rule.rstrip("/").rpartition("/")[2]
        assert last not in ("delete", "trash" if rule.endpoint != "trash.index" else "", "publish", "like", "restore")


def test_every_template_a_route_names_is_there(app):
    import re

    root = Path(__file__).resolve().parent.parent
    named = set()
    for path in (root / "pindeck" / "web").glob("*.py"):
        named |= set(re.findall(r'"([a-z_]+/[a-z_]+\.html)"', path.read_text()))
    missing = [name for name in sorted(named) if not (root / "templates" / name).exists()]
    assert missing == []


def test_an_address_that_is_kept_is_the_one_that_is_asked_for(app):
    """`True` equals 1, and each is written as itself; an address with the host is that of the request."""
    asked = [
        ("gallery.index", {}), ("gallery.index", {"q": "a b"}), ("gallery.index", {"q": None}), ("gallery.index", {"q": 1}),
        ("gallery.index", {"q": True}), ("gallery.index", {"q": "1"}), ("gallery.index", {"q": "x" * 100}), (".index", {"q": "a"}), (".index", {}),
    ]  # fmt: skip
    for host in ("one.example", "two.example"):
        with app.test_request_context("/", base_url=f"http://{host}"):
            found = [app.url_for(endpoint, **values) for endpoint, values in asked * 2]
            whole = app.url_for("gallery.index", q="a", _external=True)
        assert found == ["/", "/?q=a+b", "/", "/?q=1", "/?q=True", "/?q=1", f"/?q={'x' * 100}", "/?q=a", "/"] * 2
        assert whole == f"http://{host}/?q=a"


def test_an_address_within_a_folder_has_the_folder(app):
    for folder in ("", "/pins"):
        with app.test_request_context("/", base_url=f"http://one.example{folder}"):
            assert app.url_for("gallery.index", q="a") == f"{folder}/?q=a"
