"""The URLs that API destinations may call.

Source: [aws] the text for what is no HTTPS URL; [peer] that one without a scheme
counts as HTTPS, and `*` in paths alone. Plain HTTP is evcli's own addition, for servers
on this machine.
"""

from __future__ import annotations


def is_invocation_endpoint(text: str) -> bool:
    """Say whether a text, of the shape's characters, is a URL that may be called."""
    from urllib.parse import urlsplit

    from evcli.delivery.api_destinations.urls import complete_url, is_loopback

    url = complete_url(text)
    has_scheme = url == text
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "*" in parts.netloc or port == 0:
        return False
    if not has_scheme:
        # A single word is rather a slip than a host. [guess]
        return "." in host.strip(".") or is_loopback(host)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
