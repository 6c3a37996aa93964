"""scripts/setup.sh with a Python that only writes down what it is asked, so that no network is needed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.runtime.conftest import ROOT

_PYTHON = """\
#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
    *"import venv, ensurepip"*) exit "${NO_VENV:-0}" ;;
    *version_info*"< (3, 11)"*) exit "${TOO_OLD:-0}" ;;
    *sys.executable*) echo "${REAL:-$0}" ;;
    *python%d*) echo python3.11-venv ;;
    "-m playwright"*|*chromium*) exit "${BARE:-0}" ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install"*) cp "$0" .venv/bin/pindeck; exit "${INSTALL_FAILS:-0}" ;;
    *-VV*) echo "Python 3.11.0" ;;
esac
exit 0
"""

NEEDED = "chromium fonts-liberation libatomic1 curl libreoffice-impress-nogui poppler-utils"
_AS_PYENV = """\
#!/bin/sh
[ "${0##*/}" = python3 ] && [ -f .python-version ] && exit 127
"""


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a check out"
        self.calls = folder / "calls"
        self._programs = folder / "programs"
        self._programs.mkdir()
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        shutil.copytree(ROOT / "requirements", self.folder / "requirements")
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        for name in ("sh", "cat", "cksum", "mkdir", "cp", "rm", "dirname", "pwd", "tr", "xargs", "echo"):
            (self._programs / name).symlink_to(shutil.which(name) or name)
        # Never root, so that nothing is installed on the machine of the tests.
        self.program("id", "#!/bin/sh\necho 1000\n")
        self.program("python3", _PYTHON)

    def program(self, name: str, text: str) -> None:
        (self._programs / name).write_text(text)
        (self._programs / name).chmod(0o755)

    def setup(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run it from another folder, and note the calls of this run alone."""
        self.calls.write_text("")
        return subprocess.run(
            [str(self._programs / "sh"), str(self.folder / "scripts" / "setup.sh"), *arguments],
            cwd="/",
            env={"PATH": str(self._programs), "CALLS": str(self.calls), **environ},
            capture_output=True,
            text=True,
        )

    def services(self, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run scripts/test-services.sh with the same programs and nothing else on the path."""
        return subprocess.run(
            [str(self._programs / "sh"), str(self.folder / "scripts" / "test-services.sh")],
            env={"PATH": str(self._programs), "CALLS": str(self.calls), **environ},
            capture_output=True,
            text=True,
        )

    def installs(self) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if "pip install" in line]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_run_installs_what_has_the_right_hash_and_fetches_nothing_else(checkout: Checkout) -> None:
    assert checkout.setup().returncode == 0
    lists, project = checkout.installs()
    assert lists.endswith("--require-hashes -r requirements/run.txt")
    assert project.endswith("--no-deps --no-build-isolation --no-index -e .")


def test_the_second_run_asks_nothing_of_pip(checkout: Checkout) -> None:
    checkout.setup()
    again = checkout.setup()
    assert (again.returncode, again.stdout) == (0, "")
    assert checkout.calls.read_text().splitlines() == ["-VV"]


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements/run.txt"])
def test_a_changed_list_is_installed(checkout: Checkout, name: str) -> None:
    checkout.setup()
    with (checkout.folder / name).open("a") as file:
        file.write("# changed\n")
    assert checkout.setup().returncode == 0
    assert len(checkout.installs()) == 2
    # In a new environment: pip would leave what the lists do not name any more.
    assert "-m venv .venv" in checkout.calls.read_text().splitlines()


def test_what_the_tests_need_serves_for_running_but_not_the_other_way(checkout: Checkout) -> None:
    checkout.setup()
    checkout.setup("heif,test")
    assert checkout.installs()[0].endswith("-r requirements/heif.txt -r requirements/test.txt")
    assert "-m venv .venv" not in checkout.calls.read_text().splitlines()
    checkout.setup()
    assert checkout.installs() == []


def test_a_checkout_that_was_moved_gets_a_new_environment(checkout: Checkout) -> None:
    checkout.setup()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    assert checkout.setup().returncode == 0
    assert "-m venv .venv" in checkout.calls.read_text().splitlines()


def test_an_install_that_fails_is_tried_again_next_time(checkout: Checkout) -> None:
    done = checkout.setup(INSTALL_FAILS="1")
    assert done.returncode == 1
    assert "It needs a network" in done.stderr
    assert checkout.setup().returncode == 0
    assert len(checkout.installs()) == 2


def test_the_version_for_builders_of_platforms_does_not_choose_the_python(checkout: Checkout) -> None:
    # What pyenv puts in the place of Python fails in a folder that asks for a version it has not.
    checkout.program("python3", _PYTHON.replace("#!/bin/sh", _AS_PYENV))
    (checkout.folder / ".python-version").write_text("3.13\n")
    checkout.program("real", _PYTHON)
    assert checkout.setup(REAL=str(checkout.folder.parent / "programs" / "real")).returncode == 0
    assert len(checkout.installs()) == 2


def test_an_old_python_is_refused_in_a_sentence(checkout: Checkout) -> None:
    done = checkout.setup(TOO_OLD="1")
    assert done.returncode == 1
    assert done.stderr == (
        "Pindeck needs Python 3.11 or newer: install it, or name one with PYTHON=/path/to/python3.\n"
    )
    assert not (checkout.folder / ".venv").exists()


def test_a_python_without_ensurepip_is_refused_in_a_sentence_where_we_may_not_install(
    checkout: Checkout,
) -> None:
    done = checkout.setup(NO_VENV="1")
    assert done.returncode == 1
    assert "install python3.11-venv (apt-get install python3.11-venv) and try again" in done.stderr


def test_a_python_without_ensurepip_gets_its_package_as_root_on_debian(checkout: Checkout) -> None:
    checkout.program("id", "#!/bin/sh\necho 0\n")
    checkout.program("apt-get", '#!/bin/sh\necho "apt-get $*" >> "$CALLS"\n')
    assert checkout.setup(NO_VENV="1").returncode == 0
    asked = [line for line in checkout.calls.read_text().splitlines() if line.startswith("apt-get")]
    assert asked == ["apt-get install -y -qq --no-install-recommends python3.11-venv"]
    assert len(checkout.installs()) == 2


def test_what_the_tests_need_is_said_in_a_sentence_where_we_may_not_install(checkout: Checkout) -> None:
    checkout.setup("heif,test")
    bare = checkout.services(BARE="1")
    assert bare.returncode == 0, "the other tests can run"
    assert f"run 'apt-get install {NEEDED}' as root (Debian;" in bare.stderr
    assert checkout.services(BARE="1", CI="true").returncode == 1
    for name in ("curl", "soffice", "pdftoppm"):
        checkout.program(name, "#!/bin/sh\n")
    assert checkout.services(CI="true").returncode == 0


def test_what_the_tests_need_is_installed_as_root_on_debian(checkout: Checkout) -> None:
    checkout.setup("heif,test")
    checkout.program("id", "#!/bin/sh\necho 0\n")
    checkout.program("apt-get", '#!/bin/sh\necho "apt-get $*" >> "$CALLS"\n')
    checkout.services(BARE="1")
    asked = [line for line in checkout.calls.read_text().splitlines() if line.startswith("apt-get")]
    assert asked == [f"apt-get install -y -qq --no-install-recommends {NEEDED} chromium-headless-shell"]
    # Where no package is called so, the others are installed all the same.
    checkout.program("apt-get", '#!/bin/sh\necho "apt-get $*" >> "$CALLS"\ncase "$*" in *headless*) exit 100 ;; esac\n')
    checkout.services(BARE="1")
    assert f"apt-get install -y -qq --no-install-recommends {NEEDED}" in checkout.calls.read_text().splitlines()


def test_the_scripts_are_plain_shell() -> None:
    for script in [*(ROOT / "scripts").glob("*.sh"), ROOT / ".ci" / "run"]:
        shell = "bash" if script.name == "run" else "sh"
        assert subprocess.run([shell, "-n", str(script)]).returncode == 0, script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
