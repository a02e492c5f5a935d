"""Sinks: what stands for targets on this machine.

file      JSON Lines, the default of every ARN in a store of this machine's
stdout    the same lines on standard output
stderr    the same lines on standard error
exec      a command, the payload on its standard input
http      a POST of the payload
handler   a Lambda function in Python, in a process that stays
aws       the request itself, to whatever speaks the API of the target's service
table     the same lines in the store, in the transaction that records the delivery
null      takes everything, keeps nothing
memory    keeps deliveries in the process, for tests and Python users
flaky     wraps another one and fails as told

`config.toml` maps ARN patterns to sinks in `[[sinks]]`, and the first match wins. Only
`file` is imported here; the others when the configuration asks for them. A kind that
is not in `KINDS` comes from an installed package: an entry point of the group
`evcli.sinks`, a function (context, options) -> Sink.
"""

from __future__ import annotations

import os
from functools import lru_cache

from evcli.arns import parse_arn
from evcli.context import Outcome
from evcli.delivery.sinks.file import (
    CloseError,
    FileShrankError,
    FileSink,
)
from evcli.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from evcli.context import Context, Sink
    from evcli.store.store import Store

    Opener = Callable[[Context, dict[str, Any], str], Sink]


# The names of so many files are remembered.
FILE_NAMES = 1_024


def find_sink(ctx: Context, arn: str) -> Sink:
    """Find the sink that stands for a target ARN, opening it on first use.

    A sink that cannot be opened fails its deliveries and nothing else.
    """
    sink = ctx.sinks.get("*") or ctx.sinks.get(arn) or ctx.opened_sinks.get(arn)
    if sink is None:
        sink = ctx.opened_sinks[arn] = _find_configured_sink(ctx, arn)
    return sink


def find_record_sink(ctx: Context, group: str) -> Sink:
    """Find the sink that stands for a log group, for what event buses log.

    Records are no deliveries: where no entry fits, they are in a file of this machine.
    """
    entries = ctx.configuration.get("sinks", [])
    is_given = ctx.sinks.get("*") or ctx.sinks.get(group)
    if is_given or find_sink_entry(entries, group) is not None:
        return find_sink(ctx, group)
    key = f"records of {group}"
    sink = ctx.opened_sinks.get(key)
    if sink is None:
        sink = ctx.opened_sinks[key] = _open_file(ctx, {}, group)
    return sink


def forget_sinks(ctx: Context) -> None:
    """Drop the sinks that `find_sink` opened, with all that they hold unwritten."""
    ctx.opened_sinks.clear()
    ctx.shared_sinks.clear()


def find_default_kind(store: Store) -> str:
    """Say which kind of sink stands for targets that no entry of `[[sinks]]` fits.

    Several machines that share a store have no files in common.
    """
    return "table" if store.database.is_shared else "file"


def find_measure(ctx: Context, arn: str) -> Callable[[], int] | None:
    """Find what measures the file that stands for a target ARN.

    `None` when its sink is none that keeps a file. Nobody else's code is loaded for
    that, since it is asked inside of transactions.
    """
    if not ctx.sinks.get("*") and not ctx.sinks.get(arn):
        entries = ctx.configuration.get("sinks", [])
        number = find_sink_entry(entries, arn)
        if number is not None and entries[number]["kind"] != "file":
            return None
    measure: Callable[[], int] | None
    measure = getattr(find_sink(ctx, arn), "measure", None)
    return measure


def measure_sink(ctx: Context, arn: str) -> int | None:
    """Measure the file that stands for a target ARN; `None` when none does."""
    measure = find_measure(ctx, arn)
    return None if measure is None else measure()


def flush_sinks(
    ctx: Context, sinks: dict[int, Sink], *, syncs: bool = True
) -> dict[int, Outcome]:
    """Flush sinks, outside of transactions; what came of those that could not be.

    Files wait for the disk together.

    Args:
        syncs: as that of `FileSink.flush`.
    """

    def flush(key: int) -> Exception | None:
        return _try_to_flush(sinks[key], syncs=syncs)

    files = [key for key, sink in sinks.items() if sink.is_exactly_once]
    flush_files: Callable[..., Iterable[Exception | None]] = map
    if len(files) > 1:
        from evcli.store.threads.together import map_together as flush_files
    errors = dict(zip(files, flush_files(flush, files), strict=True))
    errors |= {key: flush(key) for key in sinks if key not in errors}
    outcomes = {key: _judge(ctx, sinks[key], error) for key, error in errors.items()}
    return {key: outcome for key, outcome in outcomes.items() if outcome is not None}


