"""Values of the options and arguments of `evcli local …`, by the parameter's name.

What click knows by itself, choices and paths, is not here; nor are numbers and texts that
only a person can think of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.cli.completion.known_values import JSON, list_paths
from evcli.cli.completion.live_names import ask_state, list_live_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.deliveries import Event

    # (session, tokens behind `evcli local`, the word at the cursor) → values, best first.
    Finder = Callable[[Session, Sequence[str], str], Iterable[str]]

# How many of the newest events and deliveries are offered, or looked at.
NEWEST = 50

DURATIONS = ("1m", "1h", "1d")
AGES = ("5m", "1h", "1d", "7d")
AHEAD = ("+1h", "+1d")


def _fixed(*values: str) -> Finder:
    return lambda _session, _tokens, _current: values


def _live(kind: str) -> Finder:
    """Names of a kind that `live_names` lists."""
    return lambda session, _tokens, current: list_live_names(session, kind, {}, current)


def _ask(lister: Callable[[Context, Mapping[str, str], str], list[str]]) -> Finder:
    return lambda session, _tokens, current: (
        ask_state(session, lister, {}, current) or []
    )


def _list_event_ids(ctx: Context, _: Mapping[str, str], prefix: str) -> list[str]:
    if prefix:
        return ctx.store.accepted_events.list_ids(prefix, NEWEST)
    return _collect(event.event_id for event in _list_newest(ctx))


def _list_newest(ctx: Context) -> Iterator[Event]:
    from itertools import islice

    from evcli.store.accepted_events import EventConditions

    return islice(ctx.store.accepted_events.list_newest(EventConditions()), NEWEST)


def _collect(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _list_sources(ctx: Context, _: Mapping[str, str], __: str) -> list[str]:
    return _collect(_read_heads(ctx, "source"))


def _list_detail_types(ctx: Context, _: Mapping[str, str], __: str) -> list[str]:
    return _collect(_read_heads(ctx, "detail-type"))


def _read_heads(ctx: Context, member: str) -> Iterator[str]:
    import json

    for event in _list_newest(ctx):
        yield json.loads(event.envelope)[member]


def _list_delivery_ids(ctx: Context, _: Mapping[str, str], __: str) -> list[str]:
    after = ctx.store.ledger.find_newest(NEWEST)
    found = ctx.store.ledger.list_deliveries(after=after)
    return [delivery.delivery_id for delivery in found][::-1]


def _find_rule_arns(session: Session, _: Sequence[str], current: str) -> list[str]:
    arns = list_live_names(session, "resource-arn", {}, current)
    return [arn for arn in arns if ":rule/" in arn]


def _find_samples(session: Session, _: Sequence[str], __: str) -> list[str]:
    return list_samples(session)


def list_samples(session: Session) -> list[str]:
    """List the names of sample events, those of the project among them."""
    from evcli.authoring import samples

    own = samples.find_own_directory(session.environ, session.find_working_directory())
    return [sample.name for sample in samples.list_samples(own)]


def _find_services(_session: Session, _: Sequence[str], __: str) -> list[str]:
    from evcli.authoring import samples

    return samples.list_services()


def _find_fields(session: Session, tokens: Sequence[str], _: str) -> Iterator[str]:
    """What `--set` may set: the fields of the sample that stands before it."""
    from evcli.authoring import samples

    names = set(_find_samples(session, tokens, ""))
    name = next((token for token in tokens if token in names), None)
    if name is None:
        return
    own = samples.find_own_directory(session.environ, session.find_working_directory())
    yield from _list_paths(samples.read_sample(name, own), "")


def _list_paths(value: Any, path: str) -> Iterator[str]:
    """`detail.object.key=`, and `:=` where the value is no text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _list_paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _list_paths(inner, f"{path}[{position}]")
    else:
        yield f"{path}=" if isinstance(value, str) else f"{path}:="


def _find_files(_session: Session, _: Sequence[str], current: str) -> list[str]:
    return [path for path, _ in list_paths(current)]


def _find_checks(_session: Session, _: Sequence[str], __: str) -> list[str]:
    from evcli.authoring.lint.catalogue import CHECKS

    return list(CHECKS)


def _find_clusters(_session: Session, _: Sequence[str], __: str) -> list[str]:
    import os

    return [f"local:{os.cpu_count() or 1}", "tcp://", "tls://"]


def _find_documents(_session: Session, _: Sequence[str], current: str) -> list[str]:
    prefix = "file://"
    if not current.startswith(prefix):
        return [prefix, "-"]
    found = list_paths(current.removeprefix(prefix), JSON)
    return [f"{prefix}{path}" for path, _ in found]


def _find_kinds(_session: Session, _: Sequence[str], __: str) -> list[str]:
    from importlib.metadata import entry_points

    from evcli.delivery.sinks.installed import ENTRY_POINTS
    from evcli.store.directory.configuration_schema import SINK_KINDS

    return [*SINK_KINDS, *sorted(entry_points(group=ENTRY_POINTS).names)]


def _find_arns(session: Session, tokens: Sequence[str], current: str) -> list[str]:
    """ARNs for `sinks`: those of its entries to remove one, else those of targets."""
    from evcli.store.directory.configuration_file import get_configuration

    if tokens[1:2] == ["remove"]:
        entries = get_configuration(session.find_state_directory()).get("sinks", [])
        return [entry["arn"] for entry in entries]
    return list_live_names(session, "target-arn", {}, current)


# Parameter → what finds its values.
FINDERS: dict[str, Finder] = {
    "account": _live("account"),
    "after": _fixed(*AHEAD),
    "allowed_hosts": _fixed("host.docker.internal"),
    "arn": _find_arns,
    "assignments": _find_fields,
    "at": _fixed(*AGES),
    "before": _fixed(*AGES),
    "cluster": _find_clusters,
    "clock_time": _fixed(*AHEAD),
    "delivery_id": _ask(_list_delivery_ids),
    "detail_type": _ask(_list_detail_types),
    "duration": _fixed(*DURATIONS),
    "endpoint": _live("endpoint"),
    "endpoint_url": _fixed("http://127.0.0.1:"),
    "event": _find_documents,
    "event_bus_name": _live("event-bus"),
    "event_id": _ask(_list_event_ids),
    "ignore": _find_checks,
    "host": _fixed("127.0.0.1", "localhost", "0.0.0.0"),
    "ingestion_time": _fixed(*AGES),
    "kind": _find_kinds,
    "older_than": _fixed(*AGES),
    "part_size": _fixed("16MB", "64MB"),
    "path": _find_files,
    "python": _find_files,
    "rate": _fixed("1/s", "10/s", "100/s"),
    "rule": _live("rule"),
    "rule_arn": _find_rule_arns,
    "rule_name": _live("rule"),
    "sample": _find_samples,
    "select": _find_checks,
    "service": _find_services,
    "since": _fixed(*AGES),
    "source": _ask(_list_sources),
    "target": _find_documents,
    "target_arn": _live("target-arn"),
    "time": _fixed(*AHEAD),
    "until": _fixed(*AHEAD),
    "url": _fixed("http://127.0.0.1:"),
    "what": _live("rule"),
}
