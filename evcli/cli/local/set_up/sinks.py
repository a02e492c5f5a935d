"""`evcli local sinks`: which local places stand for which targets."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.state.document_output import write_document
from evcli.store.directory.configuration import FILE_NAME, list_effects
from evcli.store.directory.configuration_file import change_sinks, read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.cli.session import Session
    from evcli.context import Context, Outcome


@click.group(short_help="List, add, remove or try the sinks of targets")
def command() -> None:
    """Choose what stands for a target: a file, a command, a URL, stdout or nothing.

    Without a sink of its own every target is a file below sinks/ in the state
    directory. The choices are kept in config.toml, in the order in which they are
    tried: the first pattern that fits a target's ARN wins.
    """


@command.command("list")
@click.pass_obj
def list_sinks(session: Session) -> None:
    """Print the sinks in the order in which they are tried."""
    sinks = _read(session).get("sinks", [])
    write_document(session, "Sinks", sinks, session.settings.output or "json")


@command.command()
@click.argument("arn", metavar="ARN-PATTERN")
@click.option(
    "--kind",
    required=True,
    metavar="KIND",
    help="file, stdout, exec, http, null, or what a package brings.",
)
@click.option("--path", metavar="PATH", help="file: where the lines go.")
@click.option("--command", metavar="COMMAND", help="exec: a line for the shell.")
@click.option("--url", metavar="URL", help="http: where payloads are posted.")
@click.option(
    "--timeout", type=float, metavar="SECONDS", help="exec: 30; http: 5 if absent."
)
@click.option(
    "--fail-rate", type=float, metavar="P", help="Let this share of attempts fail."
)
@click.option(
    "--fail-first",
    type=int,
    metavar="N",
    help="Let the first N attempts of each delivery fail.",
)
@click.option(
    "--seed", type=int, metavar="N", help="Choose which ones --fail-rate hits."
)
@click.option("--first", is_flag=True, help="Try it before all others, not after them.")
@click.pass_obj
def add(session: Session, /, arn: str, first: bool, **options: Any) -> None:
    """Let a sink stand for every target whose ARN fits ARN-PATTERN.

    * stands for any text, ? for one character. A pattern that is there already gets the
    new sink in its place.
    """
    entry = {"arn": arn}
    entry |= {name: value for name, value in options.items() if value is not None}
    if "path" in entry:
        entry["path"] = place_path(session, entry["path"])

    def change(sinks: list[dict[str, Any]]) -> None:
        for known in sinks:
            if known["arn"] == arn:
                # Not another one in its place: there may be a comment in it.
                for name in [name for name in known if name not in entry]:
                    del known[name]
                known.update(entry)
                return
        sinks.insert(0 if first else len(sinks), entry)

    with closing(session.open_context()) as ctx:
        check_sink_opens(ctx, entry)
    _change(session, change)
    approve_sink(session, arn)


@command.command()
@click.argument("arn", metavar="ARN-PATTERN")
@click.pass_obj
def remove(session: Session, arn: str) -> None:
    """Remove the sink that was added for ARN-PATTERN."""

    def change(sinks: list[dict[str, Any]]) -> None:
        known = [each["arn"] for each in sinks]
        if arn not in known:
            raise GeneralError(
                f"There is no sink for {arn}; there are: {', '.join(known) or 'none'}."
            )
        for number in reversed(range(len(known))):
            if known[number] == arn:
                del sinks[number]

    _change(session, change)


@command.command()
@click.argument("arn", metavar="ARN")
@click.pass_obj
def test(session: Session, arn: str) -> None:
    """Hand a made-up delivery to the sink that stands for ARN, past the ledger.

    The sink does what it always does: a file gets a line, a command runs. Prints what
    came of it; a failure is exit code 255.
    """
    with closing(session.open_context()) as ctx:
        outcome = try_sink(ctx, arn)
    said = {
        "ErrorCode": outcome.error_code,
        "ErrorMessage": outcome.message,
        "Output": outcome.output,
    }
    answer = {key: value for key, value in said.items() if value is not None}
    write_document(session, "Sink", answer, session.settings.output or "json")
    if outcome.error_code is not None:
        raise GeneralError(f"The sink of {arn} failed: {outcome.error_code}.")


def check_sink_opens(ctx: Context, entry: dict[str, Any]) -> None:
    """Open a sink as it would be. Raises: ConfigurationError: it cannot be."""
    from evcli.delivery.sinks import open_sink
    from evcli.store.directory.configuration_file import SCHEMA, require_valid

    require_valid("sinks", {"sinks": [entry]}, SCHEMA)
    open_sink(ctx, entry, "arn:aws:sqs:us-east-1:000000000000:test")


def approve_sink(session: Session, arn: str) -> None:
    """Let the sink of an ARN pattern do in a project what somebody has typed.

    Read back, because that is the value that will be asked about.
    """
    from evcli.store.directory.approvals import approve, read_approved
    from evcli.store.directory.state_directory import is_project_directory

    directory = session.find_state_directory()
    sinks = [each for each in _read(session).get("sinks", []) if each["arn"] == arn]
    entries = list_effects({"sinks": sinks})
    if entries and is_project_directory(directory):
        known = read_approved(directory, session.environ)
        approve(directory, known.union(entries), session.environ)


def try_sink(ctx: Context, arn: str) -> Outcome:
    """Make a delivery that is in no ledger to the sink of an ARN."""
    from evcli.context import Outcome
    from evcli.delivery.envelopes import build_envelope, format_json
    from evcli.delivery.sinks import find_sink
    from evcli.store.deliveries import Delivery, Event

    now = ctx.clock.now()
    envelope = build_envelope(
        event_id=ctx.new_id(),
        detail_type="Sink Test",
        source="evcli",
        account_id=ctx.account_id,
        time=now,
        region=ctx.region,
        resources=(),
        detail={},
    )
    text = format_json(envelope)
    delivery = Delivery(
        event=Event(
            event_id=envelope["id"],
            account_id=ctx.account_id,
            region=ctx.region,
            event_bus_name="default",
            accepted_at=now,
            envelope=text,
        ),
        rule_arn=ctx.rule_arn("default", "evcli-sink-test"),
        target={"Id": "test", "Arn": arn},
        payload=text,
    )
    sink = find_sink(ctx, arn)
    outcome = sink.deliver(delivery, {"action": "evcli:Test", "request": {}})
    try:
        sink.flush()
    except OSError as error:
        return Outcome("INTERNAL_ERROR", str(error))
    return outcome


def place_path(session: Session, path: str) -> str:
    """Write a path so that config.toml can be moved with its project.

    A relative path in config.toml counts from the state directory; what lies in the
    project around a state directory is written that way, everything else in full.
    """
    full = os.path.join(session.find_working_directory(), os.path.expanduser(path))
    directory = session.find_state_directory()
    project = os.path.dirname(os.path.abspath(directory))
    if os.path.commonpath([project, os.path.abspath(full)]) == project:
        return os.path.relpath(full, directory)
    return os.path.abspath(full)


def _read(session: Session) -> dict[str, Any]:
    path = os.path.join(session.find_state_directory(), FILE_NAME)
    return read_configuration(path) if os.path.exists(path) else {}


def _change(session: Session, change: Callable[[list[dict[str, Any]]], None]) -> None:
    from evcli.store.directory.state_directory import prepare_state_directory

    directory = session.find_state_directory()
    prepare_state_directory(directory)
    change_sinks(os.path.join(directory, FILE_NAME), change)
