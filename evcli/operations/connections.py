"""Connections: create, describe, list, update, deauthorize, delete.

The secrets stay in the store. In the cloud they are in a secret of Secrets Manager, so
answers name its ARN; offline nothing stands behind it. States and how they settle are
in `delivery/api_destinations/connections.py`.

Source: [aws] answers, their members, states and the text of an unknown name; [peer] the
other texts, as marked.
"""

from __future__ import annotations

from evcli.arns import format_arn
from evcli.delivery.api_destinations.connections import (
    AUTHORIZED,
    AUTHORIZING,
    DEAUTHORIZED,
    get_connection_state,
)
from evcli.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.ids import LETTERS_AND_DIGITS, draw_text
from evcli.operations.connection_parameters import (
    CREDENTIALS,
    get_credentials_name,
    hide_parameters,
    merge_parameters,
    one_type_is_required,
    require_complete,
    require_credentials,
)
from evcli.operations.resources import list_page, respond, respond_page, to_columns
from evcli.store.epoch import to_whole_second
from evcli.store.records import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

OAUTH = "OAUTH_CLIENT_CREDENTIALS"

# Shown in answers alone, never stored.
DEAUTHORIZING = "DEAUTHORIZING"
DELETING = "DELETING"

# What UpdateConnection can set besides the authorisation, member → column.
SETTINGS = {
    "Description": "description",
    "InvocationConnectivityParameters": "invocation_connectivity_parameters",
    "KmsKeyIdentifier": "kms_key_identifier",
}
# What responses show as it is stored, member → column.
COLUMNS = {
    **SETTINGS,
    "ConnectionArn": "arn",
    "Name": "name",
    "StateReason": "state_reason",
    "AuthorizationType": "authorization_type",
    "SecretArn": "secret_arn",
}

NOTHING_TO_UPDATE = (
    "Failed to update the connection(s). At least one of the following is required:"
    " Description, KmsKeyIdentifier, AuthorizationType with BasicAuthParameters,"
    " ApiKeyAuthParameters, or OAuthParameters."
)
PARAMETERS_REMOVED = (
    "The authorization parameters were removed from this connection by a"
    " DeauthorizeConnection operation."
)


def find_connection(ctx: Context, name: str, verb: str) -> Connection:
    """Fetch a connection.

    Args:
        verb: what was to be done to it; the message begins so, as all others do.

    Raises: ResourceNotFoundException: there is no such. [aws] for describe, [guess] that
        the others name themselves; a recording of one of them would settle it.
    """
    connection = ctx.store.get(Connection, ctx.account_id, ctx.region, name)
    if connection is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the connection(s). Connection '{name}' does not exist."
        )
    return connection


