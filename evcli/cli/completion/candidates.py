"""What may stand at the cursor: commands, options, values, names, files."""

from __future__ import annotations

from evcli.cli.completion.known_values import DOCUMENT_KINDS, REGIONS, list_paths
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS, list_options
from evcli.cli.parsing.scanner import EXPLICIT, MANY, NONE, ONE
from evcli.model import INDEX
from evcli.model.names import operation_by_command, to_kebab_case
from evcli.model.shapes import BOOLEAN, STRUCTURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from evcli.cli.parsing.scanner import Option
    from evcli.cli.session import Session
    from evcli.model.shapes import Member, Operation, Shape

    # Text to insert, and what it is for.
    Candidate = tuple[str, str]

FILE_PREFIXES = ("file://", "fileb://")


class PartialCommand:
    """What was typed before the token at the cursor.

    `values` are those of options, by destination: the last one of each. `waiting` is the
    option whose value comes next. `rest` are the tokens behind the command.
    """

    __slots__ = ("command", "operation", "options", "rest", "used", "values", "waiting")

    def __init__(self) -> None:
        self.command = ""
        self.operation: Operation | None = None
        self.options: dict[str, Option] = dict(GLOBAL_OPTIONS)
        self.values: dict[str, str] = {}
        self.used: set[str] = set()
        self.waiting: Option | None = None
        self.rest: list[str] = []


def find_candidates(
    session: Session, tokens: Sequence[str], current: str
) -> list[Candidate]:
    """Find what may stand at the cursor; each begins with `current`.

    Args:
        session: its options are set to the global ones that were partial.
        tokens: the tokens before, without the program's name.
    """
    partial = read_tokens(tokens)
    session.options = find_global_options(partial)
    found = _offer(session, partial, current)
    return [candidate for candidate in found if candidate[0].startswith(current)]


def find_global_options(partial: PartialCommand) -> dict[str, Any]:
    """Find the values of the global options that were read."""
    return {
        option.dest: partial.values.get(option.dest, True)
        for option in GLOBAL_OPTIONS.values()
        if option.name in partial.used or option.dest in partial.values
    }


def read_tokens(tokens: Sequence[str]) -> PartialCommand:
    """Read finished tokens, forgiving: what is unknown is passed over."""
    partial = PartialCommand()
    for token in tokens:
        if partial.command == "local":
            partial.rest.append(token)
        elif token.startswith("-") and len(token) > 1:
            _read_option(partial, token)
        elif partial.waiting is not None:
            partial.values[partial.waiting.dest] = token
            if partial.waiting.arity != MANY:
                partial.waiting = None
        elif partial.command or token == "events":
            partial.rest.append(token)
        else:
            partial.command = token
            partial.operation = operation_by_command(token)
            if partial.operation is not None:
                partial.options = {**list_options(partial.operation), **GLOBAL_OPTIONS}
    return partial


def _read_option(partial: PartialCommand, token: str) -> None:
    name, equals, value = token.partition("=")
    option = partial.options.get(name)
    if option is None:
        matches = [
            each for each in partial.options.values() if each.name.startswith(name)
        ]
        option = matches[0] if len(matches) == 1 else None
    partial.waiting = None
    if option is None:
        return
    partial.used.add(option.name)
    if equals:
        partial.values[option.dest] = value
    elif option.arity not in (NONE, EXPLICIT):
        partial.waiting = option


def _offer(
    session: Session, partial: PartialCommand, current: str
) -> Iterable[Candidate]:
    if partial.command == "local":
        return _offer_behind_local(session, partial, current)
    if current.startswith("-"):
        return _offer_options(session, partial, current)
    if partial.waiting is not None:
        return _offer_values(session, partial, partial.waiting, current)
    if not partial.command or partial.command == "help":
        return _offer_commands(partial)
    if partial.operation is not None:
        return [
            *describe_options(partial, partial.options),
            ("help", "Show help and stop"),
        ]
    return ()


def _offer_behind_local(
    session: Session, partial: PartialCommand, current: str
) -> Iterable[Candidate]:
    """Offer what is `local`'s own, and global options: they may stand anywhere."""
    from evcli.cli.completion.local import offer_local
    from evcli.cli.local import CHECKER_OPTIONS, CHECKERS

    is_checker = partial.rest[:1] and partial.rest[0] in CHECKERS
    own = CHECKER_OPTIONS if is_checker else ()
    waiting = GLOBAL_OPTIONS.get(partial.rest[-1]) if partial.rest else None
    if waiting is not None and waiting.arity == ONE and waiting.name not in own:
        return _offer_values(session, partial, waiting, current)
    name, equals, _ = current.partition("=")
    if equals and name in GLOBAL_OPTIONS and name not in own:
        return _offer_options(session, partial, current)
    if any(token.startswith("-") for token in partial.rest):
        from evcli.cli.local.group import part_globals

        _, shared = part_globals(partial.rest)
        session.options |= find_global_options(read_tokens(shared))
    offered = offer_local(session, partial.rest, current)
    if not current.startswith("-") or not partial.rest:
        return offered
    from evcli.cli.help.shared_options import NOT_LOCAL, WITHOUT_EFFECT

    left_out = {*NOT_LOCAL, *WITHOUT_EFFECT, *own, *partial.rest}
    options = {
        name: option for name, option in GLOBAL_OPTIONS.items() if name not in left_out
    }
    return dict([*offered, *describe_options(partial, options)]).items()


