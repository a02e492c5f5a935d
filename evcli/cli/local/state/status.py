"""`evcli local status`: how the state directory stands."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import (
    STATE_STYLES,
    choose_output,
    write_columns,
    write_document,
)
from evcli.cli.output.columns import WRAP, Column
from evcli.cli.output.short_forms import format_distance
from evcli.cli.setting_sources import find_sources
from evcli.inspection.status import describe_status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session

    Value = dict[str, Any]

COLUMNS = (
    Column("Name", "", lambda row: (row["Name"], "bold")),
    Column("Value", "", lambda row: row["Value"], fit=WRAP, least=30),
)
# Size and unit, largest first.
SIZES = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


@click.command()
@click.pass_obj
def status_command(session: Session) -> None:
    """Show where the state is and how it stands: account, region and clock, what it holds,
    what waits, and whether a worker runs.

    Events and deliveries are those of all accounts and regions. The last part are the
    counts behind CloudWatch's metrics of AWS/Events, as far as the ledger has them:
    nothing about requests, and nothing that was pruned.
    """
    with closing(session.open_context()) as ctx:
        status = describe_status(ctx)
        status["Sources"] = find_sources(session, ctx.configuration)
        output = choose_output(session, ctx)
        if output != "table" or session.options.get("query") is not None:
            write_document(session, "Status", status, output)
            return
        rows = ({"Name": name, "Value": value} for name, value in list_rows(status))
        write_columns(session, rows, COLUMNS)


def list_rows(status: Value) -> Iterator[tuple[str, Cell]]:
    """List what a screen says, from top to bottom."""
    sources, clock = status["Sources"], status["Clock"]
    yield "state directory", status["StateDirectory"]
    size = status["SizeBytes"]
    size = "very many files" if size is None else format_size(size)
    yield "", f"from {sources['StateDirectory']}, {size}"
    if "Store" in status:
        yield "store", status["Store"]
    for name in ("Account", "Region"):
        yield name.lower(), f"{status[name]}  from {sources[name]}"
    kind = "the machine's clock" if clock["Kind"] == "system" else "virtual: it stands"
    yield "clock", f"{clock['Now']}  {kind}"
    yield "here", format_counts(status["Resources"])
    yield "events", f"{status['Events']:,}"
    yield from _list_deliveries(status["Deliveries"])
    yield from _list_queue(status)
    for number, sink in enumerate(status["Sinks"]):
        yield "" if number else "sinks", f"{sink['Arn']} → {sink['Kind']}"
    rest = "all others" if status["Sinks"] else "all targets"
    default = "the table in the store" if "Store" in status else "files below sinks/"
    yield "" if status["Sinks"] else "sinks", f"{rest} → {default}"
    for number, (name, count) in enumerate(status["Metrics"].items()):
        yield "" if number else "AWS/Events", f"{name} {count:,}"


def _list_deliveries(by_state: dict[str, int]) -> Iterator[tuple[str, Cell]]:
    yield "deliveries", f"{sum(by_state.values()):,}"
    for state, count in by_state.items():
        if count:
            yield "", (f"{state} {count:,}", STATE_STYLES.get(state, ""))


def _list_queue(status: Value) -> Iterator[tuple[str, Cell]]:
    queue = status["Queue"]
    waiting = queue["Waiting"]
    yield (
        "queue",
        f"{waiting:,} {'delivery waits' if waiting == 1 else 'deliveries wait'}",
    )
    now = datetime.fromisoformat(status["Clock"]["Now"])
    for name, instant in queue["NextDue"].items():
        yield "", f"{name} due {format_distance(instant, now)}, {instant}"
    running = status["WorkerIsRunning"]
    workers = status.get("Workers", [])
    for number, worker in enumerate(workers):
        text = (
            f"{worker['Host']}, process {worker['ProcessId']}, since {worker['Since']}"
        )
        yield "" if number else "workers", text
    if not workers:
        yield "worker", "runs" if running else "none: `evcli local run` starts one"


def format_counts(counts: dict[str, int]) -> str:
    """Say how many there are of what there is: `2 event buses, 5 rules`."""
    words = {name: _split_words(name) for name in counts}
    named = [
        f"{count:,} {words[name] if count != 1 else _to_singular(words[name])}"
        for name, count in counts.items()
        if count
    ]
    return ", ".join(named) or "nothing yet"


def _split_words(name: str) -> str:
    """Spell the name of a member in words: `API destinations` for `ApiDestinations`."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in name)
    return words.strip().replace("api ", "API ")


def _to_singular(plural: str) -> str:
    return plural.removesuffix("es" if plural.endswith("buses") else "s")


def format_size(size_bytes: int) -> str:
    """Write a size as people read it: `12 bytes`, `3.4 MB`."""
    for factor, unit in SIZES:
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} bytes"