def _try_to_flush(sink: Sink, *, syncs: bool = True) -> Exception | None:
    try:
        if type(sink) is FileSink:
            sink.flush(syncs=syncs)
        else:
            sink.flush()
    except Exception as error:  # of a sink that fails, the deliveries fail
        return error
    return None


def _judge(ctx: Context, sink: Sink, error: Exception | None) -> Outcome | None:
    """Say what an error means for the deliveries; `None` when they are made."""
    if isinstance(error, FileShrankError):
        with ctx.store.transaction(alone_in=None):
            ctx.store.ledger.forget_sink_lengths(error.delivery_keys)
        error = _try_to_flush(sink)
    if error is None:
        return None
    if isinstance(error, CloseError):
        ctx.notices.append(f"{error}")
        return None
    return fail(error)


def fail(error: Exception) -> Outcome:
    """Word an attempt that failed over an error of this machine's, to be repeated."""
    name = "" if isinstance(error, OSError) else f"{type(error).__name__}: "
    return Outcome("INTERNAL_ERROR", f"{name}{error}", retry=True)


def _find_configured_sink(ctx: Context, arn: str) -> Sink:
    number = find_sink_entry(ctx.configuration.get("sinks", []), arn)
    if number is None:
        kind = find_default_kind(ctx.store)
        _debug(ctx, arn, f"{kind}, as no entry of config.toml fits")
        return KINDS[kind](ctx, {}, arn)
    options = ctx.configuration["sinks"][number]
    _debug(ctx, arn, f"{options['kind']}, by sinks[{number}] of config.toml")
    if options["kind"] == "file" and "path" not in options:
        return open_sink(ctx, options, arn)  # a file for each ARN
    if number not in ctx.shared_sinks:
        try:
            sink = open_sink(ctx, options, arn)
        except ConfigurationError as error:
            from evcli.delivery.sinks.null import NullSink

            problem = f"sinks[{number}]: {error.message}"
            sink = NullSink(Outcome("INTERNAL_ERROR", problem, retry=True))
        ctx.shared_sinks[number] = sink
    return ctx.shared_sinks[number]


def _debug(ctx: Context, arn: str, choice: str) -> None:
    if ctx.debug is not None:
        ctx.debug(f"sink of {arn}: {choice}")


def find_sink_entry(entries: list[dict[str, Any]], arn: str) -> int | None:
    """Find the number of the first entry of `[[sinks]]` whose pattern fits the ARN."""
    if not entries:
        return None
    from fnmatch import fnmatchcase

    for number, entry in enumerate(entries):
        if fnmatchcase(arn, entry["arn"]):
            return number
    return None