def _offer_commands(partial: PartialCommand) -> Iterator[Candidate]:
    for name, (_, text) in INDEX.items():
        yield to_kebab_case(name), text
    if not partial.command:
        yield "help", "Show help and stop"
        yield "local", "Commands about this machine"
        return
    from evcli.cli.help.topics import TOPICS

    yield from TOPICS.items()


def _offer_options(
    session: Session, partial: PartialCommand, current: str
) -> Iterable[Candidate]:
    name, equals, value = current.partition("=")
    if not equals:
        return describe_options(partial, partial.options)
    option = partial.options.get(name)
    if option is None or option.arity == NONE:
        return ()
    values = _offer_values(session, partial, option, value)
    return ((f"{name}={text}", description) for text, description in values)


def describe_options(
    partial: PartialCommand, options: Mapping[str, Option]
) -> Iterator[Candidate]:
    """Offer the options that are not on the line yet, those of the operation first.

    Last are those that have no effect here.
    """
    from evcli.cli.help import shared_options

    shared = {**shared_options.GLOBAL_OPTIONS, **shared_options.COMMAND_OPTIONS}
    without_effect = []
    for option in options.values():
        if option.name in partial.used:
            continue
        if option.name in shared_options.WITHOUT_EFFECT:
            without_effect.append(option.name)
        elif option.name in shared:
            yield option.name, shared[option.name][1]
        else:
            yield option.name, _summarize(partial.operation, option)
    for name in without_effect:
        yield name, "For the cloud only, without effect here."


def _summarize(operation: Operation | None, option: Option) -> str:
    """Say what an option of an operation is for, in one sentence."""
    from evcli.cli.help.shared_options import find_first_sentence

    if operation is None:
        return ""
    for extra in operation.extras:
        if extra.option == option.name:
            return find_first_sentence(extra.help)
    member = operation.request.members.get(option.dest)
    return "" if member is None else find_first_sentence(member.help)


def _offer_values(
    session: Session, partial: PartialCommand, option: Option, current: str
) -> Iterable[Candidate]:
    if option.choices:
        return [(choice, "") for choice in option.choices]
    if option.dest == "region":
        return [(region, "") for region in REGIONS]
    if option.dest == "profile":
        return [(name, "") for name in _list_profiles(session)]
    if option.dest in ("state_dir", "ca_bundle"):
        return list_paths(current, folders_only=option.dest == "state_dir")
    if current.startswith(FILE_PREFIXES):
        scheme, _, path = current.partition("://")
        found = list_paths(path, DOCUMENT_KINDS.get(option.dest, ()))
        return [(f"{scheme}://{text}", "") for text, _ in found]
    offered = _offer_member(session, partial, option, current)
    # A file may stand in place of most values; offered once somebody asks for one.
    return [*offered, ("file://", "Read the value from a file")] if current else offered


def _list_profiles(session: Session) -> list[str]:
    """Profiles of `config.toml` and of the official client's files."""
    from evcli.cli.session import list_profiles

    configured = session.read_configured_profiles()
    return sorted({*configured, *list_profiles(session.environ)})


def _offer_member(
    session: Session, partial: PartialCommand, option: Option, current: str
) -> list[Candidate]:
    if partial.operation is None:
        return []
    member = find_member(partial.operation, option)
    if member is None or member.shape.kind == BOOLEAN:
        return []
    if member.shape.kind == STRUCTURE:
        return _offer_shorthand(member.shape, current)
    if member.shape.enum:
        return [(value, "") for value in member.shape.enum]
    if member.completes == "region":
        return [(region, "") for region in REGIONS]
    if member.completes == "sample":
        from evcli.cli.completion.local_values import list_samples

        return [(f"sample:{name}", "") for name in list_samples(session)]
    if not member.completes:
        return []
    from evcli.cli.completion.live_names import list_live_names

    names = list_live_names(session, member.completes, partial.values, current)
    return [(name, "") for name in names]


def _offer_shorthand(shape: Shape, current: str) -> list[Candidate]:
    """Offer `Name=VALUE` for the members of a structure whose values are listed."""
    before, comma, _ = current.rpartition(",")
    typed = {part.partition("=")[0] for part in before.split(",")}
    return [
        (f"{before}{comma}{name}={value}", "")
        for name, member in shape.members.items()
        if name not in typed
        for value in member.shape.enum or ()
    ]


def find_member(operation: Operation, option: Option) -> Member | None:
    """Find the member that an option fills, which may be one of a list's structure."""
    for extra in operation.extras:
        if extra.option == option.name and extra.fills is not None:
            element = operation.request.members[extra.fills[0]].shape.element
            return None if element is None else element.members[extra.fills[1]]
    return operation.request.members.get(option.dest)
