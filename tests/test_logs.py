"""Lines of the log: one an event, nothing that acts on a terminal, and no secrets."""

import io
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from pindeck import config, logs, masking
from tests.conftest import ClientFor


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What everything of this process logs, as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter(logs.FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def test_words_of_strangers_stay_on_their_line(written: io.StringIO) -> None:
    logging.getLogger("pindeck.any").warning("file %s", "a\r\n2026 ERROR pindeck forged\x1b[2J\u202e\u2028\x00\x85 Größe")
    (line,) = written.getvalue().split("\n")[:-1]
    assert line.endswith(r"file a\r\n2026 ERROR pindeck forged\x1b[2J\u202e\u2028\x00\x85 Größe")


def test_half_a_character_does_not_break_the_log() -> None:
    assert logs.escaped("name \ud800").encode() == rb"name \ud800"


def test_no_line_of_a_traceback_looks_like_a_record(written: io.StringIO) -> None:
    try:
        raise ValueError("odd\n2026-01-01 00:00:00,000 ERROR pindeck forged\r\x1b[1A")
    except ValueError:
        logging.getLogger("pindeck.any").exception("it failed\nfor %s", "a\nb")
    first, *rest = written.getvalue().split("\n")[:-1]
    assert first.endswith(r"it failed\nfor a\nb")
    assert len(rest) > 2
    assert all(line.startswith("    ") for line in rest)
    assert r"forged\r\x1b[1A" in rest[-1]


def test_secrets_that_the_settings_hold_are_not_logged(written: io.StringIO) -> None:
    config.load({"REDIS_URL": "redis://:horse%2Fbattery@queue", "SECRET_KEY": "staple-staple-staple"})
    log = logging.getLogger("pindeck.any")
    log.warning("cannot reach redis://:horse%2Fbattery@queue, horse/battery, staple-staple-staple")
    assert written.getvalue().endswith("cannot reach redis://:…@queue, …, …\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://pins:pa/ss@wo@db:5432/pins failed", "postgresql://pins:…@db:5432/pins failed"),
        ("at https://name:pass@example.org/x", "at https://…@example.org/x"),
        ("at https://example.org:80/i/@hero", "at https://example.org:80/i/@hero"),
        ("postgresql:/pins:pass@db", "postgresql:/pins:…@db"),
        ("postgresql://pins@db/pins", "postgresql://pins@db/pins"),
        ("host=db password=secret user=x", "host=db password=… user=x"),
        ("mail olga@example.org", "mail olga@example.org"),
    ],
)
def test_passwords_in_addresses_are_masked(text: str, shown: str) -> None:
    assert masking.masked(text) == shown


def test_a_page_that_fails_logs_its_path_on_one_line(
    app: Flask, client_for: ClientFor, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("A fault of ours")

    monkeypatch.setattr("pindeck.access.image_for", broken)
    answer = client_for().get("/images/a%0D%0A2026-01-01%20ERROR%20pindeck%20forged%1B%5B2J")
    assert answer.status_code == 500
    first, *rest = written.getvalue().split("\n")[:-1]
    assert r"GET /images/a\r\n2026-01-01 ERROR pindeck forged\x1b[2J" in first
    assert rest and all(line.startswith("    ") for line in rest)