def open_sink(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    """Open a sink as an entry of `[[sinks]]` describes it.

    Raises: ConfigurationError: its kind is unknown, or it cannot be what it should be.
    """
    sink = KINDS.get(options["kind"], _open_other)(ctx, options, arn)
    if options.get("fail_first") or options.get("fail_rate"):
        from evcli.delivery.sinks.flaky import FlakySink

        return FlakySink(
            sink,
            first=options.get("fail_first", 0),
            rate=options.get("fail_rate", 0.0),
            seed=options.get("seed", 0),
        )
    return sink


def _open_file(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    path = options.get("path")
    if path is None:
        path = find_sink_file(ctx.store.path, arn)
    path = os.path.join(ctx.store.path, os.path.expanduser(path))
    own = os.path.join(ctx.store.path, "sinks")
    return FileSink(
        path,
        sync=ctx.configuration.get("durability") != "normal",
        dumps=ctx.write_lines_by,
        root=own if is_below(own, path) else None,
    )


@lru_cache(FILE_NAMES)
def find_sink_file(state_directory: str, arn: str) -> str:
    """`sinks/SERVICE/ACCOUNT/REGION/RESOURCE.jsonl`, never outside `sinks/`."""
    parsed = parse_arn(arn)
    parts = (
        ["other", "", "", arn]
        if parsed is None
        else [parsed.service, parsed.account_id, parsed.region, parsed.resource]
    )
    names = [format_file_name(part) for part in parts]
    return os.path.join(state_directory, "sinks", *names) + ".jsonl"


def format_file_name(text: str) -> str:
    """Make any text one safe file name: a name for each text, readable where it can be.

    Letters, digits and `-_.` stay, the rest becomes `%XX`; a leading dot is escaped as
    well, so that `.` and `..` lead nowhere. A very long name ends in a digest.
    """
    name = "".join(
        character
        if character.isascii() and (character.isalnum() or character in "-_.")
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in text
    )
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > 200:
        import hashlib

        name = f"{name[:160]}%{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    return name or "%"


def is_below(directory: str, path: str) -> bool:
    """Say whether a path leads into a directory, as far as its words say."""
    return os.path.normpath(path).startswith(os.path.normpath(directory) + os.sep)


def _open_stdout(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.stream import StreamSink

    return StreamSink(ctx.stdout)


def _open_stderr(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.stream import StreamSink

    return StreamSink(ctx.stderr)


def _open_exec(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.exec import LIMIT_SECONDS, ExecSink

    environ = _make_environ(ctx)
    return ExecSink(options["command"], environ, options.get("timeout", LIMIT_SECONDS))


def _make_environ(ctx: Context) -> dict[str, str]:
    # So that an evcli in what is run works on the same state.
    return {**ctx.environ, "EVCLI_STATE_DIR": os.path.abspath(ctx.store.path)}


def _open_handler(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    import sys

    from evcli.delivery.sinks.handlers.process import HandlerProcess
    from evcli.delivery.sinks.handlers.sink import LIMIT_SECONDS, HandlerSink

    # Where config.toml lies, unless it says otherwise.
    base = os.path.abspath(ctx.store.path)
    directory = os.path.realpath(
        os.path.join(base, os.path.expanduser(options.get("path", "")))
    )
    if not os.path.isdir(directory):
        raise ConfigurationError(f"{directory} is no directory of a handler")
    python = os.path.expanduser(options.get("python", sys.executable))
    if os.path.dirname(python):
        python = os.path.join(base, python)
    handler = options["handler"]
    process = ctx.kept.setdefault(
        ("handler", options["arn"], python, directory, handler),
        HandlerProcess(python, directory, handler, _make_environ(ctx)),
    )
    timeout = options.get("timeout", LIMIT_SECONDS)
    return HandlerSink(process, handler, ctx.clock, timeout)


def _open_http(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.api_destinations.client import LIMIT_SECONDS
    from evcli.delivery.sinks.http import HttpSink

    return HttpSink(
        options["url"],
        options.get("timeout", LIMIT_SECONDS),
        allowed_hosts=ctx.configuration.get("allowed_hosts", []),
    )


def _open_aws(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.aws import LIMIT_SECONDS, AwsSink, Clients

    url, timeout = options["endpoint_url"], options.get("timeout", LIMIT_SECONDS)
    clients = ctx.kept.setdefault(("aws", url, timeout), Clients(url, timeout))
    return AwsSink(
        url, clients, allowed_hosts=ctx.configuration.get("allowed_hosts", [])
    )


def _open_table(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.table import TableSink

    return TableSink()


def _open_null(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.null import NullSink

    return NullSink()


def _open_other(ctx: Context, options: dict[str, Any], arn: str) -> Sink:
    from evcli.delivery.sinks.installed import open_installed_sink

    return open_installed_sink(ctx, options, KINDS)


KINDS: dict[str, Opener] = {
    "file": _open_file,
    "stdout": _open_stdout,
    "stderr": _open_stderr,
    "exec": _open_exec,
    "http": _open_http,
    "handler": _open_handler,
    "aws": _open_aws,
    "table": _open_table,
    "null": _open_null,
}
