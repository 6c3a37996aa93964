"""scripts/audit.py: which versions an advisory concerns, and that what cannot be known never passes."""

import importlib.util
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.runtime.conftest import ROOT
from tests.servers.s3 import free_port


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def advisory(*events: dict[str, str], **more: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": "Some_Thing"}
    return {"affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}], **more}]}


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}, {"fixed": "2.0"}], ["0.1", "1.9.9", "2.0rc1"], ["2.0", "10.0"]),
        ([{"introduced": "1.5"}, {"last_affected": "1.10"}], ["1.5", "1.9", "1.10"], ["1.4", "1.10.1"]),
        ([{"introduced": "3.0"}], ["3.0", "12.0"], ["2.9"]),
        (
            [{"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "2.0"}, {"fixed": "2.3"}],
            ["1.0", "2.0", "2.2"], ["1.1", "1.9", "2.3"],
        ),
    ],
)  # fmt: skip
def test_a_range_begins_and_ends_where_the_advisory_says(
    audit: ModuleType, events: list[dict[str, str]], inside: list[str], outside: list[str]
) -> None:
    one = advisory(*events)
    assert [number for number in inside if not audit.concerns(one, "some-thing", number)] == []
    assert [number for number in outside if audit.concerns(one, "some-thing", number)] == []
    assert not audit.concerns(one, "another", inside[0])


def test_a_version_that_is_listed_is_concerned(audit: ModuleType) -> None:
    assert audit.concerns(advisory(versions=["4.1"]), "some-thing", "4.1")
    assert not audit.concerns(advisory(versions=["4.1"]), "some-thing", "4.2")


def test_what_cannot_be_known_fails_with_a_sentence(
    audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "broken.json").write_text("{")
    nobody = f"http://127.0.0.1:{free_port()}/"
    for copy, service in (
        ("", nobody), (str(tmp_path / "none"), nobody), (str(empty), nobody), (str(tmp_path / "folder"), nobody),
    ):  # fmt: skip
        assert audit.main(copy, service) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("Nothing is known about the pins: ")
        assert said.err.count("\n") == 1
