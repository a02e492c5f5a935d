"""Requests of targets that are called over HTTP.

Source: [aws] body, slash and headers of API Gateway; [aws] values whose path finds
nothing are sent empty; [doc] which values may be paths, headers that a target may not
set, wildcards; [guess] encoding of what fills wildcards, wildcards left over.
"""

from __future__ import annotations

from evcli.arns import find_domain, parse_arn
from evcli.delivery.api_destinations.urls import add_query
from evcli.delivery.event_paths import (
    MISSING,
    find_by_path,
    format_bare,
    is_path,
    read_envelope,
)
from evcli.delivery.targets.http_headers import is_forbidden_header
from evcli.delivery.targets.target_kinds import TRACE_HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.delivery.targets.http_headers import Pairs
    from evcli.store.deliveries import Delivery

# What may stand in a path as it is. Source: RFC 3986, and `%` of what is encoded.
PATH_CHARACTERS = "/%:@!$&'()*+,;=~"


def build_api_gateway(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Call a REST API; the path it gets ends in a slash. [aws]"""
    path_values, query, given_headers = read_http_parameters(delivery)
    api_id, stage, method, *path = arn.resource.split("/")
    values = iter([value or "" for value in path_values])
    pieces = [fill_wildcards(piece, values) for piece in (stage, *path)]
    host = f"{api_id}.execute-api.{arn.region}.{find_domain(arn)}"
    url = f"https://{host}/{'/'.join(pieces).rstrip('/')}/"
    rule = parse_arn(delivery.rule_arn)
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Source-Arn": delivery.rule_arn,
        "X-Amz-Source-Account": rule.account_id if rule else delivery.event.account_id,
        **format_trace_header(delivery),
        **dict(given_headers),
    }
    return {
        "action": "execute-api:Invoke",
        "request": {
            # The ARN's method may be any; EventBridge then posts. [guess]
            "method": "POST" if method == "*" else method,
            "url": add_query(url, query),
            "headers": headers,
            "body": delivery.payload,
        },
    }


def build_appsync(
    delivery: Delivery, arn: Arn, variables: dict[str, Any]
) -> dict[str, Any]:
    """Send a mutation; the payload is its variables."""
    api_id = arn.resource.removeprefix("endpoints/graphql-api/")
    host = f"{api_id}.appsync-api.{arn.region}.{find_domain(arn)}"
    mutation = delivery.target.get("AppSyncParameters", {}).get("GraphQLOperation", "")
    headers = format_trace_header(delivery)
    return {
        "action": "appsync:GraphQL",
        "request": {
            "method": "POST",
            "url": f"https://{host}/graphql",
            **({"headers": headers} if headers else {}),
            "body": {"query": mutation, "variables": variables},
        },
    }


def build_api_destination(
    delivery: Delivery, arn: Arn, payload: object
) -> dict[str, Any]:
    """Say what a target adds to a call of its API destination.

    This stands for the request as long as the API destination and its connection are not
    known: the target only names them; `api_destinations/request.py` has the rest.
    """
    path_values, query, headers = read_http_parameters(delivery)
    return {
        "action": "events:InvokeApiDestination",
        "request": {
            "apiDestinationArn": delivery.target_arn,
            "pathParameterValues": [value or "" for value in path_values],
            "queryStringParameters": dict(query),
            "headers": format_trace_header(delivery) | dict(headers),
            "body": delivery.payload,
        },
    }


def format_trace_header(delivery: Delivery) -> dict[str, str]:
    """Write the header that carries the event's trace header, where it has one."""
    header = delivery.event.trace_header
    return {} if header is None else {TRACE_HEADER: header}


def read_http_parameters(delivery: Delivery) -> tuple[list[str | None], Pairs, Pairs]:
    """Read a target's `HttpParameters`: what fills the path, the query, the headers.

    A value that is a path selects from the event; so does the name of a query pair, and
    never that of a header. Source: [doc]. What a path of the first finds may be nothing,
    `None`; other values are then empty, and a pair of such a name is left out [guess], as
    forbidden headers are.
    """
    given = delivery.target.get("HttpParameters", {})
    envelope = read_envelope(delivery.event) if given else {}

    def read(text: str) -> str | None:
        if not is_path(text):
            return text
        found = find_by_path(envelope, text)
        return None if found is MISSING else format_bare(found)

    query = [
        (read(name), read(value) or "")
        for name, value in given.get("QueryStringParameters", {}).items()
    ]
    headers = [
        (name, read(value) or "")
        for name, value in given.get("HeaderParameters", {}).items()
        if not is_forbidden_header(name)
    ]
    return (
        [read(value) for value in given.get("PathParameterValues", [])],
        [(name, value) for name, value in query if name is not None],
        headers,
    )


def fill_wildcards(text: str, values: Any) -> str:
    """Put values, an iterator, where each `*` stands; those left over become empty."""
    from urllib.parse import quote

    first, *rest = text.split("*")
    return first + "".join(
        quote(next(values, ""), safe=PATH_CHARACTERS) + each for each in rest
    )
