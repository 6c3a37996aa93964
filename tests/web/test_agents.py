"""Browsers are told by a name that a person knows."""

import pytest

from pindeck.web.agents import browser_name

MOZILLA = "Mozilla/5.0 "
WEBKIT = " AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (MOZILLA + "(X11; Linux x86_64)" + WEBKIT + "Chrome/131.0.0.0 Safari/537.36", "Chrome on Linux"),
        (MOZILLA + "(Windows NT 10.0; Win64; x64)" + WEBKIT + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge on Windows"),
        (MOZILLA + "(Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on macOS"),
        (MOZILLA + "(iPhone; CPU iPhone OS 18_1 like Mac OS X)" + WEBKIT + "Version/18.1 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (MOZILLA + "(Linux; Android 14; SM-S911B)" + WEBKIT + "SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        ("curl/8.5.0", "curl"),
        ("<script>" * 20, ("<script>" * 20)[:40]),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_by_its_name_and_system(agent: str, name: str) -> None:
    assert browser_name(agent) == name
