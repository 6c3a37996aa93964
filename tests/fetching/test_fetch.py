"""Downloads from servers that mean no good."""

import gzip
import itertools
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pindeck import __version__, config, fetching
from pindeck.errors import SettingError, TooLarge
from pindeck.fetching import FetchFailed, FetchRefused, Policy, TookTooLong, Unfetchable
from pindeck.storage.filesystem import FilesystemStore
from tests.conftest import ChangeSettings
from tests.fetching.conftest import body_of
from tests.fetching.hostile import HostileServer, answer, redirect

OPEN = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


def test_a_file_comes_through_with_what_the_server_claims(server: HostileServer, policy: Policy) -> None:
    server.pages["/a.png"] = answer(b"<html>not a picture</html>", "Content-Type: image/png; x=y")
    with fetching.fetch(f"{server.base}/a.png#top", max_bytes=100, policy=policy) as fetched:
        assert b"".join(fetched.chunks) == b"<html>not a picture</html>"
        assert (fetched.status, fetched.content_type) == (200, "image/png; x=y")
        assert fetched.final_url == f"{server.base}/a.png"


def test_the_request_says_who_asks_and_nothing_else(server: HostileServer, policy: Policy) -> None:
    server.pages["/a?b=%20c"] = answer(b"x")
    body_of(f"{server.base}/a?b= c", policy)
    assert server.requests[0].split("\r\n") == [
        "GET /a?b=%20c HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"User-Agent: Pindeck/{__version__}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        "",
        "",
    ]


def test_the_settings_count_where_no_policy_is_named(server: HostileServer, change_settings: ChangeSettings) -> None:
    server.pages["/a"] = answer(b"x")
    with pytest.raises(FetchRefused), fetching.fetch(f"{server.base}/a", max_bytes=10):
        pass
    change_settings(fetch_allow_hosts=server.base.removeprefix("http://"))
    with fetching.fetch(f"{server.base}/a", max_bytes=10) as fetched:
        assert list(fetched.chunks) == [b"x"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_without_a_length_ends_with_the_connection(
    server: HostileServer, policy: Policy, version: str
) -> None:
    server.pages["/a"] = f"HTTP/{version} 200 OK\r\n\r\n".encode() + b"picture"
    assert body_of(f"{server.base}/a", policy) == b"picture"


def test_a_file_may_be_empty_or_exactly_as_large_as_allowed(server: HostileServer, policy: Policy) -> None:
    server.pages["/none"] = answer(b"")
    server.pages["/full"] = answer(b"x" * 1000)
    server.pages["/chunked"] = answer(
        b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=None
    )
    assert body_of(f"{server.base}/none", policy) == b""
    assert body_of(f"{server.base}/full", policy, 1000) == b"x" * 1000
    assert body_of(f"{server.base}/chunked", policy, 1000) == b"x" * 1000


# Redirects


def test_redirects_are_followed_and_cookies_left_behind(server: HostileServer, policy: Policy) -> None:
    for i, status in enumerate(["301 a", "302 b", "303 c", "307 d", "308 e"]):
        server.pages[f"/{i}"] = answer(b"no", f"Location: {i + 1}", "Set-Cookie: id=1", status=status)
    server.pages["/5"] = answer(b"there")
    with fetching.fetch(f"{server.base}/0", max_bytes=100, policy=policy) as fetched:
        assert b"".join(fetched.chunks) == b"there"
        assert fetched.final_url == f"{server.base}/5"
    assert len(server.requests) == 6
    assert not any("cookie" in head.lower() for head in server.requests)


def test_a_sixth_redirect_is_not_followed(server: HostileServer, policy: Policy) -> None:
    for i in range(7):
        server.pages[f"/{i}"] = redirect(f"/{i + 1}")
    with pytest.raises(Unfetchable, match="more than 5 times"):
        body_of(f"{server.base}/0", policy)
    assert len(server.requests) == 6


def test_a_redirect_in_a_circle_ends(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = redirect("/b")
    server.pages["/b"] = redirect("/a")
    with pytest.raises(Unfetchable):
        body_of(f"{server.base}/a", policy)


def test_a_redirect_to_another_port_inside_is_refused(
    server: HostileServer, inside: HostileServer, policy: Policy
) -> None:
    server.pages["/a"] = redirect(f"{inside.base}/secret")
    with pytest.raises(FetchRefused):
        body_of(f"{server.base}/a", policy)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::1]/",
        "http://2130706433/",
        "http://127.1/",
        "http://localhost/",
        "http://x.localhost/",
        "https://10.0.0.1/",
        "//192.168.0.1/",
        "file:///etc/passwd",
        "ftp://example.org/a.png",
        "http://user:password@example.org/",
        "http://[/",
        "/" + "x" * 9000,
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_refused(server: HostileServer, policy: Policy, location: str) -> None:
    server.pages["/a"] = redirect(location)
    with pytest.raises(FetchRefused) as caught:
        body_of(f"{server.base}/a", policy)
    assert caught.value.code == "FETCH_REFUSED"


def test_a_redirect_to_nowhere_fails_for_good(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = answer(b"", status="302 Found")
    with pytest.raises(Unfetchable):
        body_of(f"{server.base}/a", policy)


# Answers that are no file


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 401, 403, 404, 410, 418, 451])
def test_an_answer_that_will_stay_so_is_permanent(server: HostileServer, policy: Policy, status: int) -> None:
    server.pages["/a"] = answer(b"", status=f"{status} Said")
    with pytest.raises(Unfetchable, match=str(status)) as caught:
        body_of(f"{server.base}/a", policy)
    assert caught.value.code == "FETCH_FAILED"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_an_answer_that_may_pass_can_be_tried_again(server: HostileServer, policy: Policy, status: int) -> None:
    server.pages["/a"] = answer(b"later", status=f"{status} Said")
    with pytest.raises(FetchFailed, match=str(status)) as caught:
        body_of(f"{server.base}/a", policy)
    assert caught.value.code == "FETCH_FAILED"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 6000 + b"\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhello",
    ],
)
def test_what_is_not_http_is_an_error_of_ours(server: HostileServer, policy: Policy, said: bytes) -> None:
    server.pages["/a"] = said
    with pytest.raises((FetchFailed, TooLarge)):
        body_of(f"{server.base}/a", policy)


