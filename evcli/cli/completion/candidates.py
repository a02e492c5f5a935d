"""What may stand at the cursor: commands, options, values, names, files."""

from __future__ import annotations

from evcli.cli.completion.files import list_paths
from evcli.cli.completion.regions import REGIONS
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS, list_options
from evcli.cli.parsing.scanner import EXPLICIT, MANY, NONE
from evcli.model import INDEX
from evcli.model.names import operation_by_command, to_kebab_case
from evcli.model.shapes import BOOLEAN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evcli.cli.parsing.scanner import Option
    from evcli.cli.session import Session
    from evcli.model.shapes import Member, Operation

    # Text to insert, and what it is for.
    Candidate = tuple[str, str]

FILE_PREFIXES = ("file://", "fileb://")


class Typed:
    """What was typed before the word at the cursor.

    `values` are those of options, by place: the last one of each. `waiting` is the
    option whose value comes next. `rest` are the words behind the command.
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
    session: Session, words: Sequence[str], current: str
) -> list[Candidate]:
    """Find what may stand at the cursor; each begins with `current`.

    Args:
        session: its options are set to the global ones that were typed.
        words: the words before, without the program's name.
    """
    typed = read_words(words)
    session.options = {
        option.place: typed.values.get(option.place, True)
        for option in GLOBAL_OPTIONS.values()
        if option.name in typed.used or option.place in typed.values
    }
    found = _offer(session, typed, current)
    return [candidate for candidate in found if candidate[0].startswith(current)]


def read_words(words: Sequence[str]) -> Typed:
    """Read finished words, forgiving: what is unknown is passed over."""
    typed = Typed()
    for word in words:
        if typed.command == "local":
            typed.rest.append(word)
        elif word.startswith("-") and len(word) > 1:
            _read_option(typed, word)
        elif typed.waiting is not None:
            typed.values[typed.waiting.place] = word
            if typed.waiting.arity != MANY:
                typed.waiting = None
        elif typed.command or word == "events":
            typed.rest.append(word)
        else:
            typed.command = word
            typed.operation = operation_by_command(word)
            if typed.operation is not None:
                typed.options = {**list_options(typed.operation), **GLOBAL_OPTIONS}
    return typed


def _read_option(typed: Typed, word: str) -> None:
    name, equals, value = word.partition("=")
    option = typed.options.get(name)
    if option is None:
        matches = [
            each for each in typed.options.values() if each.name.startswith(name)
        ]
        option = matches[0] if len(matches) == 1 else None
    typed.waiting = None
    if option is None:
        return
    typed.used.add(option.name)
    if equals:
        typed.values[option.place] = value
    elif option.arity not in (NONE, EXPLICIT):
        typed.waiting = option


def _offer(session: Session, typed: Typed, current: str) -> Iterable[Candidate]:
    if typed.command == "local":
        from evcli.cli.completion.local import offer_local

        return offer_local(session, typed.rest, current)
    if current.startswith("-"):
        return _offer_options(session, typed, current)
    if typed.waiting is not None:
        return _offer_values(session, typed, typed.waiting, current)
    if not typed.command or typed.command == "help":
        return _offer_commands(typed)
    if typed.operation is not None:
        return [*describe_options(typed, typed.options), ("help", "Show help and stop")]
    return ()


def _offer_commands(typed: Typed) -> Iterator[Candidate]:
    for name, (_, text) in INDEX.items():
        yield to_kebab_case(name), text
    if not typed.command:
        yield "help", "Show help and stop"
        yield "local", "Commands about this machine"
        return
    from evcli.cli.help.topics import TOPICS

    yield from TOPICS.items()


def _offer_options(session: Session, typed: Typed, current: str) -> Iterable[Candidate]:
    name, equals, value = current.partition("=")
    if not equals:
        return describe_options(typed, typed.options)
    option = typed.options.get(name)
    if option is None or option.arity == NONE:
        return ()
    values = _offer_values(session, typed, option, value)
    return ((f"{name}={text}", description) for text, description in values)


def describe_options(
    typed: Typed, options: Mapping[str, Option]
) -> Iterator[Candidate]:
    """Offer the options that are not on the line yet, those of the operation first."""
    from evcli.cli.help import shared_options

    shared = {**shared_options.GLOBAL_OPTIONS, **shared_options.COMMAND_OPTIONS}
    for option in options.values():
        if option.name in typed.used:
            continue
        if option.name in shared_options.WITHOUT_EFFECT:
            yield option.name, "For the cloud only, without effect here."
        elif option.name in shared:
            yield option.name, shared[option.name][1]
        else:
            yield option.name, _summarize(typed.operation, option)


def _summarize(operation: Operation | None, option: Option) -> str:
    """Say what an option of an operation is for, in one sentence."""
    if operation is None:
        return ""
    for extra in operation.extras:
        if extra.option == option.name:
            return _cut_sentence(extra.help)
    member = operation.request.members.get(option.place)
    return "" if member is None else _cut_sentence(member.help)


def _cut_sentence(text: str) -> str:
    sentence, dot, _ = text.partition(". ")
    return sentence + "." if dot else sentence


def _offer_values(
    session: Session, typed: Typed, option: Option, current: str
) -> Iterable[Candidate]:
    if option.choices:
        return [(choice, "") for choice in option.choices]
    if option.place == "region":
        return [(region, "") for region in REGIONS]
    if option.place == "profile":
        return [(name, "") for name in _list_profiles(session)]
    if option.place in ("state_dir", "ca_bundle"):
        return list_paths(current)
    if current.startswith(FILE_PREFIXES):
        scheme, _, path = current.partition("://")
        return [(f"{scheme}://{text}", "") for text, _ in list_paths(path)]
    offered = _offer_member(session, typed, option, current)
    # A file may stand in place of most values; offered once somebody asks for one.
    return [*offered, ("file://", "Read the value from a file")] if current else offered


def _list_profiles(session: Session) -> list[str]:
    """Profiles of `config.toml` and of the official client's files."""
    import os

    from evcli.cli.settings import list_profiles
    from evcli.store.directory.configuration import FILE_NAME, read_configuration

    own: list[str] = []
    path = os.path.join(session.find_state_directory(), FILE_NAME)
    if os.path.exists(path):
        own = [*read_configuration(path).get("profiles", {})]
    return sorted({*own, *list_profiles(session.environ)})


def _offer_member(
    session: Session, typed: Typed, option: Option, current: str
) -> list[Candidate]:
    if typed.operation is None:
        return []
    member = find_member(typed.operation, option)
    if member is None or member.shape.kind == BOOLEAN:
        return []
    if member.shape.enum:
        return [(value, "") for value in member.shape.enum]
    if member.completes == "region":
        return [(region, "") for region in REGIONS]
    if not member.completes:
        return []
    from evcli.cli.completion.live_names import list_live_names

    names = list_live_names(session, member.completes, typed.values, current)
    return [(name, "") for name in names]


def find_member(operation: Operation, option: Option) -> Member | None:
    """Find the member that an option fills, which may be one of a list's structure."""
    for extra in operation.extras:
        if extra.option == option.name and extra.fills is not None:
            element = operation.request.members[extra.fills[0]].shape.element
            return None if element is None else element.members[extra.fills[1]]
    return operation.request.members.get(option.place)
