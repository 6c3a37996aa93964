"""A web address, taken apart once: what is checked here is, piece by piece, what is connected to."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from pindeck.fetching.errors import FetchRefused

LONGEST = 2000
# Stores sign long addresses and redirect to them.
LONGEST_REDIRECT = 8000
DEFAULT_PORTS = {"http": 80, "https": 443}

_SHAPE = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?:#.*)?", re.I)
_AUTHORITY = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Destination:
    """Where to connect and what to ask for. `host` is in lower case and ASCII, IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse(url: str, *, longest: int = LONGEST) -> Destination:
    """Take an address apart. Raises FetchRefused when it is not a plain one of the web."""
    url = url.strip()
    if len(url) > longest:
        raise FetchRefused(f"The address is longer than {longest} characters.")
    shape = _SHAPE.fullmatch(url)
    if not shape or _CONTROL.search(url):
        raise FetchRefused("This is not a web address. It begins with https:// or http:// and names a server.")
    scheme = shape["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise FetchRefused("Pindeck fetches only addresses that begin with https:// or http://.")
    if "@" in shape["authority"]:
        raise FetchRefused("The address contains a user name or a password. Leave them out.")
    authority = _AUTHORITY.fullmatch(shape["authority"])
    if not authority:
        raise FetchRefused("The address does not name a server that Pindeck can understand.")
    port = int(authority["port"] or DEFAULT_PORTS[scheme])
    if not 1 <= port <= 65535:
        raise FetchRefused("The port of the address is not between 1 and 65535.")
    host = _v6(authority["v6"]) if authority["v6"] else _name(authority["name"])
    return Destination(scheme, host, port, _target(shape["target"]))


def redirected(destination: Destination, location: bytes) -> Destination:
    """Where a `Location` header leads from a destination. Raises FetchRefused."""
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    try:
        url = urljoin(destination.url, text)
    except ValueError as error:
        raise FetchRefused("The server redirects to something that is not a web address.") from error
    return parse(url, longest=LONGEST_REDIRECT)


def _v6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError as error:
        raise FetchRefused("The address does not name a server that Pindeck can understand.") from error


def _name(text: str) -> str:
    """A name, or IPv4 as four plain decimals. Raises FetchRefused."""
    name = text.lower() if text.isascii() else _ascii(text)
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise FetchRefused("The name of the server is not one that can exist on the internet.")
    # The resolver reads 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 as numbers, all of them 127.0.0.1.
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            raise FetchRefused("The address of the server is not written as four plain numbers.") from error
    return name


def _ascii(text: str) -> str:
    import idna

    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except (UnicodeError, IndexError, ValueError) as error:
        raise FetchRefused("The name of the server is not one that can exist on the internet.") from error


def _target(text: str) -> str:
    """Path and query, with everything encoded that must be; what is encoded already stays."""
    if not text.startswith("/"):
        text = f"/{text}"
    try:
        return quote(text, safe="%/?:@!$&'()*+,;=~[]|^`{}")
    except UnicodeEncodeError as error:
        raise FetchRefused("The address contains characters that cannot be sent.") from error
