"""Requests are answered for the names that the settings know: another name may lead here from a stranger's page."""

import pytest
from flask import Flask

from pindeck import db, hosts
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import SettingError
from tests.conftest import ClientFor, count_queries, load_settings

EVIL = "http://rebinding.example"


@pytest.fixture
def engine() -> str:
    """A name is refused before the database is asked."""
    return "sqlite"


def served(tmp_path, **environ: str) -> hosts.Served:
    return load_settings(tmp_path, **environ).served_hosts


LOCAL: dict[str, str] = {}
SITE = {"SITE_URL": "https://Pins.example.org:8443", "ALLOWED_HOSTS": "old.example.org, [fd00::5]"}
FRONTS = {**SITE, "MEDIA_BASE_URL": "https://media.example.net/pins", "CDN_BASE_URL": "https://cdn.example.net"}
ANYWHERE = {"HOST": "0.0.0.0"}


@pytest.mark.parametrize(
    ("environ", "host", "path", "answered"),
    [
        (LOCAL, "localhost", "/", True),
        (LOCAL, "localhost:8000", "/", True),
        (LOCAL, "LOCALHOST.:8000", "/", True),
        (LOCAL, "127.0.0.1:9000", "/", True),
        (LOCAL, "[::1]:8000", "/", True),
        (LOCAL, "rebinding.example", "/", False),
        (LOCAL, "rebinding.example:8000", "/sign-up", False),
        (LOCAL, "localhost.rebinding.example", "/", False),
        (LOCAL, "127.0.0.1.rebinding.example", "/", False),
        (LOCAL, "localhost@rebinding.example", "/", False),
        (LOCAL, "rebinding.example:80:localhost", "/", False),
        (LOCAL, "", "/", False),
        ({"ALLOWED_HOSTS": "pins.lan"}, "pins.lan:8000", "/", True),
        ({"ALLOWED_HOSTS": "pins.lan"}, "localhost", "/", True),
        (SITE, "pins.example.org", "/", True),
        (SITE, "pins.example.org:8443", "/", True),
        (SITE, "old.example.org", "/", True),
        (SITE, "[FD00::5]:80", "/", True),
        (SITE, "localhost", "/", False),
        (SITE, "example.org", "/", False),
        (FRONTS, "media.example.net", "/media/ab/x.webp", True),
        (FRONTS, "media.example.net", "/i/x", False),
        (FRONTS, "media.example.net", "/", False),
        (FRONTS, "cdn.example.net", "/i/x", True),
        (FRONTS, "cdn.example.net", "/media/ab/x.webp", False),
        (FRONTS, "cdn.example.net", "/api/v1/session", False),
        (ANYWHERE, "whatever.example", "/", True),
        (ANYWHERE, "", "/", True),
        ({**ANYWHERE, "ALLOWED_HOSTS": "pins.lan"}, "whatever.example", "/", False),
        ({**ANYWHERE, **SITE}, "whatever.example", "/", False),
    ],
)
def test_who_is_answered(tmp_path, environ: dict[str, str], host: str, path: str, answered: bool) -> None:
    assert served(tmp_path, **environ).serves(host, path) is answered


@pytest.mark.parametrize("value", ["a:80", "http://a", "a b", "-a", "[::1", "a,,b c", "a/b", "*"])
def test_a_list_of_hosts_that_is_none_is_refused(tmp_path, value: str) -> None:
    with pytest.raises(SettingError, match="ALLOWED_HOSTS"):
        load_settings(tmp_path, ALLOWED_HOSTS=value)


def test_a_page_under_a_strange_name_makes_no_account_and_asks_nothing_of_the_database(
    app: Flask, client_for: ClientFor, olga: Actor
) -> None:
    browser = client_for(olga)
    db.close()
    with count_queries() as seen:
        for path in ("/", "/sign-up", "/account", "/static/css/base.css", "/nothing/here"):
            answer = browser.get(path, base_url=EVIL)
            assert (answer.status_code, answer.mimetype) == (421, "text/html"), path
            assert "ALLOWED_HOSTS" in answer.text
            assert "Set-Cookie" not in answer.headers
        made = browser.post("/sign-up", base_url=EVIL, data={"email": "m@example.org", "password": "x" * 12})
        assert made.status_code == 421
        answer = browser.get("/api/v1/images", base_url=EVIL, headers={"X-API-Key": "pd_m_x"})
        assert answer.status_code == 421
        assert answer.json["success"] is False
        assert answer.json["error"]["code"] == "MISDIRECTED_REQUEST"
    assert seen == []


def test_health_is_told_to_whoever_asks(client_for: ClientFor) -> None:
    for path in ("/healthz", "/readyz"):
        assert client_for().get(path, base_url="http://10.1.2.3:8000").status_code != 421


class TestBehindAProxy:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"SITE_URL": "https://pins.example.org", "TRUSTED_PROXIES": "1"}

    def test_the_name_that_the_visitor_asked_for_counts(self, client_for: ClientFor, database: Settings) -> None:
        named = {"X-Forwarded-Host": "pins.example.org", "X-Forwarded-Proto": "https"}
        assert client_for().get("/", headers=named).status_code == 200
        assert client_for().get("/", headers={"X-Forwarded-Host": "rebinding.example"}).status_code == 421


class TestWithoutAProxy:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"SITE_URL": "https://pins.example.org"}

    def test_a_stranger_cannot_claim_a_name(self, client_for: ClientFor) -> None:
        claimed = {"X-Forwarded-Host": "pins.example.org"}
        assert client_for().get("/", base_url=EVIL, headers=claimed).status_code == 421
