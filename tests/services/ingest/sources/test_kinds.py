"""Lists of links, channels of Are.na, and boards of Pinterest through a program that stands in for gallery-dl."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pindeck.errors import Invalid
from pindeck.fetching import FetchFailed
from pindeck.models import Image, ImageTag, ImportBatch
from pindeck.services.ingest.sources import arena, gallery_dl, kinds, runs, sources
from tests.conftest import ChangeSettings
from tests.fetching.hostile import HostileServer, answer
from tests.services.ingest.sources.conftest import Feed

BOARD = "https://www.pinterest.com/olga/alleys/"


def test_a_list_of_links_brings_pictures_and_the_pictures_of_pages(feed: Feed) -> None:
    base = feed.web.base
    feed.web.pages["/page"] = answer(b'<meta property="og:image" content="/2.jpg">', "Content-Type: text/html")
    feed.web.pages["/picture"] = answer(b"x", "Content-Type: image/jpeg")
    text = f"{base}/1.jpg\n\n  {base}/page \r\n{base}/1.jpg\n{base}/none"
    feed.id = sources.create(feed.owner, "links", links=text, project="Alley").source.id
    assert feed.source.links == [f"{base}/1.jpg", f"{base}/page", f"{base}/none"] and feed.source.name.endswith("/1.jpg")
    batch = feed.run()
    assert (batch.created_count, batch.failed_count) == (2, 1)
    assert feed.states == ["sent", "sent", "failed"]
    assert {image.external_url for image in Image.select()} == {f"{base}/1.jpg", f"{base}/2.jpg"}
    sources.update(feed.owner, feed.id, links=[f"{base}/picture", f"{base}/1.jpg"])
    assert feed.run().created_count == 1


@pytest.mark.parametrize(
    ("links", "says"),
    [("", "at least one"), (None, "one a line"), (5, "one a line"), (["x", 5], "one a line"), ("https://a.example/\nftp://x", "Line 2"),
     ([f"https://a.example/{n}" for n in range(1001)], "at most 1000")],
)  # fmt: skip
def test_a_list_that_is_wrong_is_refused_with_its_line(feed: Feed, links: Any, says: str) -> None:
    with pytest.raises(Invalid) as error:
        sources.create(feed.owner, "links", links=links)
    assert says in error.value.fields["links"]


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [("feed", {"url": "https://a.example/", "links": ["https://a.example/"]}, "links"), ("links", {"url": "https://a.example/"}, "url"),
     ("arena", {"url": "https://arena.example/olga/alleys"}, "url"), ("arena", {"url": "https://www.are.na/"}, "url"),
     ("arena", {"url": "https://www.are.na/a/b/c"}, "url"), ("pinterest", {"url": BOARD}, "kind"), ("pigeon", {"url": BOARD}, "kind")],
)  # fmt: skip
def test_what_does_not_fit_the_kind_names_its_field(feed: Feed, kind: str, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        sources.create(feed.owner, kind, **given)
    assert field in error.value.fields


def block(n: int, **more: Any) -> dict[str, Any]:
    return {"id": n, "class": "Image", "title": f"Block {n}", "image": {"original": {"url": f"https://cdn.example/{n}.jpg"}}, **more}


def test_a_channel_of_are_na_is_read_page_by_page(feed: Feed, change_settings: ChangeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena, "PER_PAGE", 3)
    change_settings(arena_base_url=feed.web.base)
    pages = [
        [block(1, image={"original": {"url": f"{feed.web.base}/1.jpg"}}), {"id": 2, "class": "Text", "image": None}, block(3)],
        [block(1), "no block", block(4, image={"original": None})],
        [block(5, description="Wet street"), block(6, image=None, source={"url": f"{feed.web.base}/linked"})],
    ]
    feed.web.pages["/linked"] = answer(b"<meta property='og:image' content='/2.jpg'>", "Content-Type: text/html")
    for number, blocks in enumerate(pages, 1):
        feed.web.pages[f"/channels/alleys-at-night/contents?page={number}&per=3"] = answer(json.dumps({"contents": blocks}).encode())
    feed.id = sources.create(feed.owner, "arena", url="https://www.are.na/olga/alleys-at-night").source.id
    assert feed.run().created_count == 4
    assert [(item.title, item.url and item.url[-6:]) for item in feed.items] == [
        ("Block 1", "/1.jpg"), ("Block 3", "/3.jpg"), ("Block 5", "/5.jpg"), ("Block 6", "/2.jpg"),
    ]  # fmt: skip
    assert feed.items[0].page_url == "https://www.are.na/block/1" and Image.select().where(Image.description == "Wet street").exists()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"contents": {}}', b'{"contents": []}', b"[" * 100_000])
def test_an_answer_of_are_na_without_pictures_fails_the_run(feed: Feed, change_settings: ChangeSettings, body: bytes) -> None:
    change_settings(arena_base_url=feed.web.base)
    feed.web.pages["/channels/alleys/contents?page=1&per=100"] = answer(body)
    feed.id = sources.create(feed.owner, "arena", url="https://are.na/channel/alleys").source.id
    batch = feed.run()
    assert batch.status == "failed" and batch.error


# gallery-dl


class Program:
    """Stands in for gallery-dl: `says` a list for an address, or does what a script says."""

    def __init__(self, folder: Path, change_settings: ChangeSettings) -> None:
        self.folder, self.path, self.noted = folder, folder / "gallery-dl", folder / "noted"
        change_settings(gallery_dl=str(self.path))

    def does(self, script: str) -> None:
        note = f"import json, os, sys\nopen({str(self.noted)!r}, 'a').write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]) + '\\n')\n"
        self.path.write_text(f"#!{sys.executable}\n{note}{script}\n")
        self.path.chmod(0o755)

    def says(self, by_address: dict[str, Any]) -> None:
        self.does(f"print(json.dumps(json.loads({json.dumps(by_address)!r})[sys.argv[-1]]))")

    @property
    def calls(self) -> list[tuple[list[str], dict[str, str], str]]:
        return [tuple(json.loads(line)) for line in self.noted.read_text().splitlines()]  # type: ignore[misc]


@pytest.fixture
def program(tmp_path: Path, change_settings: ChangeSettings, feed: Feed) -> Program:
    (tmp_path / "bin").mkdir()
    return Program(tmp_path / "bin", change_settings)


def pin(web: HostileServer, n: int, path: str, **more: Any) -> list[Any]:
    return [3, f"{web.base}{path}", {"id": str(n), "title": " ", "grid_title": f"Pin {n}", "extension": "jpg", **more}]


def test_pins_of_a_board_come_once_each_through_the_program(
    feed: Feed, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change_settings: ChangeSettings
) -> None:
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("secret cookies")
    change_settings(pinterest_cookies_file=str(cookies))
    monkeypatch.setenv("SECRET_KEY", "of the product")
    web = feed.web
    web.pages["/originals/1.jpg"] = web.pages["/1.jpg"]
    same = [pin(web, 1, path) for path in ("/1.jpg", "/736x/1.jpg", "/originals/1.jpg", "/474x/1.jpg", "/236x/1.jpg")]
    film = pin(web, 7, "/7.mp4", extension="mp4")
    program.says({BOARD: [[2, {}], *same, pin(web, 2, "/2.jpg"), film, [3, "ftp://x", {"id": "8"}], "odd", []]})
    feed.id = sources.create(feed.owner, "pinterest", url="https://de.pinterest.com/olga/alleys/?x=1", name="Alleys").source.id
    assert feed.source.url == BOARD
    batch = feed.run()
    assert (batch.created_count, batch.origin) == (2, "pinterest")
    first = Image.get(Image.id == feed.items[0].image_id)
    assert (first.external_url, first.title) == (f"{web.base}/originals/1.jpg", "Pin 1")
    assert (first.origin, first.status, first.source_url) == ("pinterest", "pending", "https://www.pinterest.com/pin/1/")
    assert {"pinterest", "alleys", "reference"} <= {row.tag for row in ImageTag.select().where(ImageTag.image_id == first.id)}
    arguments, environ, home = program.calls[0]
    assert arguments[:2] == ["--config-ignore", "-j"] and arguments[-1] == BOARD
    assert environ["HOME"] == home and "SECRET_KEY" not in environ and "DATA_DIR" not in environ
    copy = arguments[arguments.index("--cookies") + 1]
    assert copy.startswith(home) and not Path(home).exists() and cookies.read_text() == "secret cookies"


def test_a_channel_whose_api_gives_nothing_is_listed_by_the_program(feed: Feed, program: Program, change_settings: ChangeSettings, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("of Pinterest")
    change_settings(arena_base_url=feed.web.base, pinterest_cookies_file=str(cookies))
    block = [3, f"{feed.web.base}/1.jpg", {"id": 7, "title": "Alley", "description": "Wet"}]
    odd = [[3, "ftp://x", {"id": 8}], [3, f"{feed.web.base}/2.jpg", {"id": "x"}], [3, f"{feed.web.base}/2.jpg"], "odd"]
    program.says({"https://www.are.na/olga/alleys": [block, block, *odd]})
    feed.id = sources.create(feed.owner, "arena", url="http://are.na/olga/alleys").source.id
    assert feed.run().created_count == 1
    (item,) = feed.items
    assert (item.external_id, item.title, item.page_url) == ("7", "Alley", "https://www.are.na/block/7")
    assert "--cookies" not in program.calls[0][0]
    page = "/channels/alleys/contents?page=1&per=100"
    feed.web.pages[page] = answer(json.dumps({"contents": [{"id": 7, "class": "Image", "image": {"original": {"url": f"{feed.web.base}/1.jpg"}}}]}).encode())
    batch = feed.run()
    assert (batch.status, batch.created_count, len(program.calls)) == ("done", 0, 1), "The API is back, and gives the same block."
    change_settings(gallery_dl="")
    del feed.web.pages[page]
    assert "404" in feed.run().error


def test_the_boards_of_a_profile_are_read_in_turn(feed: Feed, program: Program) -> None:
    profile = "https://www.pinterest.com/olga/"
    further = [[6, BOARD, {}], [6, BOARD, {}], [6, "https://elsewhere.example/", {}], [6, profile, {}]]
    program.says({profile: further, BOARD: [pin(feed.web, 1, "/1.jpg"), [6, profile, {}]]})
    assert [each.external_id for each in gallery_dl.read(profile)] == ["1"]
    assert [call[0][-1] for call in program.calls] == [profile, BOARD]


@pytest.mark.parametrize(
    ("script", "error", "says"),
    [
        ("""print('[[-1, {"error": "AuthorizationError", "message": "Sign in first"}]]')""", FetchFailed, "Sign in first"),
        ("""print('[[-1, {}]]')""", FetchFailed, "it failed"),
        ("print('not a list')", FetchFailed, "no list"),
        ("print('{}')", FetchFailed, "something else"),
        ("sys.exit(64)", Invalid, "does not know"),
        ("sys.exit(1)", FetchFailed, "ended with 1"),
        ("import time; time.sleep(600)", FetchFailed, "too long"),
        ("print('x' * 5_000_000)", FetchFailed, "no list"),
    ],
)
def test_what_the_program_says_counts_and_not_how_it_ends(
    program: Program, monkeypatch: pytest.MonkeyPatch, script: str, error: type[Exception], says: str
) -> None:
    monkeypatch.setattr(gallery_dl, "LASTS_S", 1 if "sleep" in script else 60)
    monkeypatch.setattr(gallery_dl, "MAX_BYTES", 1_000_000)
    program.does(script)
    with pytest.raises(error, match=says):
        gallery_dl.read(BOARD)


def test_a_program_or_cookies_that_are_not_there_fail_the_run(
    feed: Feed, program: Program, change_settings: ChangeSettings
) -> None:
    feed.id = sources.create(feed.owner, "pinterest", url=BOARD).source.id
    assert "GALLERY_DL" in feed.run().error
    change_settings(pinterest_cookies_file="/nowhere/cookies.txt")
    assert "PINTEREST_COOKIES_FILE" in feed.run().error
    change_settings(gallery_dl="")
    assert "GALLERY_DL" in feed.run().error
    assert ImportBatch.select().count() == 3 and Image.select().count() == 0


@pytest.mark.parametrize("url", ["https://pinterest.example/olga/", "https://www.pinterest.com.evil.example/x", "https://www.pinterest.com:8080/x",
                                 "https://www.pinterest.com/", "--exec=x", "https://evilpinterest.com/x"])  # fmt: skip
def test_nothing_but_pinterest_reaches_the_program(feed: Feed, program: Program, url: str) -> None:
    with pytest.raises(Invalid):
        sources.create(feed.owner, "pinterest", url=url)
    assert kinds.of(feed.owner, "pinterest").label


def test_a_run_of_what_is_no_longer_offered_is_told(feed: Feed, program: Program, change_settings: ChangeSettings) -> None:
    made = sources.create(feed.owner, "pinterest", url=BOARD).source
    change_settings(gallery_dl="")
    assert runs.run(feed.owner, made.id).status == "running"
    assert sources.update(feed.owner, made.id, name="x").source.name == "x"
    with pytest.raises(Invalid):
        sources.create(feed.owner, "pinterest", url=BOARD)
