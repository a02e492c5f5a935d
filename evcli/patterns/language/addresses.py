"""IP addresses as the matcher reads them, and networks of them.

Looser than RFC 6943 in one way (leading zeros of IPv4 parts are decimal) and stricter in
others (no zone, no brackets, no IPv4 part at the end of an IPv6 address). An IPv4-mapped
IPv6 address counts as IPv4. `ipaddress` takes longer to import than this to run.

Source: [peer] the matcher; [doc] `cidr`.
"""

from __future__ import annotations

IPV4_BITS = 32
IPV6_BITS = 128
MAPPED_PREFIX = 0xFFFF
HEX_AND_COLON = "0123456789abcdefABCDEF:"


class NetworkError(ValueError):
    """A network that is not one; the text is the reason of the service."""


def is_address_like(text: str) -> bool:
    """Tell whether a text has the shape of an address, valid or not."""
    if ":" in text:
        return not text.strip(HEX_AND_COLON)
    parts = text.split(".", 4)
    return len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts)


def parse_address(text: str) -> tuple[int, int] | None:
    """Read an address as (bits of its family, number); `None` if it is not one."""
    if ":" not in text:
        return _parse_ipv4(text)
    number = None if text.strip(HEX_AND_COLON) else _parse_ipv6(text)
    if number is None:
        return None
    if number >> IPV4_BITS == MAPPED_PREFIX:
        return IPV4_BITS, number & 0xFFFFFFFF
    return IPV6_BITS, number


def parse_network(text: str) -> tuple[int, int, int]:
    """Read `address/bits` as (bits of the family, number of the network, host bits).

    The number of the network is the address without its host bits, shifted down.

    Raises: NetworkError: with the service's reason.
    """
    parts = text.rstrip("/").split("/")
    if len(parts) != 2:
        raise NetworkError("Malformed CIDR, one '/' required")
    bits = _parse_bits(parts[1])
    address = parse_address(parts[0])
    if address is None:
        kind = "Invalid" if is_address_like(parts[0]) else "Nonstandard"
        raise NetworkError(f"{kind} IP address: {parts[0]}")
    family, number = address
    if bits >= family:
        name = "IPv4" if family == IPV4_BITS else "IPv6"
        raise NetworkError(f"{name} mask bits must be < {family}")
    return family, number >> (family - bits), family - bits


def is_in_network(text: str, network: tuple[int, int, int]) -> bool:
    """Tell whether a text is an address in a network of `parse_network`.

    An IPv4-mapped address is in the IPv4 networks of its address, and in the IPv6 ones of
    its spelling too. [peer] that `::/0` holds it; [guess] narrower ones, where the matcher
    compares digits of both families.
    """
    family, prefix, host_bits = network
    address = parse_address(text)
    if address is None:
        return False
    bits, number = address
    if family == IPV6_BITS and bits == IPV4_BITS and ":" in text:
        bits, number = IPV6_BITS, MAPPED_PREFIX << IPV4_BITS | number
    return bits == family and number >> host_bits == prefix


def _parse_bits(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > 9:
        raise NetworkError("Malformed CIDR, mask bits must be an integer")
    bits = int(digits.lstrip("0") or "0")
    if bits and text[0] == "-":
        raise NetworkError("Malformed CIDR, mask bits must not be negative")
    return bits


def _parse_ipv4(text: str) -> tuple[int, int] | None:
    parts = text.split(".", 4)
    if len(parts) != 4 or not text.isascii():
        return None
    number = 0
    for part in parts:
        if not part.isdigit():
            return None
        if len(part) > 3:
            part = part.lstrip("0") or "0"
            if len(part) > 3:
                return None
        value = int(part)
        if value > 255:
            return None
        number = number << 8 | value
    return IPV4_BITS, number


def _parse_ipv6(text: str) -> int | None:
    head, gap, tail = text.partition("::")
    left = head.split(":") if head or not gap else []
    right = tail.split(":") if tail else []
    zeros = 8 - len(left) - len(right)
    if zeros < 1 if gap else zeros != 0:
        return None
    groups = [*left, *["0"] * zeros, *right]
    if not all(1 <= len(group) <= 4 for group in groups):
        return None
    return int("".join(group.zfill(4) for group in groups), 16)
