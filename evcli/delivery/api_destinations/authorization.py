"""What authorises calls: a password, an API key or an OAuth token.

Tokens are fetched when a delivery needs one, and kept with the connection. A token is
`{"access_token": …, "token_type": …, "expires_at": …}`, the last in epoch milliseconds or
`None`. It lies in the connection's record and goes when that gets other parameters.

Source: [doc] the headers, what a refusal does, that client id and secret are exchanged
for a token, which parameters go along, and when it is fetched again; RFC 6749, 4.4, for
the form. [peer] [guess]
"""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import urlsplit

from evcli.context import Outcome
from evcli.delivery.api_destinations.client import HttpRequest, send
from evcli.delivery.api_destinations.connections import (
    AUTHORIZED,
    DEAUTHORIZED,
    change_connection,
    get_by_arn,
)
from evcli.delivery.api_destinations.request import list_parameters
from evcli.delivery.api_destinations.urls import (
    add_query,
    complete_url,
    encode_pair,
    find_address,
    strip_user,
)
from evcli.delivery.envelopes import format_json
from evcli.delivery.targets.http_headers import CONTROL_CHARACTER, Headers
from evcli.model.secrets import HIDDEN
from evcli.store.epoch import to_epoch_ms
from evcli.store.records import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.api_destinations.client import HttpResponse

    Token = dict[str, Any]

OAUTH = "OAUTH_CLIENT_CREDENTIALS"
SCHEMES = {"BASIC": "Basic", OAUTH: "Bearer"}

# A token that expires within this is not used any more. Source: [doc].
SPARE_SECONDS = 60

# Headers that the transport sets.
FRAMING_HEADERS = {"host", "content-length", "transfer-encoding", "connection"}


def authorize(
    ctx: Context, connection: Connection, limit_seconds: float
) -> tuple[str, str] | Outcome:
    """Make the header that authorises a call, or say why there is none."""
    if connection.authorization_type != OAUTH:
        return HEADERS[connection.authorization_type](connection.auth_parameters)
    token = get_token(ctx, connection, limit_seconds)
    if isinstance(token, Outcome):
        return token
    return "Authorization", format_authorization(token)


def _basic_header(parameters: dict[str, Any]) -> tuple[str, str]:
    given = parameters["BasicAuthParameters"]
    pair = f"{given['Username']}:{given['Password']}".encode("utf-8", "replace")
    return "Authorization", f"Basic {b64encode(pair).decode()}"


def _api_key_header(parameters: dict[str, Any]) -> tuple[str, str]:
    given = parameters["ApiKeyAuthParameters"]
    return given["ApiKeyName"], given["ApiKeyValue"]


HEADERS = {"BASIC": _basic_header, "API_KEY": _api_key_header}


def hide_authorization(connection: Connection) -> tuple[str, str]:
    """Make the header that authorises, without what is secret of it."""
    scheme = SCHEMES.get(connection.authorization_type)
    if scheme is not None:
        return "Authorization", f"{scheme} {HIDDEN}"
    name, _ = _api_key_header(connection.auth_parameters)
    return name, HIDDEN


def record_refusal(
    ctx: Context,
    connection: Connection,
    response: HttpResponse,
    authorization: tuple[str, str],
) -> None:
    """Drop the token that was refused, or deauthorise a connection that has none."""
    if connection.authorization_type != OAUTH:
        reason = f"An API destination answered {response.describe()}."
        change_connection(ctx, connection, state=DEAUTHORIZED, state_reason=reason)
        return
    latest = get_by_arn(ctx, Connection, connection.arn)
    # Another process may have a newer one already.
    if (
        latest is not None
        and latest.token is not None
        and format_authorization(latest.token) == authorization[1]
    ):
        change_connection(ctx, connection, token=None)


# -- tokens


