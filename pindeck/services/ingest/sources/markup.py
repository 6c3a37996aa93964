"""Pictures in the HTML of a page or an entry, found by rule: nothing of it is ever run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pindeck.services.ingest.sources.found import address

SMALLEST_PX = 50  # what says that it is smaller counts visitors or decorates
LARGE_PX = 200  # on a page that names no picture: smaller ones are most likely logos and buttons
MAX_SRCSET = 20_000
MAX_OFFERED = 2000  # pictures of one page that are looked at
# An address, which may have commas inside, and what is said of it up to the next comma. Nothing here is given back
# once it is taken, so the time grows with the length alone, whatever a stranger writes.
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<=,)|([^,]*+))")
_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([wx])")
_NAMED = ("og:image:secure_url", "og:image:url", "og:image", "twitter:image", "twitter:image:src")


@dataclass
class Markup:
    """What HTML says: pictures as (address, width in pixels, 0 if it is not told), those that a page `names` as its
    own, and its text."""

    pictures: list[tuple[str, int]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def largest(self, *, at_least: int = 0) -> str | None:
        """The widest picture, the first of equals."""
        return max((each for each in self.pictures if each[1] >= at_least), key=lambda each: each[1], default=(None, 0))[0]

    def own(self) -> str | None:
        """The picture that a page gives as its own, else the widest that says it is large."""
        named = next((self.names[name] for name in (*_NAMED, "image_src") if name in self.names), None)
        return named or self.largest(at_least=LARGE_PX)


def read(html: str, base: str) -> Markup:
    """Look through HTML, however broken it is. Addresses are seen from `base`, or from what the page says of it."""
    reader = _Reader(base)
    reader.feed(html)
    reader.close()
    reader.markup.text = " ".join("".join(reader.words).split())
    return reader.markup


class _Reader(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base
        self.markup = Markup()
        self.words: list[str] = []
        self._silent = 0
        self._room = MAX_OFFERED

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._silent += 1
        elif tag in ("img", "source"):
            self._picture(told)
        elif tag == "base" and (base := address(told.get("href"), self.base)):
            self.base = base
        elif tag == "meta":
            self._name(told.get("property") or told.get("name", ""), told.get("content"))
        elif tag == "link" and told.get("rel", "").lower() == "image_src":
            self._name("image_src", told.get("href"))
        if tag in ("p", "br", "div", "li"):
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("script", "style"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def _name(self, name: str, url: str | None) -> None:
        name = name.lower()
        if (name in _NAMED or name == "image_src") and name not in self.markup.names and (at := address(url, self.base)):
            self.markup.names[name] = at

    def _picture(self, told: dict[str, str]) -> None:
        width, height = pixels_of(told.get("width")), pixels_of(told.get("height"))
        if 0 < width < SMALLEST_PX or 0 < height < SMALLEST_PX:
            return
        offered = [(url, width) for url in (told.get("src"), told.get("data-src")) if url]
        for srcset in (told.get("srcset", ""), told.get("data-srcset", "")):
            offered += _offered(srcset[:MAX_SRCSET], width)
        taken = offered[: self._room]
        self._room -= len(taken)
        self.markup.pictures += [(at, wide) for url, wide in taken if (at := address(url, self.base))]


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
