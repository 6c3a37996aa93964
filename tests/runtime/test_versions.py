"""The lists of exact versions say the same, with a hash each, and name nothing but the public index."""

import re
import tomllib
from importlib.metadata import distributions, version

from tests.runtime.conftest import ROOT

LOCK = (ROOT / "uv.lock").read_text()
LOCKED = tomllib.loads(LOCK)["package"]
# A requirement goes on over the lines of its hashes.
LISTS = {
    path.stem: path.read_text().replace(" \\\n    ", " ").splitlines()[1:]
    for path in (ROOT / "requirements").glob("*.txt")
}


def names(lines: list[str]) -> set[tuple[str, str]]:
    """Name and version of each line, without the extra that a name may carry."""
    found = [re.match(r"([a-z0-9-]+)(?:\[[a-z,-]+\])?==(\S+)", line) for line in lines]
    return {(one[1], one[2]) for one in found if one}


def major(text: str) -> int:
    return int(text.partition(".")[0])


def test_the_lists_agree() -> None:
    locked = {(package["name"], package["version"]) for package in LOCKED if package["name"] != "pindeck"}
    assert set().union(*(names(lines) for lines in LISTS.values())) == locked
    assert all(names(lines) >= names(LISTS["run"]) for lines in LISTS.values())


def test_every_line_of_the_lists_has_the_hashes_of_the_lock() -> None:
    known = {}
    for package in LOCKED:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        known[package["name"], package["version"]] = {file["hash"] for file in files}
    for line in [line for lines in LISTS.values() for line in lines]:
        ((package, number),) = names([line])
        assert set(re.findall(r"--hash=(\S+)", line)) == known[package, number], line[:60]


def test_pillow_is_not_downgraded() -> None:
    numbers = [number for name, number in names(LISTS["run"]) if name == "pillow"]
    assert len(numbers) == 1
    assert major(numbers[0]) >= 13
    assert major(version("pillow")) >= 13


def test_every_dependency_of_the_project_is_in_its_list() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"run": pyproject["project"]["dependencies"], **pyproject["project"]["optional-dependencies"]}
    # What builds the project is fetched by nothing but the lists.
    assert pyproject["build-system"]["requires"] == pyproject["dependency-groups"]["build"]
    wanted["run"] = [*wanted["run"], *pyproject["build-system"]["requires"]]
    assert set(wanted) == set(LISTS)
    for extra, texts in wanted.items():
        asked = {re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", text)[0]).lower() for text in texts}
        assert asked <= {name for name, _ in names(LISTS[extra])}, extra


def test_no_two_installed_packages_say_different_things_of_one_file() -> None:
    """Where two do, the order in which they happen to be installed decides what is in it."""
    owners: dict[str, dict[str, str]] = {}
    for package in distributions():
        for file in package.files or []:
            # What has no hash was made by the installer.
            if file.hash:
                owners.setdefault(str(file), {})[package.name] = file.hash.value
    assert len(owners) > 1000
    # Two that bring the very same file, as the two beautifiers of djlint do, are harmless.
    assert {file: sorted(found) for file, found in owners.items() if len(set(found.values())) > 1} == {}


def test_only_the_public_index_is_named() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", LOCK))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    assert "file:" not in LOCK
    assert [package["source"] for package in LOCKED if package["name"] == "pindeck"] == [{"editable": "."}]
    others = [package["source"] for package in LOCKED if package["name"] != "pindeck"]
    assert all(source == {"registry": "https://pypi.org/simple"} for source in others)


def test_the_python_for_builders_of_platforms_is_one_that_pindeck_runs_on() -> None:
    """Heroku's builder refuses uv.lock without this file; a version without its last number gets security updates."""
    asked = (ROOT / ".python-version").read_text()
    assert re.fullmatch(r"3\.\d+\n", asked)
    least = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert int(asked.strip().partition(".")[2]) >= int(least.partition("3.")[2])
