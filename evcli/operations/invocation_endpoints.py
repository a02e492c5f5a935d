"""The URLs that API destinations may call.

Source: [field] the text for what is no HTTPS URL; [peer] that one without a scheme
counts as HTTPS, and `*` in paths alone. Plain HTTP is evcli's own addition, for servers
on this machine.
"""

from __future__ import annotations


def is_invocation_endpoint(text: str) -> bool:
    """Say whether a text, of the shape's characters, is a URL that may be called."""
    from urllib.parse import urlsplit

    from evcli.delivery.sinks.http import is_loopback

    scheme, separator, _ = text.partition("://")
    # In `host/path?to=https://x` the scheme is not in front, so there is none.
    has_scheme = bool(separator) and not set(scheme) & set("/?.:")
    try:
        parts = urlsplit(text if has_scheme else f"https://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "*" in parts.netloc or port == 0:
        return False
    if not has_scheme:
        # A single word is rather a slip than a host. [guess]
        return "." in host.strip(".") or is_loopback(host)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
