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
    "delivery_id": "delivery-id",
    "endpoint": "endpoint",
    "event_bus_name": "event-bus",
    "event_id": "event-id",
    "replay": "replay",
    "rule": "rule",
    "target_arn": "target-arn",
    "what": "rule",
}


def list_samples(session: Session) -> list[str]:
    """List the names of sample events, those of the project among them."""
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
    "sample": list_samples,
    "select": _list_checks,
    "service": _list_services,
}


def offer_local(
    session: Session, tokens: Sequence[str], current: str
) -> Iterable[tuple[str, str]]:
    """Offer what may follow `evcli local TOKENS`; global options are not among those."""
    if not tokens and not current.startswith("-"):
        return [(name, COMMANDS[name][1]) for name in sorted(COMMANDS)]
    return _ask_click(session, tokens, current)


def _ask_click(
    session: Session, tokens: Sequence[str], current: str
) -> Iterator[tuple[str, str]]:
    import click
    from click.shell_completion import ShellComplete

    from evcli.cli.completion.known_values import list_paths
    from evcli.cli.local.group import LocalGroup

    group = LocalGroup("local")
    parameter = _find_parameter(group, tokens, current)
    if parameter is not None:
        name, equals, value = current.partition("=")
        if not current.startswith("-"):
            name, equals, value = "", "", current
        for text in _list_values(session, parameter, value):
            yield f"{name}{equals}{text}", ""
        # Of choices click knows no more, and spells them its own way.
        if isinstance(parameter.type, click.Choice):
            return
    engine = ShellComplete(group, {"obj": session}, "evcli local", "EVCLI_COMPLETE")
    for item in engine.get_completions([*tokens], current):
        if item.type in ("file", "dir"):
            yield from list_paths(current)
        else:
            yield item.value, item.help or ""


def _find_parameter(
    group: click.Group, tokens: Sequence[str], current: str
) -> click.Parameter | None:
    """Find the parameter that the token at the cursor is the value of.

    An argument may stand behind options, and they behind it.
    """
    import click

    command: click.Command = group
    arguments: list[click.Argument] = []
    waiting: click.Option | None = None
    for token in tokens:
        if waiting is not None:
            waiting = None
        elif token.startswith("-") and len(token) > 1:
            waiting = _find_waiting(command, token)
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), token)
            if found is None:
                return None
            command = found
            arguments = [
                each for each in found.params if isinstance(each, click.Argument)
            ]
        elif arguments and arguments[0].nargs == 1:
            arguments = arguments[1:]
    name, equals, _ = current.partition("=")
    if waiting is None and equals and current.startswith("-"):
        waiting = _find_waiting(command, name)
    if waiting is not None:
        return waiting
    return arguments[0] if arguments and not current.startswith("-") else None


def _find_waiting(command: click.Command, name: str) -> click.Option | None:
    """Find the option of a name, if it is one that a value follows."""
    import click

    for each in command.params:
        if isinstance(each, click.Option) and name in each.opts:
            return None if each.is_flag else each
    return None


def _list_values(
    session: Session, parameter: click.Parameter, current: str
) -> Sequence[str]:
    """List what a parameter may be; nothing where nobody knows."""
    import click

    if isinstance(parameter.type, click.Choice):
        return [*map(str, parameter.type.choices)]
    name = parameter.name or ""
    if name in FILE_NAMES:
        return FILE_NAMES[name](session)
    if name not in LIVE_NAMES:
        return []
    from evcli.cli.completion.live_names import list_live_names

    return list_live_names(session, LIVE_NAMES[name], {}, current)
