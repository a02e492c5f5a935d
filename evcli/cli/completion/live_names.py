"""Names that exist in the state directory right now, for completion."""

from __future__ import annotations

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn
from evcli.json_text import loads
from evcli.store.directory.state_directory import read_identity
from evcli.store.records import (
    ApiDestination,
    Archive,
    Connection,
    Endpoint,
    EventBus,
    EventSource,
    Replay,
    Rule,
    Target,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.records import Record

    # Options typed so far by destination, the beginning of the name → names.
    Lister = Callable[[Context, Mapping[str, str], str], list[str]]


def list_live_names(
    session: Session, kind: str, values: Mapping[str, str], prefix: str
) -> list[str]:
    """List names of a kind (a key of `LISTERS`) that begin with `prefix`.

    A state directory that does not exist is not made.

    Args:
        values: options typed so far, by destination: they may narrow the names.
    """
    names = ask_state(session, LISTERS[kind], values, prefix)
    if names is None:
        return [DEFAULT_EVENT_BUS] if kind == "event-bus" else []
    return names


def ask_state(
    session: Session, lister: Lister, values: Mapping[str, str], prefix: str
) -> list[str] | None:
    """List what a lister finds that begins with `prefix`; `None` without a state."""
    if read_identity(session.find_state_directory()) is None:
        return None
    session.load_settings()
    ctx = session.open_context()
    try:
        return [name for name in lister(ctx, values, prefix) if name.startswith(prefix)]
    finally:
        ctx.close()


def _find_bus(values: Mapping[str, str]) -> str:
    """Name the event bus that was typed; its ARN will do, none means `default`."""
    typed = values.get("EventBusName") or DEFAULT_EVENT_BUS
    arn = parse_arn(typed)
    return typed if arn is None else arn.resource.removeprefix("event-bus/")


def _list_buses(ctx: Context, values: Mapping[str, str], prefix: str) -> list[str]:
    if prefix.startswith("arn:"):
        return _list_bus_arns(ctx, values, prefix)
    names = ctx.store.list_names(EventBus, ctx.account_id, ctx.region, prefix=prefix)
    # Stored only once it was changed, there always.
    return sorted({DEFAULT_EVENT_BUS, *names})


def _list_bus_arns(ctx: Context, values: Mapping[str, str], prefix: str) -> list[str]:
    return [ctx.event_bus_arn(name) for name in _list_buses(ctx, values, "")]


def _list_rules(ctx: Context, values: Mapping[str, str], prefix: str) -> list[str]:
    return ctx.store.list_names(
        Rule, ctx.account_id, ctx.region, _find_bus(values), prefix=prefix
    )


def _list_target_ids(ctx: Context, values: Mapping[str, str], prefix: str) -> list[str]:
    return ctx.store.list_names(
        Target,
        ctx.account_id,
        ctx.region,
        _find_bus(values),
        values.get("Rule", ""),
        prefix=prefix,
    )


def _list_target_arns(ctx: Context, values: Mapping[str, str], _: str) -> list[str]:
    targets = ctx.store.list_records(
        Target, ctx.account_id, ctx.region, _find_bus(values)
    )
    return sorted({target.arn for target in targets})


def _names_of(record: type[Record]) -> Lister:
    """List the names of the records of a type."""

    def list_names(ctx: Context, _: Mapping[str, str], prefix: str) -> list[str]:
        return ctx.store.list_names(record, ctx.account_id, ctx.region, prefix=prefix)

    return list_names


def _fields_of(record: type[Record], field: str) -> Lister:
    """List what the records of a type have in a field."""

    def list_fields(ctx: Context, _: Mapping[str, str], __: str) -> list[str]:
        records = ctx.store.list_records(record, ctx.account_id, ctx.region)
        return [getattr(each, field) for each in records]

    return list_fields


def _sources_of(column: str) -> Lister:
    """List the partner event sources that have this account in a column."""

    def list_sources(ctx: Context, _: Mapping[str, str], prefix: str) -> list[str]:
        where: dict[str, object] = {column: ctx.account_id}
        return ctx.store.list_names(EventSource, ctx.region, prefix=prefix, where=where)

    return list_sources


def _list_taggable_arns(
    ctx: Context, values: Mapping[str, str], prefix: str
) -> list[str]:
    buses = _list_buses(ctx, values, "")
    arns = [ctx.event_bus_arn(bus) for bus in buses]
    for bus in buses:
        rules = ctx.store.list_names(Rule, ctx.account_id, ctx.region, bus)
        arns += [ctx.rule_arn(bus, rule) for rule in rules]
    return arns


def _list_tag_keys(ctx: Context, values: Mapping[str, str], _: str) -> list[str]:
    return [key for key, _ in ctx.store.tags.list(values.get("ResourceARN", ""))]


def _list_statement_ids(ctx: Context, values: Mapping[str, str], _: str) -> list[str]:
    bus = ctx.store.get(EventBus, ctx.account_id, ctx.region, _find_bus(values))
    if bus is None or not bus.policy:
        return []
    statements = loads(bus.policy).get("Statement", [])
    return [statement["Sid"] for statement in statements if "Sid" in statement]


def _list_accounts(ctx: Context, _: Mapping[str, str], __: str) -> list[str]:
    """Accounts of profiles, and those that already have something."""
    profiles = ctx.configuration.get("profiles", {}).values()
    named = {profile["account"] for profile in profiles if "account" in profile}
    return sorted(
        {*named, *ctx.store.list_names(EventBus), *ctx.store.list_names(Rule)}
    )


# Key of `Member.completes` → its lister.
LISTERS: dict[str, Lister] = {
    "account": _list_accounts,
    "api-destination": _names_of(ApiDestination),
    "archive": _names_of(Archive),
    "archive-arn": _fields_of(Archive, "arn"),
    "connection": _names_of(Connection),
    "connection-arn": _fields_of(Connection, "arn"),
    "endpoint": _names_of(Endpoint),
    "endpoint-id": _fields_of(Endpoint, "endpoint_id"),
    "event-bus": _list_buses,
    "event-bus-arn": _list_bus_arns,
    "event-source": _sources_of("account_id"),
    "partner-event-source": _sources_of("partner_account_id"),
    "replay": _names_of(Replay),
    "resource-arn": _list_taggable_arns,
    "rule": _list_rules,
    "statement-id": _list_statement_ids,
    "tag-key": _list_tag_keys,
    "target-arn": _list_target_arns,
    "target-id": _list_target_ids,
}
