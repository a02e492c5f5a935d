"""The HTTP requests of API destinations, down to the order of their headers.

Three parties have a say: the API destination (endpoint, method), the target (its
`HttpParameters`, read as for every target in `targets/http.py`) and the connection
(`InvocationHttpParameters`, the authorisation). The connection wins over the target.

    headers   defaults, the event's trace header → target → connection → authorisation;
              some cannot be set, see `targets/http_headers.py`
    query     endpoint → target → connection
    body      the payload, the connection's parameters laid over it

The call, the line of a sink and `local transform --request` all have the request that is
built here, the latter two with secrets hidden.

Source: [doc] who wins; [doc] fixed and removed headers, paths; [peer] the endpoint's query
wins over the target's; [guess] encoding, wildcards whose path finds nothing, wildcards
left.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from evcli.delivery.api_destinations.client import HttpRequest
from evcli.delivery.api_destinations.urls import complete_url, encode_pair, strip_user
from evcli.delivery.envelopes import format_json, parse_detail
from evcli.delivery.targets.http import format_trace_header, read_http_parameters
from evcli.delivery.targets.http_headers import (
    DEFAULT_HEADERS,
    Headers,
    is_removed_header,
)
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.model.secrets import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.delivery.targets.http_headers import Pairs
    from evcli.store.deliveries import Delivery
    from evcli.store.records import ApiDestination


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
    path_values, given_query, given_headers = read_http_parameters(delivery)
    parts = urlsplit(complete_url(destination.invocation_endpoint))
    host = strip_user(parts.netloc)
    path = fill_path(parts.path or "/", path_values)
    if path is None:
        return InvalidRequest(
            "INVALID_PARAMETER", "A path in PathParameterValues matches nothing."
        )
    query = merge_query(
        parts.query, given_query, list_parameters(parameters, "QueryStringParameters")
    )
    headers = Headers(
        [
            ("Host", host),
            *DEFAULT_HEADERS.items(),
            *format_trace_header(delivery).items(),
        ]
    )
    for name, value in (
        *given_headers,
        *list_parameters(parameters, "HeaderParameters"),
        authorization,
    ):
        if not is_removed_header(name):
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


def list_parameters(parameters: dict[str, Any], member: str) -> Pairs:
    """List the connection's parameters of one kind, `HeaderParameters` say."""
    return [
        (item["Key"], item.get("Value", ""))
        for item in parameters.get(member, [])
        if "Key" in item
    ]


def hide_secrets(parameters: dict[str, Any]) -> dict[str, Any]:
    """Copy the connection's parameters with `***` for secret values."""
    return {
        member: [
            {**item, "Value": HIDDEN} if item.get("IsValueSecret") else item
            for item in items
        ]
        for member, items in parameters.items()
    }


# -- parts


def fill_path(path: str, values: list[str | None]) -> str | None:
    """Put a value where each `*` stands, as one segment; `None` if one is missing.

    Values left over do not count, and `*` left over stay.
    """
    first, *rest = path.split("*")
    filled = [first]
    for number, piece in enumerate(rest):
        if number >= len(values):
            filled.append(f"*{piece}")
            continue
        value = values[number]
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
