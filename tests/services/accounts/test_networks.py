"""Which addresses are counted together."""

import pytest

from pindeck.services.accounts.networks import neighbourhood_of, network_of


@pytest.mark.parametrize(
    ("address", "network", "neighbourhood"),
    [
        ("192.0.2.17", "192.0.2.17", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:192.0.2.17", "192.0.2.17", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "", ""),
        ("unix:", "unix:", "unix:"),
    ],
)
def test_a_household_is_one_network(address: str, network: str, neighbourhood: str) -> None:
    assert network_of(address) == network
    assert neighbourhood_of(address) == neighbourhood
