"""Addresses are taken apart strictly, and only once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.fetching.errors import FetchRefused
from pindeck.fetching.urls import Destination, parse, redirected


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://example.org", Destination("https", "example.org", 443, "/")),
        ("HTTP://Example.ORG:8080/A?b=c#d", Destination("http", "example.org", 8080, "/A?b=c")),
        ("http://example.org:/x", Destination("http", "example.org", 80, "/x")),
        ("http://example.org?x", Destination("http", "example.org", 80, "/?x")),
        ("http://8.8.8.8/x", Destination("http", "8.8.8.8", 80, "/x")),
        ("http://[2606:4700:4700:0::1111]:81/x", Destination("http", "2606:4700:4700::1111", 81, "/x")),
        (" https://example.org/a b/ü\n", Destination("https", "example.org", 443, "/a%20b/%C3%BC")),
        ("https://example.org/a%20b", Destination("https", "example.org", 443, "/a%20b")),
        ("https://bücher.example/", Destination("https", "xn--bcher-kva.example", 443, "/")),
        ("http://１２７。0.0.1/", Destination("http", "127.0.0.1", 80, "/")),
    ],
)
def test_an_address_is_taken_apart(url: str, destination: Destination) -> None:
    assert parse(url) == destination
    assert parse(destination.url) == destination


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/x",
        "//example.org/x",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://example.org/x",
        "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/x",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://:80/x",
        "http:example.org",
        "http:\\\\example.org",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:99999999/",
        "http://example.org:8o/",
        "http://example.org:80:80/",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://example.org\t.evil/",
        "http://example.org/\r\nHost: evil",
        "http://example.org/\x00",
        "http://example.org./",
        "http://.example.org/",
        "http://example..org/",
        "http://-x.org/",
        "http://exa mple.org/",
        "http://exa%6dple.org/",
        "http://%31%32%37.0.0.1/",
        "http://*.example.org/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a." * 127 + "org/",
        "http://xn--\udcff.example/",
        "http://example.org/\udcff",
        "http://☃☃\u200d.example\u2044/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://[v1.x]/",
        "http://[127.0.0.1]/",
        "http://[::1]x/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0x7f.0x0.0x0.0x1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0x/",
        "http://1.2.3.4.5/",
        "http://256.256.256.256/",
        "http://example.123/",
        "http://①②⑦.1/",
        "http://example.org/" + "a" * 2000,
    ],
)
def test_anything_but_a_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused) as caught:
        parse(url)
    assert caught.value.message.endswith(".")


@given(st.text() | st.text().map("http://{}/".format) | st.text().map("https://example.org{}".format))
def test_no_text_makes_it_raise_anything_else(url: str) -> None:
    try:
        destination = parse(url)
    except FetchRefused:
        return
    assert parse(destination.url, longest=10**6) == destination
    assert destination.url.isascii() and destination.url.isprintable() and " " not in destination.url


@given(st.binary())
def test_no_redirect_makes_it_raise_anything_else(location: bytes) -> None:
    try:
        destination = redirected(parse("https://example.org/a/b?c"), location)
    except FetchRefused as error:
        assert error.message.endswith(".")
        return
    assert parse(destination.url, longest=10**6) == destination


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (b"c", "https://example.org/a/c"),
        (b"/c?d", "https://example.org/c?d"),
        (b"//other.org/c", "https://other.org/c"),
        (b"http://other.org:81", "http://other.org:81/"),
        ("/ü".encode(), "https://example.org/%C3%BC"),
        ("/ü".encode("latin-1"), "https://example.org/%C3%BC"),
        (b"/" + b"s" * 5000, "https://example.org/" + "s" * 5000),
    ],
)
def test_a_redirect_may_be_relative_and_long(location: bytes, url: str) -> None:
    assert redirected(parse("https://example.org/a/b"), location).url == url
