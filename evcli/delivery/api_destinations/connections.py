"""Connections as deliveries and API destinations see them: which one, in what state.

    create, update ── BASIC, API_KEY ────────────► AUTHORIZED ──┐ 401 or 407, no token,
          │                                            ▲        │ deauthorize-connection
          └── OAUTH ──► AUTHORIZING ── one second ─────┘        ▼
                                                          DEAUTHORIZED

No token is fetched when a connection is made: evcli is offline, and most authorisation
endpoints are out of its reach. So AUTHORIZING is a state of the clock: it is over a
second after the credentials came, and nothing is written. The token is fetched when a
delivery first needs it; failing then is what deauthorises.

Source: [aws] AUTHORIZING in the answer and right after it; [guess] how long it lasts.
"""

from __future__ import annotations

from datetime import timedelta

from evcli.arns import parse_arn
from evcli.store.records import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, TypeVar

    from evcli.context import Context
    from evcli.store.records import ApiDestination

    R = TypeVar("R", ApiDestination, Connection)

AUTHORIZED = "AUTHORIZED"
AUTHORIZING = "AUTHORIZING"
DEAUTHORIZED = "DEAUTHORIZED"

AUTHORIZING_LIFE = timedelta(seconds=1)


def get_connection_state(connection: Connection, now: datetime) -> str:
    """Say which state a connection is in at an instant."""
    authorized_at = connection.last_authorized_at
    if connection.state != AUTHORIZING or authorized_at is None:
        return connection.state
    is_over = now >= authorized_at + AUTHORIZING_LIFE
    return AUTHORIZED if is_over else AUTHORIZING


def get_by_arn(ctx: Context, kind: type[R], arn_text: str) -> R | None:
    """Fetch the resource that an ARN names, in the ARN's own account and region.

    The id at the ARN's end has to fit: what was deleted and made again under its name is
    another one. [guess]
    """
    arn = parse_arn(arn_text)
    if arn is None:
        return None
    name = arn.resource.partition("/")[2].partition("/")[0]
    found = ctx.store.get(kind, arn.account_id, arn.region, name)
    return None if found is None or found.arn != arn_text else found


def change_connection(ctx: Context, connection: Connection, **columns: Any) -> None:
    """Change what a delivery found out about a connection, in a transaction of its own.

    Nothing happens when the connection is gone, or got other parameters or was
    deauthorised meanwhile: what was found out is about the old ones then.
    """
    with ctx.store.transaction():
        latest = get_by_arn(ctx, Connection, connection.arn)
        if (
            latest is not None
            and latest.auth_parameters == connection.auth_parameters
            and latest.state != DEAUTHORIZED
        ):
            ctx.store.put(latest.replace(**columns))
