"""Which network addresses belong to the public internet."""

import ipaddress

from pindeck.fetching.errors import FetchRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

REFUSAL = "This address does not lead to the public internet, so Pindeck does not fetch from it."

# `is_global` lets some of these through, and which ones depends on the version of Python.
_FORBIDDEN_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's address translation
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform service of one large cloud, reachable from each of its machines
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Only this eighth of IPv6 is given out for the public internet. Outside of it lie loopback, unspecified, mapped
# and compatible IPv4, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), private, link-local, site-local and multicast.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # special uses, among them Teredo 2001::/32, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)


def check_address(text: str) -> Address:
    """The address, when it is one of the public internet. Raises FetchRefused for anything else."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise FetchRefused(REFUSAL) from error
    if not _is_public(address):
        raise FetchRefused(REFUSAL)
    return address


def _is_public(address: Address) -> bool:
    # What Python knows is asked as well: a later version may know of more.
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _FORBIDDEN_V4)
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _FORBIDDEN_V6)


def is_address(host: str) -> bool:
    """Whether a host is written as an address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
