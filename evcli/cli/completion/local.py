"""Completion of `evcli local …`: click's own rules, and values that it does not know.

The commands' names come from a table; behind one of them click is loaded.
"""

from __future__ import annotations

from evcli.cli.local import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import click

    from evcli.cli.session import Session


def offer_local(
    session: Session, tokens: Sequence[str], current: str
) -> Iterable[tuple[str, str]]:
    """Offer what may follow `evcli local` and TOKENS."""
    if not tokens and not current.startswith("-"):
        return [(name, COMMANDS[name][1]) for name in sorted(COMMANDS)]
    name, equals, value = current.partition("=")
    if equals and name.startswith("--"):
        offered = _offer_words(session, [*tokens, name], value)
        return [(f"{name}={text}", purpose) for text, purpose in offered]
    return _offer_words(session, tokens, current)


def _offer_words(
    session: Session, tokens: Sequence[str], current: str
) -> Iterator[tuple[str, str]]:
    from click.shell_completion import ShellComplete

    from evcli.cli.completion.file_kinds import FILE_KINDS
    from evcli.cli.completion.known_values import list_paths
    from evcli.cli.local.group import LocalGroup, part_globals

    group = LocalGroup("local")
    local_tokens, _ = part_globals(tokens)
    waiting = None if current.startswith("-") else find_waiting(group, local_tokens)
    engine = ShellComplete(group, {"obj": session}, "evcli local", "EVCLI_COMPLETE")
    for item in engine.get_completions(local_tokens, current):
        if item.type in ("file", "dir"):
            key = local_tokens[0], (waiting.name or "") if waiting else ""
            is_folder = item.type == "dir"
            yield from list_paths(
                current, FILE_KINDS.get(key, ()), folders_only=is_folder
            )
        else:
            yield item.value, item.help or ""
    if waiting is not None:
        from evcli.cli.completion.local_values import FINDERS

        find_values = FINDERS.get(waiting.name or "")
        if find_values is not None:
            for value in find_values(session, local_tokens, current):
                yield value, ""


def find_waiting(group: click.Group, tokens: Sequence[str]) -> click.Parameter | None:
    """Find the option or argument that the next word is the value of, if there is one.

    Args:
        tokens: what stands behind `evcli local`, without global options.
    """
    import click

    command: click.Command | None = group
    rest = list(tokens)
    with click.Context(group) as ctx:
        while isinstance(command, click.Group) and rest:
            command = command.get_command(ctx, rest.pop(0))
    if command is None or isinstance(command, click.Group):
        return None
    options = {name: each for each in command.params for name in each.opts}
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    waiting = None
    for token in rest:
        if waiting is not None:
            waiting = None
        elif token.startswith("-"):
            option = options.get(token)
            takes_value = isinstance(option, click.Option) and not option.is_flag
            waiting = option if takes_value else None
        elif arguments and arguments[0].nargs == 1:
            del arguments[0]
    return waiting or (arguments[0] if arguments else None)
