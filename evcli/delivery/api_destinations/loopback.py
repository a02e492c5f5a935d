"""Which hosts are this machine. The only ones that evcli calls unasked."""

from __future__ import annotations


def is_localhost(host: str) -> bool:
    """Say whether a name means this machine, whatever a resolver says. RFC 6761, 6.3."""
    return host == "localhost" or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Say whether a host name can only be this machine. Names are not looked up."""
    if is_localhost(host):
        return True
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
