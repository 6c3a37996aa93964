"""Settings: documented, typed, and refused with a sentence when wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from pindeck import config
from pindeck.errors import SettingError

ROOT = Path(__file__).resolve().parent.parent


def test_the_readme_and_the_example_list_every_setting_as_it_is():
    check = subprocess.run(
        [sys.executable, "scripts/settings_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout


def test_every_setting_has_a_description():
    assert [n for n, f in config.Settings.model_fields.items() if not (f.description or "").endswith(".")] == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"REGISTRATION": "maybe"}, "REGISTRATION"),
        ({"SITE_URL": "pindeck.org"}, "SITE_URL"),
        ({"SIGN_IN_RATE": "often"}, "SIGN_IN_RATE"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATABASE_URL": "postgresql://db/x"}, "SECRET_KEY"),
        ({"DATABASE_URL": "postgresql://db/x", "SECRET_KEY": "k" * 32}, "ALLOW_LOCAL_FILES"),
        ({"MINIO_ENDPOINT": "s3:9000"}, "MINIO_ACCESS_KEY"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
        ({"WORKER_QUEUES": "media,mail"}, "WORKER_QUEUES"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_that_names_it(environ, words):
    with pytest.raises(SettingError, match=words):
        config.load(environ)


def test_a_secret_is_read_from_a_file(tmp_path):
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert config.load({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "k" * 40


def test_the_signing_key_is_made_once_and_readable_by_the_owner_alone(tmp_path):
    settings = config.load({"DATA_DIR": str(tmp_path)})
    first = config.secret_key(settings)
    assert config.secret_key(settings) == first
    assert len(first) == 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_guests_follow_the_public_library_unless_said_otherwise():
    assert config.load({"PUBLIC_LIBRARY": "0"}).guests_allowed is False
    assert config.load({"PUBLIC_LIBRARY": "0", "GUEST_ACCESS": "1"}).guests_allowed is True


def test_only_the_configuration_reads_the_environment():
    allowed = {"config.py", "cli"}  # the command line hands it on
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "pindeck").rglob("*.py")
        if path.relative_to(ROOT / "pindeck").parts[0] not in allowed
        and ("os.environ" in path.read_text() or "getenv" in path.read_text())
    ]
    assert readers == []
