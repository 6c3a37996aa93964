"""Which links of a message are pictures, which of them are the best, and which two are the same."""

import html
import re
from urllib.parse import parse_qs, urlsplit, urlunsplit

ENDINGS = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "svg")
LINK = re.compile(r"https?://[^\s<>\"'|]+", re.IGNORECASE)
TRAILING = ">])},.;!?*_~`"
BLOCKED = (
    "profile_images", "profile_banners", "emoji", "twemoji", "favicon", "apple-touch-icon", "/icons/", "/icon/", "/avatar",
    "/sprite", "/logo", "abs.twimg.com", "static.xx.fbcdn.net",
)  # fmt: skip
ATTACHMENT_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


def links_in(text: str) -> list[str]:
    """The web addresses of a text, each once, without what stands behind them."""
    return list(dict.fromkeys(html.unescape(found).rstrip(TRAILING) for found in LINK.findall(text)))


def has_ending(url: str) -> bool:
    """Whether the path of an address ends like a picture's."""
    return _path(url).lower().rpartition(".")[2] in ENDINGS


def is_picture(url: str) -> bool:
    """Whether an address may be that of a picture worth keeping: no icon, no face, no emoji."""
    host, path = _host(url), _path(url)
    if is_blocked(url):
        return False
    if host.endswith("twimg.com") and not path.startswith("/media/"):
        return False
    return has_ending(url) or "format" in _query(url)


def is_blocked(url: str) -> bool:
    """Whether an address is that of an icon, a face or an emoji, or none at all."""
    host = _host(url)
    return not host or any(part in f"{host}{_path(url)}".lower() for part in BLOCKED)


def page_to_read(url: str) -> str:
    """Where the picture of a page is found. X shows its pages to scripts alone, and a mirror of previews to everybody."""
    host = _host(url).removeprefix("www.").removeprefix("mobile.")
    if host not in ("twitter.com", "x.com"):
        return url
    return urlunsplit(("https", "fxtwitter.com", _path(url), "", ""))


def key_of(url: str) -> str:
    """The same for addresses of the same picture: host and path, and for Twitter's the medium and its form."""
    host, path = _host(url), _path(url).lower()
    if host.endswith("twimg.com") and path.startswith("/media/"):
        name, _, ending = path.removeprefix("/media/").partition(".")
        form = (_query(url).get("format") or [ending])[0].lower()
        return f"twimg:{name.partition(':')[0]}:{form.partition(':')[0]}"
    return f"{host}{path}"


def rank(url: str) -> int:
    """How good an address is: large originals first, small previews last."""
    host, name = _host(url), (_query(url).get("name") or [""])[0]
    points = 100 if host.endswith("twimg.com") else 90 if host in ATTACHMENT_HOSTS else 0
    points += {"orig": 15, "large": 10}.get(name, 0)
    return points - (20 if "/thumb" in _path(url).lower() else 0)


def best_of(urls: list[str], most: int) -> list[str]:
    """At most so many pictures, each once, the best first; among equals as they came."""
    found: dict[str, str] = {}
    for url in sorted(filter(is_picture, urls), key=rank, reverse=True):
        found.setdefault(key_of(url), url)
    return list(found.values())[:most]


def _parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.path, parts.query
    except ValueError:
        return "", "", ""


def _host(url: str) -> str:
    return _parts(url)[0]


def _path(url: str) -> str:
    return _parts(url)[1]


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(_parts(url)[2])
