"""Settings: documented, typed, and refused with a sentence when wrong."""

import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from pindeck import config
from pindeck.errors import SettingError

ROOT = Path(__file__).resolve().parent.parent
PG_AND_S3 = {
    "DATABASE_URL": "postgresql://db/x", "SECRET_KEY": "k" * 32,
    "MINIO_ENDPOINT": "s3:9000", "MINIO_ACCESS_KEY": "a", "MINIO_SECRET_KEY": "b",
}  # fmt: skip


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
        ({"SITE_URL": "https://example.org/pins"}, "without a path"),
        ({"SITE_URL": "https://example.org/?a"}, "SITE_URL"),
        ({"SITE_URL": "https://name:password@example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://example.org:port"}, "SITE_URL"),
        ({"MEDIA_BASE_URL": "https://name:password@example.org/x"}, "MEDIA_BASE_URL"),
        ({"CDN_BASE_URL": "cdn.example.org"}, "CDN_BASE_URL"),
        ({"MINIO_ENDPOINT": "https://s3.example.org"}, "without scheme"),
        ({"SIGN_IN_RATE": "often"}, "SIGN_IN_RATE"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATABASE_URL": "postgresql://db/x"}, "SECRET_KEY"),
        ({"DATABASE_URL": "postgresql://db/x", "SECRET_KEY": "k" * 32}, "ALLOW_LOCAL_FILES"),
        ({"MINIO_ENDPOINT": "s3:9000"}, "MINIO_ACCESS_KEY"),
        ({**PG_AND_S3}, "REDIS_URL"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
        ({"WORKER_QUEUES": "media,mail"}, "WORKER_QUEUES"),
        ({"VISION_BACKEND": "magic"}, "VISION_BACKEND"),
        ({"VISION_BACKEND": "openai"}, "VISION_API_KEY"),
        ({"VISION_BACKEND": "openrouter", "VISION_BASE_URL": "http://here/v1"}, "VISION_API_KEY"),
        ({"VISION_API_KEY": "sk-\u00e4hm"}, "VISION_API_KEY"),
        ({"VISION_BASE_URL": "ollama:11434"}, "VISION_BASE_URL"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_that_names_it(environ, words):
    with pytest.raises(SettingError, match=words):
        config.load(environ)


def test_the_top_of_a_host_is_a_site_address_with_and_without_a_slash():
    for value in ("https://pins.example.org", "https://pins.example.org/"):
        assert config.load({"SITE_URL": value}).site_url == "https://pins.example.org"


def test_postgresql_wants_a_queue_that_other_machines_reach_unless_there_is_only_this_one():
    assert config.load({**PG_AND_S3, "REDIS_URL": "redis://queue"}).redis_url
    assert config.load({**PG_AND_S3, "ALLOW_LOCAL_FILES": "1"}).redis_url == ""


PASSWORD = "hunter2-and-more"


@pytest.mark.parametrize(
    "environ",
    [
        {"DATABASE_URL": f"mysql://pins:{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"pins:{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"postgresql://pins:a/{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"postgresql://pins:1#{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"postgresql://pins:1?{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"postgresql://pins:{PASSWORD}@db:port/pins"},
        {"REDIS_URL": f"http://:{PASSWORD}@queue"},
        {"REDIS_URL": f"redis://:{PASSWORD}@queue:port"},
        {"REDIS_URL": f"redis://:[{PASSWORD}@queue"},
        {"SITE_URL": f"postgresql://pins:a/{PASSWORD}@db/pins"},
        {"MEDIA_BASE_URL": f"https://pins:{PASSWORD}@cdn/pins"},
        {"MINIO_ENDPOINT": f"key:{PASSWORD}@s3"},
        {"SECRET_KEY": PASSWORD[:15]},
        {"SECRET_KEY": PASSWORD, "PORT": PASSWORD},
        {"SECRET_KEY_FILE": PASSWORD},
        {"DATABASE_URL_FILE": f"postgresql://pins:{PASSWORD}@db/pins"},
        {"VISION_API_KEY": f"{PASSWORD}\n{PASSWORD}"},
        {"PORT_FILE": f"postgresql://pins:{PASSWORD}@db/pins"},
        {"DATABASE_URL": f"postgresql://pins:{PASSWORD}@db/pins"},
    ],
    ids=str,
)
def test_no_sentence_and_no_traceback_shows_a_secret(environ):
    with pytest.raises(SettingError) as caught:
        config.load(environ)
    told = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in told and PASSWORD[:15] not in told
    assert any(name in str(caught.value) for name in (*environ, "SECRET_KEY"))


def test_the_text_of_the_settings_shows_no_secret():
    secrets = {
        "SECRET_KEY": PASSWORD, "DATABASE_URL": f"postgresql://pins:{PASSWORD}@db/pins",
        "REDIS_URL": f"redis://:{PASSWORD}@queue", "MINIO_ENDPOINT": "s3", "MINIO_ACCESS_KEY": PASSWORD,
        "MINIO_SECRET_KEY": PASSWORD, "VISION_API_KEY": PASSWORD,
    }  # fmt: skip
    settings = config.load(secrets)
    assert PASSWORD not in repr(settings) and PASSWORD not in str(settings)
    assert settings.secret_key == PASSWORD


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="PORT_FILE"):
        config.load({"PORT_FILE": str(tmp_path / "key")})


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


OPENROUTER = "https://openrouter.ai/api/v1"


@pytest.mark.parametrize(
    ("environ", "is_on", "url", "key", "model"),
    [
        ({}, False, OPENROUTER, "", "qwen/qwen3-vl-8b-instruct"),
        ({"VISION_API_KEY": "k"}, True, OPENROUTER, "k", "qwen/qwen3-vl-8b-instruct"),
        ({"VISION_API_KEY": "k", "VISION_BACKEND": "offline"}, False, OPENROUTER, "k", "qwen/qwen3-vl-8b-instruct"),
        ({"OPENROUTER_API_KEY": "b", "OPEN_ROUTER_KEY": "a"}, True, OPENROUTER, "a", "qwen/qwen3-vl-8b-instruct"),
        ({"OPENROUTER_API_KEY": "b", "VISION_API_KEY": "k"}, True, OPENROUTER, "k", "qwen/qwen3-vl-8b-instruct"),
        ({"OPENROUTER_API_KEY": "b", "OPENROUTER_VLM_MODEL": "m"}, True, OPENROUTER, "b", "m"),
        ({"OPENROUTER_API_KEY": "b", "VISION_BASE_URL": OPENROUTER + "/"}, True, OPENROUTER, "b", "qwen/qwen3-vl-8b-instruct"),
        # A key of OpenRouter's goes to nobody else.
        ({"OPENROUTER_API_KEY": "b", "VISION_BASE_URL": "http://ollama:11434/v1/", "VISION_MODEL": "llava"}, True, "http://ollama:11434/v1", "", "llava"),
        ({"OPENROUTER_API_KEY": "b", "VISION_BASE_URL": "http://here", "VISION_BACKEND": "openrouter"}, True, OPENROUTER, "b", "qwen/qwen3-vl-8b-instruct"),
    ],
)
def test_a_key_or_an_address_switches_the_model_on(environ, is_on, url, key, model):
    settings = config.load(environ)
    assert (settings.vision_is_on, settings.vision_url) == (is_on, url)
    assert (settings.vision_api_key, settings.vision_model) == (key, model)


def test_only_the_configuration_reads_the_environment():
    allowed = {"config.py", "cli"}  # the command line hands it on
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "pindeck").rglob("*.py")
        if path.relative_to(ROOT / "pindeck").parts[0] not in allowed
        and ("os.environ" in path.read_text() or "getenv" in path.read_text())
    ]
    assert readers == []
