"""Events that do not fit their schema: a warning, or a refusal before they are sent.

`.evcli/schemas/` of the nearest project has the schemas; without one nothing is loaded.
"""

from __future__ import annotations

import json

from evcli.cli.errors import GeneralError
from evcli.delivery.envelopes import build_envelope
from evcli.errors import EntryError
from evcli.model.timestamps import parse_timestamp
from evcli.store.directory.state_directory import SCHEMAS, find_project_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.authoring.schemas import Misfit, Schemas
    from evcli.bulk.send import Check
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.delivery.events import AcceptedEvent

REFUSE = "refuse"
# An input may have a million events, and the same mistake in each.
SHOWN_WARNINGS = 10


def open_schemas(session: Session) -> Schemas | None:
    """Open the schemas of the nearest project; `None`: it has none."""
    here = session.find_working_directory()
    directory = find_project_folder(SCHEMAS, session.environ, here)
    if directory is None:
        return None
    from evcli.authoring.schemas import Schemas

    return Schemas(directory)


def is_refusing(ctx: Context) -> bool:
    """Say whether `[schemas] mode` of config.toml keeps such events from being sent."""
    mode: str | None = ctx.configuration.get("schemas", {}).get("mode")
    return mode == REFUSE


def check_event(session: Session, ctx: Context, event: dict[str, Any]) -> None:
    """Hold an event against its schema before it is sent; warn, or refuse it.

    Args:
        event: as `json.loads` reads it.

    Raises: GeneralError: it does not fit, and `[schemas] mode` is `refuse`.
    """
    schemas = open_schemas(session)
    misfit = None if schemas is None else schemas.check(event)
    if misfit is None:
        return
    if is_refusing(ctx):
        raise GeneralError(f"{describe_misfit(misfit)}. Nothing was sent.")
    session.warn(describe_misfit(misfit))


def make_check(session: Session, ctx: Context) -> Check | None:
    """Make what holds each event of an input against its schema before it arrives.

    It warns, of the first ones only, or raises `EntryError` where `[schemas] mode` is
    `refuse`. `None`: the project has no schemas.
    """
    schemas = open_schemas(session)
    if schemas is None:
        return None
    warned = 0

    def check(event: AcceptedEvent) -> None:
        nonlocal warned
        misfit = schemas.check(json.loads(event.row.envelope))
        if misfit is None:
            return
        if is_refusing(ctx):
            raise EntryError("SchemaMismatch", describe_misfit(misfit))
        warned += 1
        if warned <= SHOWN_WARNINGS:
            session.warn(describe_misfit(misfit))
        elif warned == SHOWN_WARNINGS + 1:
            session.warn("More events do not fit their schemas.")

    return check


def describe_misfit(misfit: Misfit) -> str:
    """Word what does not fit, on one line."""
    return f"The event does not fit {misfit}"


def warn_of_misfits(
    session: Session, ctx: Context, request: dict[str, Any], response: dict[str, Any]
) -> None:
    """Warn of entries that were accepted and do not fit; for a terminal."""
    schemas = open_schemas(session)
    if schemas is None:
        return
    now = ctx.clock.now()
    for entry, result in zip(request["Entries"], response["Entries"], strict=True):
        if "EventId" not in result:
            continue
        event = build_envelope(
            event_id=result["EventId"],
            detail_type=entry["DetailType"],
            source=entry["Source"],
            account_id=ctx.account_id,
            time=parse_timestamp(entry.get("Time"), now=now) or now,
            region=ctx.region,
            resources=entry.get("Resources", ()),
            detail=json.loads(entry["Detail"]),
        )
        misfit = schemas.check(event)
        if misfit is not None:
            session.warn(describe_misfit(misfit))
