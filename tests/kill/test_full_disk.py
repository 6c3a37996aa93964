"""From a full disk the way back works from inside: on a small disk, mounted for this test alone."""

import subprocess
import sys
import tempfile

import pytest

from tests.stack import ROOT
from tests.storage.test_filesystem import own_mounts

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]


def test_a_disk_that_is_full_has_a_way_back() -> None:
    unshare = own_mounts()
    assert unshare, (
        "No disk can be mounted here: this test needs root or namespaces of ordinary users "
        "(sysctl kernel.unprivileged_userns_clone=1)."
    )
    # pytest's own folders are too deep for the socket of the queue.
    with tempfile.TemporaryDirectory(prefix="pindeck-disk-") as folder:
        done = subprocess.run(
            [*unshare, sys.executable, "-m", "tests.kill.on_a_small_disk", folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
