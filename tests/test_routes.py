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
