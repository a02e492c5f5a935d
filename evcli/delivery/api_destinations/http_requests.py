"""The HTTP requests of API destinations, down to the order of their headers.

Three parties have a say: the API destination (endpoint, method), the target
(`HttpParameters`, whose paths are filled from the event) and the connection
(`InvocationHttpParameters`, the authorisation). The connection wins over the target.

    headers   defaults, the event's trace header → target → connection → authorisation;
              some are nobody's to set
    query     endpoint → target → connection
    body      the payload, the connection's parameters laid over it

Source: [doc] who wins; [doc] fixed and removed headers, paths; [aws] values whose path
finds nothing are sent empty; [peer] the endpoint's query wins over the target's; [guess]
encoding, wildcards whose path finds nothing, wildcards left.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, unquote, urlsplit

from evcli.delivery.envelopes import format_json, parse_detail
from evcli.delivery.event_paths import (
    MISSING,
    find_by_path,
    format_bare,
    is_path,
    read_envelope,
)
from evcli.delivery.targets.http_headers import (
    DEFAULT_HEADERS,
    REMOVED_HEADERS,
    Headers,
)
from evcli.delivery.targets.target_kinds import TRACE_HEADER, InvalidRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.delivery.targets.http_headers import Pairs
    from evcli.store.deliveries import Delivery
    from evcli.store.records import ApiDestination

    # What a path or a literal stands for; `None` when a path matches nothing.
    Read = Callable[[str], str | None]

# What stands for a secret wherever people may look.
HIDDEN = "***"


class HttpRequest:
    """An HTTP request: `headers` in order, with `Host` and `Content-Length`.

    `url` is absolute; `body` is `None` where there is none. May hold secrets.
    """

    __slots__ = ("body", "headers", "method", "url")

    def __init__(
        self, method: str, url: str, headers: Pairs, body: bytes | None
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body


def build_http_request(
    delivery: Delivery,
    destination: ApiDestination,
    parameters: dict[str, Any],
    authorization: tuple[str, str],
) -> HttpRequest | InvalidRequest:
    """Build what an API destination is called with.

    Args:
        parameters: the connection's `InvocationHttpParameters`.
        authorization: the header that authorises, name and value.
    """
    given = delivery.target.get("HttpParameters", {})
    read = partial(read_value, read_envelope(delivery.event) if given else {})
    parts = urlsplit(complete_url(destination.invocation_endpoint))
    # What stands before an @ is no part of the host, and nobody's to send. [guess]
    host = parts.netloc.rpartition("@")[2]
    path = fill_path(parts.path or "/", given.get("PathParameterValues", []), read)
    if path is None:
        return InvalidRequest(
            "INVALID_PARAMETER", "A path in PathParameterValues matches nothing."
        )
    query = merge_query(
        parts.query,
        read_pairs(given.get("QueryStringParameters", {}), read),
        list_parameters(parameters, "QueryStringParameters"),
    )
    headers = Headers([("Host", host), *DEFAULT_HEADERS.items()])
    if delivery.event.trace_header is not None:
        headers.put(TRACE_HEADER, delivery.event.trace_header)
    for name, value in (
        *read_headers(given.get("HeaderParameters", {}), read),
        *list_parameters(parameters, "HeaderParameters"),
        authorization,
    ):
        if name.lower() not in REMOVED_HEADERS:
            headers.put(name, value)
    unsendable = headers.find_unsendable()
    if unsendable is not None:
        return InvalidRequest(
            "INVALID_PARAMETER",
            f"The header {unsendable!r} has characters that HTTP does not allow.",
        )
    text = merge_body(delivery.payload, list_parameters(parameters, "BodyParameters"))
    body = text.encode("utf-8", "replace")
    headers.put("Content-Length", str(len(body)))
    url = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")
    return HttpRequest(destination.http_method, url, headers.list(), body)


def complete_url(text: str) -> str:
    """Put `https://` in front of an endpoint that has no scheme. Source: [peer]."""
    scheme, separator, _ = text.partition("://")
    # In `host/path?to=https://x` the scheme is not in front, so there is none.
    has_scheme = bool(separator) and not set(scheme) & set("/?.:")
    return text if has_scheme else f"https://{text}"


# -- values


def read_value(envelope: dict[str, Any], text: str) -> str | None:
    """Read a value of the target: a path selects from the event. Source: [doc]."""
    if not is_path(text):
        return text
    found = find_by_path(envelope, text)
    return None if found is MISSING else format_bare(found)


def read_pairs(given: dict[str, str], read: Read) -> Pairs:
    """Read the target's query; a value whose path finds nothing is sent empty.

    A pair whose *name* is a path that finds nothing is left out. [guess]
    """
    pairs = [(read(name), read(value) or "") for name, value in given.items()]
    return [(name, value) for name, value in pairs if name is not None]


def read_headers(given: dict[str, str], read: Read) -> Pairs:
    """Read the target's headers likewise; their names are never paths. Source: [doc]."""
    return [(name, read(value) or "") for name, value in given.items()]


def list_parameters(parameters: dict[str, Any], member: str) -> Pairs:
    """List the connection's parameters of one kind, `HeaderParameters` say."""
    return [
        (item["Key"], item.get("Value", ""))
        for item in parameters.get(member, [])
        if "Key" in item
    ]


def hide_secrets(parameters: dict[str, Any]) -> dict[str, Any]:
    """Copy the connection's parameters with `***` in the place of secret values."""
    return {
        member: [
            {**item, "Value": HIDDEN} if item.get("IsValueSecret") else item
            for item in items
        ]
        for member, items in parameters.items()
    }


# -- parts


def fill_path(path: str, values: list[str], read: Read) -> str | None:
    """Put values in the places of `*`, each as one segment; `None` if one is missing.

    Values left over do not count, and `*` left over stay.
    """
    first, *rest = path.split("*")
    filled = [first]
    for number, piece in enumerate(rest):
        if number >= len(values):
            filled.append(f"*{piece}")
            continue
        value = read(values[number])
        if value is None:
            return None
        filled.append(quote(value, safe="", errors="replace") + piece)
    return "".join(filled)


def merge_query(own: str, target: Pairs, connection: Pairs) -> str:
    """Merge the query of the endpoint, as it stands, with pairs from both others."""
    strongest = {name for name, _ in connection}
    pieces = own.split("&") if own else []
    names = {unquote(piece.partition("=")[0]) for piece in pieces}
    kept = [
        piece for piece in pieces if unquote(piece.partition("=")[0]) not in strongest
    ]
    added = [pair for pair in target if pair[0] not in names | strongest]
    return "&".join([*kept, *map(encode_pair, [*added, *connection])])


def encode_pair(pair: tuple[str, str]) -> str:
    """Encode a name and a value for a query or a form."""
    return "=".join(quote(text, safe="*", errors="replace") for text in pair)


def merge_body(payload: str, pairs: Pairs) -> str:
    """Lay the connection's parameters over a payload that is a JSON object.

    A payload that nothing is laid over stays as it is, to the last blank.
    """
    fields = parse_detail(payload) if pairs else None
    return payload if fields is None else format_json({**fields, **dict(pairs)})


def describe_request(request: HttpRequest) -> dict[str, Any]:
    """Write a request for people, without what only its transport needs."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": {
            name: value
            for name, value in request.headers
            if name not in ("Host", "Content-Length")
        },
        "body": (request.body or b"").decode("utf-8"),
    }
