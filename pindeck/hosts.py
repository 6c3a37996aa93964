"""Names of hosts: how settings list them, and which of them this server answers to."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NAME = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


def plain(host: str) -> str | None:
    """A host as it is compared: lower case, without port and final dot, IPv6 in brackets. None for what is no host."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?", host.strip().lower())
    name = match[1].removesuffix(".") if match else ""
    return name if _NAME.fullmatch(name) else None


def of_address(address: str) -> frozenset[str]:
    """The host of an address, or none of an empty one. Raises ValueError when there is no usable one."""
    if not address:
        return frozenset()
    try:
        parts = urlsplit(address)
        name = None if parts.port == 0 else plain(parts.netloc)
    except ValueError:  # a port that is none, or half an IPv6 address
        name = None
    if name is None:
        raise ValueError("must name a host, such as pindeck.example.org; write names in other scripts as xn--…")
    return frozenset({name})


def of_list(text: str) -> frozenset[str]:
    """`a.example,[::1]` taken apart. Raises ValueError."""
    found = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        name = plain(part)
        if name is None or (":" in part and not part.startswith("[")) or part.endswith(":"):
            raise ValueError("must list hosts without scheme and port, such as pins.example.org,10.0.0.5,[fd00::5]")
        found.add(name)
    return frozenset(found)


def pairs(text: str) -> frozenset[tuple[str, int]]:
    """`host:port,[::1]:port` taken apart. Raises ValueError."""
    found = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})", part)
        if not match or not 1 <= int(match[3]) <= 65535:
            raise ValueError("must be a list of host:port, such as nas.lan:8080,10.0.0.5:80")
        host = str(ipaddress.IPv6Address(match[1])) if match[1] else match[2].lower()
        found.add((host, int(match[3])))
    return frozenset(found)


@dataclass(frozen=True)
class Served:
    """The hosts that are answered: `everywhere` (None means any), and more of them below `/media/` and `/i/`."""

    everywhere: frozenset[str] | None
    media: frozenset[str]
    pictures: frozenset[str]

    @classmethod
    def of(cls, *, site: str, allowed: str, media: str, pictures: str, on_loopback: bool) -> "Served":
        """From the settings of these names. Without any word about hosts only loopback keeps the others out."""
        named = of_address(site) | of_list(allowed)
        if not site and on_loopback:
            named |= LOOPBACK
        return cls(named or None, of_address(media), of_address(pictures))

    def serves(self, host: str, path: str) -> bool:
        """Whether a request for this host, which may have a port, is answered at this path."""
        if self.everywhere is None:
            return True
        name = plain(host)
        return (
            name in self.everywhere
            or (name in self.media and path.startswith("/media/"))
            or (name in self.pictures and path.startswith("/i/"))
        )
