"""Pictures in the HTML of a page or an entry, found by rule: nothing of it is ever run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pindeck.services.ingest.sources.found import address, ends_like_a_picture

SMALLEST_PX = 50  # what says that it is smaller counts visitors or decorates
LARGE_PX = 200  # on a page that names no picture: smaller ones are most likely logos and buttons
MAX_SRCSET = 20_000
MAX_OFFERED = 2000  # pictures of one page that are looked at
# An address, which may have commas inside, and what is said of it up to the next comma. Nothing here is given back
# once it is taken, so the time grows with the length alone, whatever a stranger writes.
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<=,)|([^,]*+))")
_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([wx])")
_LAZY = ("data-src", "data-lazy-src", "data-original")  # where pages keep the address until somebody scrolls there
# A number that Python refuses to read, and no letter has.
_NO_LETTER = re.compile(r"&#[0-9]{9,}+;?")
_SAID = ("og:title", "og:site_name")
_NAMED = ("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")


@dataclass
class Shown:
    """One picture of a page in all the sizes that are offered: (address, width). `linked` is the picture that it leads to,
    which is most likely the larger one."""

    sizes: list[tuple[str, int]] = field(default_factory=list)
    alt: str = ""
    linked: str | None = None

    @property
    def largest(self) -> str | None:
        """The widest, the first of equals."""
        return max(self.sizes, key=lambda each: each[1], default=(None, 0))[0]


@dataclass
class Markup:
    """What HTML says: the pictures that are `shown`, those that a page `names` as its own, its title and its text."""

    shown: list[Shown] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    title: str = ""
    site: str = ""
    text: str = ""

    @property
    def pictures(self) -> list[tuple[str, int]]:
        """All as (address, width in pixels, 0 if it is not told)."""
        return [size for each in self.shown for size in each.sizes]

    def largest(self, *, at_least: int = 0) -> str | None:
        """The widest picture, the first of equals."""
        return Shown([each for each in self.pictures if each[1] >= at_least]).largest

    @property
    def named(self) -> str | None:
        """The picture that a page gives as its own."""
        return next((self.names[name] for name in (*_NAMED, "image_src") if name in self.names), None)

    def own(self) -> str | None:
        """The picture that a page gives as its own, else the widest that says it is large."""
        return self.named or self.largest(at_least=LARGE_PX)


def read(html: str, base: str) -> Markup:
    """Look through HTML, however broken it is. Addresses are seen from `base`, or from what the page says of it."""
    reader = _Reader(base)
    reader.feed(_NO_LETTER.sub("\ufffd", html))
    reader.close()
    made = reader.markup
    made.text = " ".join("".join(reader.words).split())
    made.title = reader.said.get("og:title") or " ".join("".join(reader.titles).split())
    made.site = reader.said.get("og:site_name", "")
    return made


class _Reader(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base
        self.markup = Markup()
        self.words: list[str] = []
        self.titles: list[str] = []
        self.said: dict[str, str] = {}
        self._silent = 0
        self._room = MAX_OFFERED
        self._in_title = False
        self._together: Shown | None = None  # the picture that the sources before it offer in other sizes
        self._linked: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._silent += 1
        elif tag == "picture":
            self._together = Shown(linked=self._linked)
            self.markup.shown.append(self._together)
        elif tag == "source" and self._together is not None:
            self._picture({name: told[name] for name in ("srcset", "data-srcset", "width", "height") if name in told})
        elif tag == "img":
            self._picture(told)
            self._together = None
        elif tag == "video" and told.get("poster"):
            self._picture({"src": told["poster"]})
        elif tag == "title":
            self._in_title = not self.titles
        else:
            self._about(tag, told)
        if tag in ("p", "br", "div", "li"):
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("script", "style"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        elif tag == "picture":
            self._together = None
        elif tag == "title":
            self._in_title = False
        elif tag == "a":
            self._linked = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
        if self._in_title:
            self.titles.append(data)

    def parse_html_declaration(self, i: int) -> int:
        """What begins with `<![` is a comment of no use, as in browsers. The parser itself gives up on most of them."""
        return self.parse_bogus_comment(i) if self.rawdata[i : i + 3] == "<![" else super().parse_html_declaration(i)

    def _about(self, tag: str, told: dict[str, str]) -> None:
        if tag == "base" and (base := address(told.get("href"), self.base)):
            self.base = base
        elif tag == "meta":
            self._name(told.get("property") or told.get("name", ""), told.get("content"))
        elif tag == "link" and told.get("rel", "").lower() == "image_src":
            self._name("image_src", told.get("href"))
        elif tag == "a":
            at = address(told.get("href"), self.base)
            self._linked = at if at and ends_like_a_picture(at) else None

    def _name(self, name: str, value: str | None) -> None:
        name = name.lower()
        if name in _SAID:
            self.said.setdefault(name, " ".join((value or "").split()))
        elif (name in _NAMED or name == "image_src") and name not in self.markup.names and (at := address(value, self.base)):
            self.markup.names[name] = at

    def _picture(self, told: dict[str, str]) -> None:
        width, height = pixels_of(told.get("width")), pixels_of(told.get("height"))
        if 0 < width < SMALLEST_PX or 0 < height < SMALLEST_PX:
            return
        offered = [(url, width) for name in ("src", *_LAZY) if (url := told.get(name))]
        for srcset in (told.get("srcset", ""), told.get("data-srcset", "")):
            offered += _offered(srcset[:MAX_SRCSET], width)
        taken = offered[: self._room]
        self._room -= len(taken)
        sizes = [(at, wide) for url, wide in taken if (at := address(url, self.base))]
        if self._together is None:
            self.markup.shown.append(Shown(sizes, told.get("alt", ""), self._linked))
        else:
            self._together.sizes += sizes
            self._together.alt = self._together.alt or told.get("alt", "")


def _offered(srcset: str, width: int) -> Iterator[tuple[str, int]]:
    """The addresses of a `srcset` with their widths in pixels, for a picture that is `width` wide. One whose size cannot
    be read is left out, as browsers do."""
    for found in _CANDIDATE.finditer(srcset):
        said = (found[2] or "").strip()
        size = _SIZE.fullmatch(said)
        if size or not said:
            number, unit = size.groups() if size else ("1", "x")
            yield found[1].rstrip(","), int(float(number)) if unit == "w" else int(width * float(number))


def pixels_of(text: str | None) -> int:
    """A width or height as HTML says it; 0 for what is no number of pixels."""
    told = re.fullmatch(r"\s*([0-9]{1,6})(?:\.[0-9]+)?(?:px)?\s*", text or "")
    return int(told[1]) if told else 0