def get_token(
    ctx: Context, connection: Connection, limit_seconds: float
) -> Token | Outcome:
    """Get a token that is good for now, from the connection or a new one.

    Returns:
        The token; or why there is none, a failure to be retried. Unless the endpoint is
        out of evcli's reach, that deauthorises the connection. Source: [doc].
    """
    token = connection.token
    if token is not None and is_fresh(token, ctx.clock.now()):
        return token
    request = build_token_request(connection.auth_parameters["OAuthParameters"])
    address = find_address(ctx.configuration, request.url)
    if address is None:
        return Outcome(
            "CONNECTION_FAILURE",
            f"There is no token, since evcli does not call {urlsplit(request.url).netloc};"
            " to let it, give the host an address in [hosts] of config.toml.",
            retry=True,
        )
    response = send(request, address, limit_seconds)
    if isinstance(response, Outcome):
        return _fail(ctx, connection, response.message or "")
    token = read_token(response, ctx.clock.now())
    if token is None:
        said = response.describe()
        return _fail(ctx, connection, f"The answer, {said}, has no access token.")
    # The token is what a connection that is being authorised waits for.
    change_connection(ctx, connection, token=token, state=AUTHORIZED)
    return token


def _fail(ctx: Context, connection: Connection, reason: str) -> Outcome:
    message = f"The authorization endpoint gave no token: {reason}"
    change_connection(
        ctx, connection, token=None, state=DEAUTHORIZED, state_reason=message
    )
    return Outcome("CONNECTION_FAILURE", message, retry=True)


def is_fresh(token: Token, now: datetime) -> bool:
    """Say whether a token lasts long enough; one that does not say lasts until refused."""
    expires_at = token["expires_at"]
    return expires_at is None or to_epoch_ms(now) + SPARE_SECONDS * 1000 < expires_at


def format_authorization(token: Token) -> str:
    """Write the value of the Authorization header."""
    return f"{token['token_type']} {token['access_token']}"


def build_token_request(parameters: dict[str, Any]) -> HttpRequest:
    """Build the request for a token, from a connection's `OAuthParameters`."""
    extras = parameters.get("OAuthHttpParameters", {})
    client = parameters["ClientParameters"]
    fields = {
        "grant_type": "client_credentials",
        "client_id": client["ClientID"],
        "client_secret": client["ClientSecret"],
        **dict(list_parameters(extras, "BodyParameters")),
    }
    # A recording shows `put` accepted, so the method has no case. [aws]
    method = parameters["HttpMethod"].upper()
    url = complete_url(parameters["AuthorizationEndpoint"])
    query = list_parameters(extras, "QueryStringParameters")
    headers = Headers([("Host", strip_user(urlsplit(url).netloc))])
    if method == "GET":
        query += fields.items()
    else:
        headers.put("Content-Type", "application/x-www-form-urlencoded")
    for name, value in list_parameters(extras, "HeaderParameters"):
        if name.lower() not in FRAMING_HEADERS:
            headers.put(name, value)
    url = add_query(url, query)
    if method == "GET":
        return HttpRequest(method, url, headers.list(), None)
    is_json = _is_json(headers.get("Content-Type") or "")
    text = (
        format_json(fields) if is_json else "&".join(map(encode_pair, fields.items()))
    )
    body = text.encode("utf-8", "replace")
    headers.put("Content-Length", str(len(body)))
    return HttpRequest(method, url, headers.list(), body)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def read_token(response: HttpResponse, now: datetime) -> Token | None:
    """Read the token from a response: 2xx and a JSON object that has `access_token`."""
    if not 200 <= response.status < 300:
        return None
    try:
        fields = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    text = fields.get("access_token") if isinstance(fields, dict) else None
    if not isinstance(text, str) or not text or CONTROL_CHARACTER.search(text):
        return None
    kind = fields.get("token_type")
    if not isinstance(kind, str) or kind.lower() == "bearer" or not kind.isalnum():
        kind = "Bearer"
    seconds = _read_seconds(fields.get("expires_in"))
    return {
        "access_token": text,
        "token_type": kind,
        "expires_at": None if seconds is None else to_epoch_ms(now) + seconds * 1000,
    }


def _read_seconds(value: object) -> int | None:
    """Read `expires_in`; some servers send it as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
