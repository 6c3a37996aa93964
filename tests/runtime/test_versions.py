"""The two lists of exact versions say the same, and name nothing but the public index."""

import re
import tomllib
from importlib.metadata import version

from tests.runtime.conftest import ROOT

LOCK = (ROOT / "uv.lock").read_text()
LOCKED = tomllib.loads(LOCK)["package"]
CONSTRAINTS = [
    line.partition(" ;")[0].partition("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def major(text: str) -> int:
    return int(text.partition(".")[0])


def test_the_lists_agree() -> None:
    locked = {(package["name"], package["version"]) for package in LOCKED if package["name"] != "pindeck"}
    assert {(name, number) for name, _, number in CONSTRAINTS} == locked


def test_pillow_is_not_downgraded() -> None:
    numbers = [number for name, _, number in CONSTRAINTS if name == "pillow"]
    assert len(numbers) == 1
    assert major(numbers[0]) >= 13
    assert major(version("pillow")) >= 13


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    names = {re.split(r"[^A-Za-z0-9._-]", text)[0].lower() for text in wanted}
    assert names <= {name for name, _, _ in CONSTRAINTS}


def test_only_the_public_index_is_named() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", LOCK))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    assert "file:" not in LOCK
    assert [package["source"] for package in LOCKED if package["name"] == "pindeck"] == [{"editable": "."}]
    others = [package["source"] for package in LOCKED if package["name"] != "pindeck"]
    assert all(source == {"registry": "https://pypi.org/simple"} for source in others)
