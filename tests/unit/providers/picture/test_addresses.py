from __future__ import annotations

import pytest

from bot.providers.picture.address import is_public

REFUSED = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0"],
    "metadata": ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8"],
    "tunnelled": ["2002:7f00:1::", "2001:0:1::1", "64:ff9b::7f00:1", "64:ff9b:1::808:808"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "shared": ["100.64.0.1", "100.127.255.255"],
    "reserved": ["192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1",
                 "255.255.255.255", "192.88.99.1", "2001:db8::1", "3fff::1", "fec0::1", "100::1"],
    "malformed": ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.04x"],
}  # fmt: skip


@pytest.mark.parametrize(
    "address", [address for group in REFUSED.values() for address in group], ids=lambda value: value or "empty"
)
def test_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_public(address: str) -> None:
    assert is_public(address)
