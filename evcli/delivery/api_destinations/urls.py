"""URLs that evcli calls: their scheme, their host, which hosts are this machine.

evcli is offline: it calls this machine unasked, and no other host by a name of its own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any


def complete_url(text: str) -> str:
    """Put `https://` in front of an endpoint that has no scheme. Source: [peer]."""
    scheme, separator, _ = text.partition("://")
    # In `host/path?to=https://x` the scheme is not in front, so there is none.
    has_scheme = bool(separator) and not set(scheme) & set("/?.:")
    return text if has_scheme else f"https://{text}"


def add_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Append parameters to a URL that may have some already."""
    query = "&".join(map(encode_pair, pairs))
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def encode_pair(pair: tuple[str, str]) -> str:
    """Encode a name and a value for a query or a form."""
    from urllib.parse import quote

    return "=".join(quote(text, safe="*", errors="replace") for text in pair)


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


def require_allowed_url(url: str, allowed_hosts: Collection[str]) -> None:
    """Refuse a URL that a sink may not call.

    Args:
        allowed_hosts: hosts beside the loopback ones.

    Raises: ConfigurationError: it is no URL of HTTP, or its host is not allowed.
    """
    from urllib.parse import urlsplit

    from evcli.errors import ConfigurationError

    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"{url} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{url} is not an http:// or https:// URL")
    if not (is_loopback(parts.hostname) or parts.hostname in allowed_hosts):
        raise ConfigurationError(
            f"evcli does not call {parts.hostname}; to let it, add the host to"
            " allowed_hosts in config.toml"
        )


def find_address(configuration: dict[str, Any], url: str) -> str | None:
    """Find where the host of a URL is called; `None` when it is not called at all.

    That is where `[hosts]` of config.toml says, by host and port or by host alone, or
    this machine itself. The request keeps the host's own name.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    hosts = {name.lower(): to for name, to in configuration.get("hosts", {}).items()}
    netloc = strip_user(parts.netloc)
    address: str | None = hosts.get(netloc.lower()) or hosts.get(host)
    if address is None and is_loopback(host):
        address = f"{parts.scheme}://{netloc}"
    return address


def strip_user(netloc: str) -> str:
    """Cut off what stands before an @: it is no part of the host, and not sent. [guess]"""
    return netloc.rpartition("@")[2]
