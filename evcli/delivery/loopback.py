"""Which hosts are this machine. The only ones that evcli calls unasked."""

from __future__ import annotations


def is_loopback(host: str) -> bool:
    """Say whether a host name can only be this machine. Names are not looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
