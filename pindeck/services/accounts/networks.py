"""Which addresses belong together when strangers are counted."""

import ipaddress


def network_of(address: str) -> str:
    """The network of one household or office: the address itself for IPv4, its /64 for IPv6.

    A household with IPv6 has a /64 of addresses to come from. A text that is not an address stays as it is.
    """
    return _network(address, 32, 64)


def neighbourhood_of(address: str) -> str:
    """The wider network that one customer can easily have: /24 and /48."""
    return _network(address, 24, 48)


def _network(address: str, bits_of_4: int, bits_of_6: int) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, bits_of_6), strict=False))
        found = found.ipv4_mapped
    if bits_of_4 == 32:
        return str(found)
    return str(ipaddress.ip_network((found, bits_of_4), strict=False))
