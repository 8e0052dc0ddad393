"""By what limits count those who ask."""

import pytest

from troth.kit.rates import asker


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_whoever_changes_their_address_within_their_own_network_is_counted_as_one(address, counted):
    assert asker(address) == counted
