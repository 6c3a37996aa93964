"""The stores that the contract is tested on: files on disk, ministack, and Ceph RGW with `-m rgw`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import config, storage
from pindeck.storage import ObjectStore
from tests.servers.rgw import start_rgw
from tests.servers.s3 import S3Server

OBJECT_STORES = ["ministack", pytest.param("rgw", marks=pytest.mark.rgw)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave Ceph RGW out unless it is asked for: it needs packages of the operating system."""
    if "rgw" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("rgw")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("rgw")]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def rgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = start_rgw(tmp_path_factory.mktemp("rgw"))
    yield server
    server.stop()


@pytest.fixture(params=OBJECT_STORES)
def server(request: pytest.FixtureRequest) -> S3Server:
    """Every S3 server in turn, for what only object stores do."""
    found: S3Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["filesystem", *OBJECT_STORES])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings of an empty store of every kind in turn."""
    if request.param == "filesystem":
        return {"DATA_DIR": str(tmp_path / "data")}
    found: S3Server = request.getfixturevalue(request.param)
    return found.environ()


@pytest.fixture
def store(environ: dict[str, str]) -> ObjectStore:
    return prepared(environ)


def prepared(environ: dict[str, str]) -> ObjectStore:
    """The store that these settings name, ready for use."""
    made = storage.from_settings(config.load(environ))
    made.prepare()
    return made