def create_connection(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Store a connection under a new id and a new secret's ARN.

    The OAuth endpoint may be any text of its shape, HTTPS or not. [aws]

    Raises:
        ValidationException: the parameters are not those of the type.
        ResourceAlreadyExistsException: the name is taken. [peer]
        LimitExceededException: too many connections. [guess] the text.
    """
    name, authorization_type = request["Name"], request["AuthorizationType"]
    require_credentials(authorization_type, request["AuthParameters"])
    scope = (ctx.account_id, ctx.region)
    if ctx.store.get(Connection, *scope, name) is not None:
        raise ResourceAlreadyExistsException(f"Connection '{name}' already exists.")
    ctx.require_quota("connections", ctx.store.count(Connection, *scope) + 1)
    now = ctx.clock.now()
    connection = Connection(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        connection_id=ctx.new_id(),
        auth_parameters=request["AuthParameters"],
        created_at=now,
        last_modified_at=now,
        **_authorize(ctx, name, authorization_type),
        **to_columns(request, SETTINGS),
    )
    ctx.store.put(connection)
    return _respond(ctx, "CreateConnection", connection)


def _authorize(ctx: Context, name: str, authorization_type: str) -> dict[str, Any]:
    """Columns of a connection that just got credentials."""
    return {
        "authorization_type": authorization_type,
        "secret_arn": _make_secret_arn(ctx, name),
        "state": AUTHORIZING if authorization_type == OAUTH else AUTHORIZED,
        "state_reason": None,
        # To the millisecond, since AUTHORIZING is measured from here.
        "last_authorized_at": ctx.clock.now(),
    }


def _make_secret_arn(ctx: Context, name: str) -> str:
    """Name a secret: its id is not the connection's. [aws]"""
    suffix = draw_text(ctx.new_id(), LETTERS_AND_DIGITS, 6)
    resource = f"secret:events!connection/{name}/{ctx.new_id()}-{suffix}"
    return format_arn("secretsmanager", ctx.region, ctx.account_id, resource)


def _respond(
    ctx: Context, name: str, connection: Connection, state: str | None = None
) -> dict[str, Any]:
    """The answer about one connection.

    Args:
        state: one that leads to the next and is shown, but not stored.
    """
    shown = _compute(ctx, connection)
    shown["ConnectionState"] = state or shown["ConnectionState"]
    return respond(name, connection, COLUMNS, **shown)


def _compute(ctx: Context, connection: Connection) -> dict[str, Any]:
    authorized_at = connection.last_authorized_at
    return {
        "ConnectionState": get_connection_state(connection, ctx.clock.now()),
        "AuthParameters": hide_parameters(connection.auth_parameters),
        "CreationTime": to_whole_second(connection.created_at),
        "LastModifiedTime": to_whole_second(connection.last_modified_at),
        "LastAuthorizedTime": authorized_at and to_whole_second(authorized_at),
    }


def update_connection(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is given, keep the rest; a cached token goes in any case.

    Raises:
        ValidationException: nothing was given to change, or the parameters are not
            those of the type, or too few for a type that is new to the connection.
        ResourceNotFoundException: there is no such connection.
    """
    given = request.get("AuthParameters", {})
    # A type alone changes nothing. [peer] by the text.
    if not given and not any(member in request for member in SETTINGS):
        raise ValidationException(NOTHING_TO_UPDATE)
    before = find_connection(ctx, request["Name"], "update")
    connection = before.replace(
        last_modified_at=ctx.clock.now(),
        token=None,
        **_change_authorization(ctx, before, request.get("AuthorizationType"), given),
        **to_columns(request, SETTINGS),
    )
    ctx.store.put(connection)
    ctx.after_commit.append(lambda: _clean_disk(ctx))
    return _respond(ctx, "UpdateConnection", connection)


def _change_authorization(
    ctx: Context,
    connection: Connection,
    new_type: str | None,
    given: dict[str, Any],
) -> dict[str, Any]:
    """Columns that change with new parameters; the secret keeps its ARN. [aws]"""
    stored = connection.auth_parameters
    authorization_type = new_type or connection.authorization_type
    if authorization_type != connection.authorization_type:
        # The old credentials go; what else goes into calls stays. [guess]
        old_name = CREDENTIALS[connection.authorization_type]
        stored = {name: value for name, value in stored.items() if name != old_name}
        if get_credentials_name(given) is None:
            raise one_type_is_required()
    merged = merge_parameters(stored, given)
    if get_credentials_name(given) is None:
        return {"auth_parameters": merged}
    require_credentials(authorization_type, given)
    require_complete(merged)
    columns = _authorize(ctx, connection.name, authorization_type)
    return {
        **columns,
        "auth_parameters": merged,
        "secret_arn": connection.secret_arn or columns["secret_arn"],
    }


def _clean_disk(ctx: Context) -> None:
    """Take removed secrets out of the files as well, or say that they are still there."""
    if not ctx.store.database.empty_log():
        ctx.notices.append(
            f"{ctx.store.path} is being read, so its files hold the removed secrets"
            " until the next change of a connection, or until nobody has it open."
        )


def deauthorize_connection(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove every authorisation parameter, from the disk too; the type stays. [doc]

    One that has none any more stays as it is. [peer]

    Raises: ResourceNotFoundException: there is no such connection.
    """
    connection = find_connection(ctx, request["Name"], "deauthorize")
    # Not by the state: a refused call deauthorises too, and leaves the secrets there.
    if connection.secret_arn is None:
        return _respond(ctx, "DeauthorizeConnection", connection)
    connection = connection.replace(
        auth_parameters={},
        secret_arn=None,
        token=None,
        state=DEAUTHORIZED,
        state_reason=PARAMETERS_REMOVED,
        last_modified_at=ctx.clock.now(),
    )
    ctx.store.put(connection)
    ctx.after_commit.append(lambda: _clean_disk(ctx))
    return _respond(ctx, "DeauthorizeConnection", connection, DEAUTHORIZING)


def delete_connection(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a connection and its secrets; API destinations keep naming it. [peer]

    Raises: ResourceNotFoundException: there is no such connection.
    """
    connection = find_connection(ctx, request["Name"], "delete")
    ctx.store.delete(
        Connection, connection.account_id, connection.region, connection.name
    )
    ctx.after_commit.append(lambda: _clean_disk(ctx))
    return _respond(ctx, "DeleteConnection", connection, DELETING)


def describe_connection(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Show one connection, and of its parameters what is not secret.

    Raises: ResourceNotFoundException: there is no such connection.
    """
    connection = find_connection(ctx, request["Name"], "describe")
    return _respond(ctx, "DescribeConnection", connection)


def list_connections(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List a page of connections, by name; prefix and state may be combined. [peer]

    Raises: InvalidToken: the token is not one of this list.
    """
    now, state = ctx.clock.now(), request.get("ConnectionState")
    page = list_page(
        ctx,
        request,
        Connection,
        ctx.account_id,
        ctx.region,
        keep=lambda each: state in (None, get_connection_state(each, now)),
    )
    return respond_page(
        "ListConnections", page, COLUMNS, lambda each: _compute(ctx, each)
    )


HANDLERS = {
    "CreateConnection": create_connection,
    "DeauthorizeConnection": deauthorize_connection,
    "DeleteConnection": delete_connection,
    "DescribeConnection": describe_connection,
    "ListConnections": list_connections,
    "UpdateConnection": update_connection,
}
