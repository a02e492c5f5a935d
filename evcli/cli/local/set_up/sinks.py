"""`evcli local sinks`: what stands for which targets."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.output import choose_output, write_document, write_list
from evcli.cli.output.columns import WRAP, Column
from evcli.store.directory.configuration import FILE_NAME, list_effects
from evcli.store.directory.configuration_file import change_sinks, get_configuration
from evcli.store.directory.configuration_schema import SINK_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session
    from evcli.context import Context

    Function = Callable[..., None]


@click.group()
def sinks_command() -> None:
    """Choose what stands for a target: a file, a command, a URL, a Lambda handler, the
    API of an emulator, a stream or nothing.

    Without a sink of its own every target is a file below sinks/ in the state
    directory. The choices are kept in config.toml, in the order in which they are
    tried: the first pattern that fits a target's ARN wins.
    """


def add_kind_options(function: Function) -> Function:
    """Add an option for each key that an entry of some kind may have."""
    helps: dict[str, list[str]] = {}
    schemas: dict[str, dict[str, Any]] = {}
    for kind, (_, keys) in SINK_KINDS.items():
        for name, schema in keys.items():
            helps.setdefault(name, []).append(f"{kind}: {schema['help']}")
            schemas[name] = schema
    # The last decorator is the first option.
    for name in reversed(helps):
        schema = schemas[name]
        add_option = click.option(
            f"--{name.replace('_', '-')}",
            type=float if schema["type"] == "number" else str,
            metavar=schema.get("description", name).upper(),
            help=f"{'; '.join(helps[name])}.",
        )
        function = add_option(function)
    return function


@sinks_command.command("list", short_help="Print the sinks, the first that fits wins")
@click.pass_obj
def list_sinks(session: Session) -> None:
    """Print the sinks in the order in which they are tried: a table on a terminal, JSON
    elsewhere; --output chooses.
    """
    entries = get_configuration(session.find_state_directory()).get("sinks", [])
    output = choose_output(session)
    if output != "table" or "query" in session.options:
        write_document(session, "Sinks", entries, output)
        return
    columns = (
        Column("arn", "ARN PATTERN", fit=WRAP, least=20),
        Column("kind", "KIND"),
        Column("options", "OPTIONS", _show_options, fit=WRAP, least=20),
    )
    footer = "All other targets are files below sinks/ in the state directory."
    write_list(
        session, "Sinks", entries, columns, ("arn", "kind"), output, footer=footer
    )


def _show_options(entry: dict[str, Any]) -> Cell:
    """What else an entry says, as one might type it."""
    said = {name: each for name, each in entry.items() if name not in ("arn", "kind")}
    return " ".join(f"{name}={each}" for name, each in said.items())


@sinks_command.command(short_help="Use a sink for targets whose ARN matches")
@click.argument("arn", metavar="ARN-PATTERN")
@click.option(
    "--kind",
    required=True,
    metavar="KIND",
    help=f"{', '.join(SINK_KINDS)}, or what a package brings.",
)
@add_kind_options
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
    """Use a sink for targets whose ARN matches ARN-PATTERN.

    * stands for any text, ? for one character. A pattern that is there already gets the
    new sink instead of its own.

    A handler is a Python function such as Lambda calls, with event and context. It runs
    in a process of its own, one call at a time, which stays while evcli runs; a file of
    its directory that changed is read again. What it prints, logs, returns or raises is
    in the ledger, see `evcli local trace`. An exception is a failed attempt, made again
    after one and after two minutes and then no more, as Lambda does; the dead letter
    that follows stands for the one of the function. For Node and others there is exec.

    aws makes the call that EventBridge would make, at an emulator of the target's
    service, on this machine or a host in allowed_hosts. Its access key is the account of
    the target; credentials and other AWS settings of this machine are never read.
    """
    # It looks like the global option, and is read as that one.
    options["endpoint_url"] = session.options.get("endpoint_url")
    entry = {"arn": arn}
    entry |= {name: value for name, value in options.items() if value is not None}
    if "path" in entry:
        entry["path"] = shorten_path(session, entry["path"])
    if os.path.dirname(entry.get("python", "")):
        # A name without a directory would be looked for on the PATH.
        entry["python"] = os.path.join(".", shorten_path(session, entry["python"]))

    def change(entries: list[dict[str, Any]]) -> None:
        for known in entries:
            if known["arn"] == arn:
                # Changed and not replaced: there may be a comment in it.
                for name in [name for name in known if name not in entry]:
                    del known[name]
                known.update(entry)
                return
        entries.insert(0 if first else len(entries), entry)

    with closing(session.open_context()) as ctx:
        check_sink_opens(ctx, entry)
    _change(session, change)
    approve_sink(session, arn)


@sinks_command.command(short_help="Remove the sink of an ARN pattern")
@click.argument("arn", metavar="ARN-PATTERN")
@click.pass_obj
def remove(session: Session, arn: str) -> None:
    """Remove the sink that was added for ARN-PATTERN."""

    def change(entries: list[dict[str, Any]]) -> None:
        known = [each["arn"] for each in entries]
        if arn not in known:
            raise GeneralError(
                f"There is no sink for {arn}; there are: {', '.join(known) or 'none'}."
            )
        for number in reversed(range(len(known))):
            if known[number] == arn:
                del entries[number]

    _change(session, change)


@sinks_command.command(short_help="Hand a made-up delivery to the sink of a target")
@click.argument("arn", metavar="ARN")
@click.pass_obj
def test(session: Session, arn: str) -> None:
    """Hand a made-up delivery to the sink that stands for ARN, past the ledger.

    The sink does what it always does: a file gets a line, a command runs. Prints what
    came of it; a failure is exit code 255.
    """
    from evcli.inspection.transforms import try_sink

    with closing(session.open_context()) as ctx:
        outcome = try_sink(ctx, arn)
    result = {
        "ErrorCode": outcome.error_code,
        "ErrorMessage": outcome.message,
        "Output": outcome.output,
    }
    answer = {key: value for key, value in result.items() if value is not None}
    write_document(session, "Sink", answer, session.settings.output or "json")
    if outcome.error_code is not None:
        raise GeneralError(f"The sink of {arn} failed: {outcome.error_code}.")


def check_sink_opens(ctx: Context, entry: dict[str, Any]) -> None:
    """Open a sink as it would be. Raises: ConfigurationError: it cannot be."""
    from evcli.delivery.sinks import open_sink
    from evcli.store.directory.configuration_file import require_valid
    from evcli.store.directory.configuration_schema import SCHEMA

    require_valid("sinks", {"sinks": [entry]}, SCHEMA)
    open_sink(ctx, entry, "arn:aws:sqs:us-east-1:000000000000:test")


def approve_sink(session: Session, arn: str) -> None:
    """Let the sink of an ARN pattern do in a project what somebody has typed.

    Read back, because that is the value that will be asked about.
    """
    from evcli.store.directory.approvals import approve, read_approved
    from evcli.store.directory.state_directory import is_project_directory

    directory = session.find_state_directory()
    known = get_configuration(directory).get("sinks", [])
    effects = list_effects({"sinks": [each for each in known if each["arn"] == arn]})
    if effects and is_project_directory(directory):
        approved = read_approved(directory, session.environ)
        approve(directory, approved.union(effects), session.environ)


def shorten_path(session: Session, path: str) -> str:
    """Write a path so that config.toml can be moved with its project.

    A relative path in config.toml counts from the state directory; what lies in the
    project around a state directory is written so, everything else in full.
    """
    full = os.path.join(session.find_working_directory(), os.path.expanduser(path))
    directory = session.find_state_directory()
    project = os.path.dirname(os.path.abspath(directory))
    if os.path.commonpath([project, os.path.abspath(full)]) == project:
        return os.path.relpath(full, directory)
    return os.path.abspath(full)


def _change(session: Session, change: Callable[[list[dict[str, Any]]], None]) -> None:
    from evcli.store.directory.state_directory import prepare_state_directory

    directory = session.find_state_directory()
    prepare_state_directory(directory)
    change_sinks(os.path.join(directory, FILE_NAME), change)
