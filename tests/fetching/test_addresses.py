"""Which addresses are public: everything else is refused, in whatever spelling."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pindeck.fetching.addresses import check_address
from pindeck.fetching.errors import FetchRefused

FORBIDDEN = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:7f00:1 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::a00:1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
    2001:db8::1 2001:10::1 2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1 2606:4700:4700::1111%eth0
"""


@pytest.mark.parametrize("text", FORBIDDEN.split())
def test_what_is_not_public_is_refused(text: str) -> None:
    with pytest.raises(FetchRefused):
        check_address(text)


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_what_is_public_is_let_through(text: str) -> None:
    assert str(check_address(text)) == text


@given(st.text() | st.ip_addresses().map(str))
@example("127.0.0.1\x00")
@example("1" * 6000)
@example("::" * 3000)
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    try:
        address = check_address(text)
    except FetchRefused:
        return
    assert ipaddress.ip_address(text) == address
    assert address.is_global


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_cannot_hide_in_an_ipv6_address(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for hidden in (
        number,  # compatible
        0xFFFF << 32 | number,  # mapped
        0xFFFF << 48 | number,  # translated
        0x64FF9B << 96 | number,
        0x64FF9B0001 << 80 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | number ^ 0xFFFFFFFF,
    ):
        with pytest.raises(FetchRefused):
            check_address(str(ipaddress.IPv6Address(hidden)))
