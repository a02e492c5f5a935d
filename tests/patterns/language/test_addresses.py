"""Addresses and networks, held against the standard library where both agree."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evcli.patterns.language.addresses import (
    NetworkError,
    is_address_like,
    parse_address,
    parse_network,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", (32, 0x0A000001)),
        ("010.000.0.0001", (32, 0x0A000001)),
        ("255.255.255.255", (32, 0xFFFFFFFF)),
        ("256.0.0.0", None),
        ("10.0.0", None),
        ("10.0.0.1.2", None),
        ("10.0.0.", None),
        ("1٣.0.0.1", None),
        ("::", (128, 0)),
        ("::1", (128, 1)),
        ("1::", (128, 1 << 112)),
        ("1:2:3:4:5:6:7::", (128, 0x00010002000300040005000600070000)),
        ("1:2:3:4:5:6:7:8::", None),
        ("1:2:3:4::5:6:7:8", None),
        ("1:2:3:4:5:6:7:8", (128, 0x00010002000300040005000600070008)),
        ("1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:8:9", None),
        ("00001::", None),
        (":::", None),
        (":1", None),
        ("1:", None),
        ("::1::", None),
        ("FE80::9", (128, 0xFE80 << 112 | 9)),
        ("::ffff:a00:1", (32, 0x0A000001)),
        ("::ffff:10.0.0.1", None),
        ("fe80::1%eth0", None),
        ("12:30", None),
        ("", None),
        ("abc", None),
    ],
)
def test_parse_address_reads_both_families(
    text: str, address: tuple[int, int] | None
) -> None:
    assert parse_address(text) == address


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6), st.booleans())
@example(ipaddress.IPv6Address("::ffff:a00:1"), True)
def test_parse_address_reads_what_the_standard_library_writes(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, is_long: bool
) -> None:
    expected = (address.max_prefixlen, int(address))
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        expected = (32, int(mapped))
    text = address.exploded if is_long else address.compressed
    # Since Python 3.13 the library writes IPv4-mapped addresses with dots, which are no
    # address here.
    if ":" in text and "." in text:
        high, low = divmod(int(address) & 0xFFFFFFFF, 1 << 16)
        text = f"::ffff:{high:x}:{low:x}"

    assert parse_address(text) == expected


@given(st.text("0123456789abcdefg:.", max_size=20))
def test_parse_address_reads_no_ipv6_that_the_standard_library_does_not(
    text: str,
) -> None:
    if ":" not in text or parse_address(text) is None:
        return

    assert ipaddress.ip_address(text)


def test_shape_is_asked_before_validity() -> None:
    texts = ["300.1.1.1", "12:30", ":", "10.0.0", "10.0.0.x", "g::1", "localhost", ""]

    assert [is_address_like(text) for text in texts] == [True] * 3 + [False] * 5


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.20.0.0/16", (32, 0x0A14, 16)),
        ("10.0.0.77/24", (32, 0x0A0000, 8)),
        ("0.0.0.0/0", (32, 0, 32)),
        ("2001:db8:77::/48", (128, 0x20010DB80077, 80)),
        ("10.0.0.0/+008//", (32, 10, 24)),
        ("::ffff:a00:1/8", (32, 10, 24)),
    ],
)
def test_parse_network_drops_host_bits(
    text: str, network: tuple[int, int, int]
) -> None:
    assert parse_network(text) == network


def test_parse_network_says_what_is_wrong() -> None:
    with pytest.raises(NetworkError, match=r"^IPv4 mask bits must be < 32$"):
        parse_network("::ffff:a00:1/100")
