"""Completion of `evcli local …`, by click's own rules.

The commands' names come from a table; behind one of them click is loaded.
"""

from __future__ import annotations

from evcli.cli.local import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import click

    from evcli.cli.session import Session

# Parameter of a local command → what it completes to.
LIVE_NAMES = {
    "archive": "archive",
    "event_bus_name": "event-bus",
    "replay": "replay",
    "rule": "rule",
    "target_arn": "target-arn",
}


def _list_samples(session: Session) -> list[str]:
    from evcli.authoring import samples

    own = samples.find_own_directory(session.environ, session.find_working_directory())
    return [sample.name for sample in samples.list_samples(own)]


def _list_services(_: Session) -> list[str]:
    from evcli.authoring import samples

    return samples.list_services()


def _list_checks(_: Session) -> list[str]:
    from evcli.authoring.lint.catalogue import CHECKS

    return list(CHECKS)


# Parameter of a local command → names that need no state directory.
FILE_NAMES = {
    "ignore": _list_checks,
    "sample": _list_samples,
    "select": _list_checks,
    "service": _list_services,
}


def offer_local(
    session: Session, tokens: Sequence[str], current: str
) -> Iterable[tuple[str, str]]:
    """Offer what may follow `evcli local TOKENS`."""
    if not tokens and not current.startswith("-"):
        return [(name, COMMANDS[name][1]) for name in sorted(COMMANDS)]
    return _ask_click(session, tokens, current)


def _ask_click(
    session: Session, tokens: Sequence[str], current: str
) -> Iterator[tuple[str, str]]:
    from click.shell_completion import ShellComplete

    from evcli.cli.completion.known_values import list_paths
    from evcli.cli.local.group import LocalGroup

    group = LocalGroup("local")
    engine = ShellComplete(group, {"obj": session}, "evcli local", "EVCLI_COMPLETE")
    for item in engine.get_completions([*tokens], current):
        if item.type in ("file", "dir"):
            yield from list_paths(current)
        else:
            yield item.value, item.help or ""
    yield from _offer_live_names(group, session, tokens, current)


def _offer_live_names(
    group: click.Group, session: Session, tokens: Sequence[str], current: str
) -> Iterator[tuple[str, str]]:
    """Offer names for a parameter that is waiting for its value."""
    import click

    with click.Context(group) as ctx:
        command = group.get_command(ctx, tokens[0]) if tokens else None
    if command is None or current.startswith("-"):
        return
    for parameter in command.params:
        is_waiting = tokens[-1] in parameter.opts
        is_argument = isinstance(parameter, click.Argument) and len(tokens) == 1
        if is_waiting or is_argument:
            for name in _list_names(session, parameter.name or "", current):
                yield name, ""


def _list_names(session: Session, parameter: str, current: str) -> list[str]:
    """List what a parameter may be; nothing where nobody knows."""
    if parameter in FILE_NAMES:
        return FILE_NAMES[parameter](session)
    if parameter not in LIVE_NAMES:
        return []
    from evcli.cli.completion.live_names import list_live_names

    return list_live_names(session, LIVE_NAMES[parameter], {}, current)