def test_a_server_that_is_not_there_can_be_tried_again() -> None:
    # Bound, so that nobody else takes the port, and not listening.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(FetchFailed, match="cannot be reached"):
            body_of(f"http://127.0.0.1:{port}/a", Policy(allow_hosts=frozenset({("127.0.0.1", port)})))


# Too much


def test_a_length_that_is_too_large_ends_it_before_the_body(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = server.silent(answer(b"", length=1001))
    with (
        pytest.raises(TooLarge, match="1000 bytes"),
        fetching.fetch(f"{server.base}/a", max_bytes=1000, policy=policy),
    ):
        pass


def endless(start: str, piece: bytes) -> Iterator[bytes]:
    return itertools.chain([start.encode()], itertools.repeat(piece))


def test_an_endless_body_is_cut_off(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = endless(f"{OPEN}\r\n", b"x" * 4096)
    with pytest.raises(TooLarge, match="1 MiB"):
        body_of(f"{server.base}/a", policy)


@pytest.mark.parametrize("size", [1, 4096])
def test_endless_chunks_are_cut_off(server: HostileServer, policy: Policy, size: int) -> None:
    piece = f"{size:x}\r\n{'x' * size}\r\n".encode()
    server.pages["/a"] = endless(f"{OPEN}Transfer-Encoding: chunked\r\n\r\n", piece * (4096 // size))
    with pytest.raises(TooLarge):
        body_of(f"{server.base}/a", policy, 100_000)


@pytest.mark.parametrize(
    "start", [OPEN, OPEN + "X-Long: ", "HTTP/1.1 200 ", OPEN + "Transfer-Encoding: chunked\r\n\r\n1;x=", ""]
)
def test_a_flood_of_headers_is_cut_off(server: HostileServer, policy: Policy, start: str) -> None:
    server.pages["/a"] = endless(start, b"X-Flood: yes\r\n" * 100 if start == OPEN else b"x" * 1000)
    with pytest.raises(FetchFailed):
        body_of(f"{server.base}/a", policy)


def test_a_flood_of_hints_ends_with_the_time(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = endless("", b"HTTP/1.1 103 Early Hints\r\n\r\n")
    with pytest.raises(TookTooLong):
        body_of(f"{server.base}/a", replace(policy, timeout_s=0.3))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"])
def test_a_compressed_answer_is_refused_unread(server: HostileServer, policy: Policy, encoding: str) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    assert len(bomb) < 6000
    server.pages["/a"] = answer(bomb, f"Content-Encoding: {encoding}")
    with pytest.raises(Unfetchable, match="compressed"):
        body_of(f"{server.base}/a", policy)


def test_an_archive_comes_through_as_it_is(server: HostileServer, policy: Policy) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    server.pages["/a.gz"] = answer(bomb, "Content-Encoding: identity", "Content-Type: application/gzip")
    assert body_of(f"{server.base}/a.gz", policy) == bomb


# Too little, too slow


def test_a_body_that_is_too_short_is_an_error(server: HostileServer, policy: Policy) -> None:
    server.pages["/length"] = answer(b"half", length=8)
    server.pages["/chunked"] = answer(b"8\r\nhalf", "Transfer-Encoding: chunked", length=None)
    server.pages["/no-end"] = answer(b"4\r\nhalf\r\n", "Transfer-Encoding: chunked", length=None)
    for path in server.pages:
        with pytest.raises(FetchFailed, match="incomplete"):
            body_of(f"{server.base}{path}", policy)


def test_a_body_that_is_too_long_ends_where_it_was_to_end(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = answer(b"pictureHTTP/1.1 200 OK\r\n\r\nother", length=7)
    assert body_of(f"{server.base}/a", policy) == b"picture"


@pytest.mark.parametrize("start", ["", "HTTP/1.1 200 OK\r\nX-Slow: ", f"{OPEN}Content-Length: 99999\r\n\r\n"])
def test_a_slow_drip_ends_with_the_time(server: HostileServer, policy: Policy, start: str) -> None:
    server.pages["/a"] = server.dripping(start.encode(), b"x")
    with pytest.raises(TookTooLong):
        body_of(f"{server.base}/a", replace(policy, timeout_s=0.4))


def test_redirects_share_one_time(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = redirect("/b")
    server.pages["/b"] = server.dripping(b"", b"x")
    with pytest.raises(TookTooLong):
        body_of(f"{server.base}/a", replace(policy, timeout_s=0.4))


@pytest.mark.parametrize("start", ["", f"{OPEN}Content-Length: 5\r\n\r\nab"])
def test_a_silent_server_is_not_waited_for(server: HostileServer, policy: Policy, start: str) -> None:
    server.pages["/a"] = server.silent(start.encode())
    with pytest.raises(TookTooLong):
        body_of(f"{server.base}/a", replace(policy, silence_s=0.2))


def test_a_reader_that_takes_its_time_uses_up_the_time(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = server.dripping(f"{OPEN}\r\n".encode(), b"x")
    quick = replace(policy, timeout_s=0.3)
    with pytest.raises(TookTooLong), fetching.fetch(f"{server.base}/a", max_bytes=10**6, policy=quick) as fetched:
        for _ in fetched.chunks:
            pass


# Together with the rest


def test_proxies_of_the_environment_are_not_used(
    server: HostileServer, inside: HostileServer, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, inside.base)
    server.pages["/a"] = answer(b"direct")
    assert body_of(f"{server.base}/a", policy) == b"direct"


def test_a_store_takes_the_chunks_and_keeps_nothing_of_half_a_file(
    server: HostileServer, policy: Policy, tmp_path: Path
) -> None:
    store = FilesystemStore(tmp_path / "files", tmp_path / "public")
    store.prepare()
    server.pages["/whole"] = answer(b"picture")
    server.pages["/half"] = answer(b"pict", length=7)
    for path in ("whole", "half"):
        with fetching.fetch(f"{server.base}/{path}", max_bytes=100, policy=policy) as fetched:
            if path == "whole":
                store.put("files/whole", fetched.chunks, content_type="image/png", limit=100)
            else:
                with pytest.raises(FetchFailed):
                    store.put("files/half", fetched.chunks, content_type="image/png", limit=100)
    assert [found.key for found in store.list("")] == ["files/whole"]


def test_what_the_reader_raises_passes_through(server: HostileServer, policy: Policy) -> None:
    server.pages["/a"] = server.dripping(f"{OPEN}\r\n".encode(), b"x")
    with pytest.raises(KeyError), fetching.fetch(f"{server.base}/a", max_bytes=100, policy=policy) as fetched:
        next(fetched.chunks)
        raise KeyError


def test_importing_the_package_loads_no_client() -> None:
    code = (
        "import sys, pindeck.fetching; print([m for m in ('httpx2', 'httpcore2', 'h11', 'idna') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_settings_make_the_policy(change_settings: ChangeSettings) -> None:
    settings = config.load(
        {"FETCH_ALLOW_HOSTS": "NAS.lan:8080, 10.0.0.5:80,[0:0::1]:81", "FETCH_TIMEOUT_S": "7", "FETCH_MAX_MB": "3"}
    )
    change_settings(**settings.model_dump())
    policy = fetching.policy_of_settings()
    assert policy.allow_hosts == {("nas.lan", 8080), ("10.0.0.5", 80), ("::1", 81)}
    assert (policy.timeout_s, settings.fetch_max_bytes) == (7, 3 * 2**20)
    change_settings(**config.load({}).model_dump())
    assert fetching.policy_of_settings().allow_hosts == frozenset()


@pytest.mark.parametrize(
    "value",
    [
        "nas",
        "nas:",
        ":80",
        "nas:0",
        "nas:65536",
        "http://nas:80",
        "nas:80/x",
        "::1:80",
        "[x]:80",
        "*:80",
        "[1.2.3.4]:80",
    ],
)
def test_a_wrong_list_of_hosts_is_refused_at_start(value: str) -> None:
    with pytest.raises(SettingError, match="FETCH_ALLOW_HOSTS"):
        config.load({"FETCH_ALLOW_HOSTS": value})
