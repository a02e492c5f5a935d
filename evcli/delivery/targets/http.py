"""Requests of targets that are called over HTTP.

Source: [aws] body, slash and headers of API Gateway; [doc] headers that a target may
not set, wildcards; [guess] encoding of what fills wildcards, wildcards left over.
"""

from __future__ import annotations

from evcli.arns import find_domain, parse_arn
from evcli.delivery.event_paths import fill_paths, read_envelope
from evcli.delivery.targets.http_headers import is_forbidden_header
from evcli.delivery.targets.target_kinds import TRACE_HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.ledger import Delivery

# What may stand in a path as it is. Source: RFC 3986, and `%` of what is encoded.
PATH_CHARACTERS = "/%:@!$&'()*+,;=~"


def build_api_gateway(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Call a REST API; the path it gets ends in a slash. [aws]"""
    parameters = read_http_parameters(delivery)
    api_id, stage, method, *path = arn.resource.split("/")
    values = iter(parameters["path_values"])
    pieces = [fill_wildcards(piece, values) for piece in (stage, *path)]
    host = f"{api_id}.execute-api.{arn.region}.{find_domain(arn)}"
    url = f"https://{host}/{'/'.join(pieces).rstrip('/')}/"
    rule = parse_arn(delivery.rule_arn)
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Source-Arn": delivery.rule_arn,
        "X-Amz-Source-Account": rule.account_id if rule else delivery.event.account_id,
        **format_trace_header(delivery),
        **parameters["headers"],
    }
    return {
        "action": "execute-api:Invoke",
        "request": {
            # The ARN's method may be any; EventBridge then posts. [guess]
            "method": "POST" if method == "*" else method,
            "url": add_query(url, parameters["query"]),
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

    Method, endpoint and authorization stand in the API destination and its connection,
    which the target names only.
    """
    parameters = read_http_parameters(delivery)
    return {
        "action": "events:InvokeApiDestination",
        "request": {
            "apiDestinationArn": delivery.target_arn,
            "pathParameterValues": parameters["path_values"],
            "queryStringParameters": parameters["query"],
            "headers": format_trace_header(delivery) | parameters["headers"],
            "body": delivery.payload,
        },
    }


def format_trace_header(delivery: Delivery) -> dict[str, str]:
    """Write the header that carries the event's trace header, where it has one."""
    header = delivery.event.trace_header
    return {} if header is None else {TRACE_HEADER: header}


def read_http_parameters(delivery: Delivery) -> dict[str, Any]:
    """Read a target's `HttpParameters`, its paths filled, forbidden headers left out.

    Returns:
        `path_values` (list), `headers` and `query` (dicts).
    """
    given = delivery.target.get("HttpParameters", {})
    filled = fill_paths(given, read_envelope(delivery.event)) if given else {}
    headers = filled.get("HeaderParameters", {})
    return {
        "path_values": filled.get("PathParameterValues", []),
        "headers": {
            name: value
            for name, value in headers.items()
            if not is_forbidden_header(name)
        },
        "query": filled.get("QueryStringParameters", {}),
    }


def fill_wildcards(text: str, values: Any) -> str:
    """Put values, an iterator, in the places of `*`; those left over become empty."""
    from urllib.parse import quote

    first, *rest = text.split("*")
    return first + "".join(
        quote(next(values, ""), safe=PATH_CHARACTERS) + each for each in rest
    )


def add_query(url: str, query: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """Append parameters to a URL that may have some already."""
    if not query:
        return url
    from urllib.parse import quote, urlencode

    separator = "&" if "?" in url else "?"
    return f"{url}{separator}{urlencode(query, quote_via=quote)}"
