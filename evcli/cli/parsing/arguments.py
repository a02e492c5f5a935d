"""Read argv by the rules of the official command line, from the model, without click.

Three passes, each leaving to the next what it does not know: global options, the
command word, the options of the operation. That global options go first is why `--p`
becomes `--profile` everywhere, even where an operation has `--principal`.

evcli's own options are matched by their full spelling only: an abbreviation that works
with the official command line must not change its meaning.

Source: [aws].
"""

from __future__ import annotations

from evcli.cli.output import ERROR_FORMATS, FORMATTERS
from evcli.cli.parsing.scanner import (
    AT_MOST_ONE,
    EXPLICIT,
    MANY,
    NONE,
    ONE,
    Option,
    refuse,
    refuse_choice,
    scan,
)
from evcli.model import INDEX
from evcli.model.names import operation_by_command, option_name, to_kebab_case
from evcli.model.shapes import BOOLEAN, LIST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evcli.cli.parsing.scanner import Scan, Values
    from evcli.model.shapes import Extra, Operation

SKELETONS = ("input", "output", "yaml-input")
# Commands that are no operations.
OWN_COMMANDS = ("help", "local")


class HelpRequested(Exception):
    """`help` is where an operation takes it for the command."""


GLOBAL_OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option("--debug", arity=NONE),
        Option("--endpoint-url"),
        Option("--no-verify-ssl", arity=NONE),
        Option("--no-paginate", arity=NONE),
        Option("--output", choices=tuple(FORMATTERS)),
        Option("--query"),
        Option("--profile"),
        Option("--region"),
        Option("--version", arity=NONE),
        Option("--color", choices=("on", "off", "auto")),
        Option("--no-sign-request", arity=NONE),
        Option("--ca-bundle"),
        Option("--cli-read-timeout"),
        Option("--cli-connect-timeout"),
        Option("--cli-binary-format", choices=("base64", "raw-in-base64-out")),
        Option("--no-cli-pager", arity=NONE),
        Option("--cli-auto-prompt", arity=NONE),
        Option("--no-cli-auto-prompt", arity=NONE),
        Option("--cli-error-format", choices=ERROR_FORMATS),
        Option("--state-dir", exact=True),
        Option("--help", arity=NONE, exact=True),
        Option("-h", "help", NONE, exact=True),
    )
}

_INPUT_OPTIONS = (Option("--cli-input-json"), Option("--cli-input-yaml"))
_PAGING_OPTIONS = (
    Option("--starting-token"),
    Option("--page-size", is_integer=True),
    Option("--max-items", is_integer=True),
)
_SKELETON_OPTION = Option(
    "--generate-cli-skeleton", arity=AT_MOST_ONE, value="input", choices=SKELETONS
)


def parse_globals(tokens: Sequence[str]) -> tuple[Values, list[str]]:
    """Take the global options out of the tokens, wherever they stand.

    Raises:
        UsageError: a global option is ambiguous, lacks its value or has a wrong one.
        VersionRequested: `--version` was met.
    """
    # The command word of the official tool takes part in this pass, and with it the
    # first `--`; evcli's users may leave it out.
    found = scan(GLOBAL_OPTIONS, ["events", *tokens])
    return found.values, found.extras


def parse_command(tokens: Sequence[str]) -> tuple[str, list[str]]:
    """Split the command word from what belongs to it; a leading `events` may stand.

    Raises: UsageError: there is no command.
    """
    found = scan({}, tokens)
    missing = "command"
    if found.positional == "events":
        found = scan({}, found.extras)
        missing = "operation"
    if found.positional is None:
        refuse(f"the following arguments are required: {missing}")
    return found.positional, found.extras


def find_operation(command: str, others: Iterable[str] = ()) -> Operation:
    """Load the operation behind a command word.

    Args:
        others: what else the token could have been.

    Raises: UsageError: it is no operation; the message names commands that are near.
    """
    operation = operation_by_command(command)
    if operation is None:
        refuse_choice("operation", command, [*list_commands(), *others])
    return operation


def list_commands() -> list[str]:
    """Every token that is a command: operations and evcli's own."""
    return [*map(to_kebab_case, INDEX), *OWN_COMMANDS]


def find_command_index(tokens: Sequence[str]) -> int:
    """Find where the command word stands; behind the last token when there is none.

    For commands that have options of their own, which no global one may take over.
    """
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if not token.startswith("-"):
            return index
        option = GLOBAL_OPTIONS.get(token)
        index += 2 if option is not None and option.arity == ONE else 1
    return index


def parse_operation(
    operation: Operation, tokens: Sequence[str]
) -> tuple[Values, Values]:
    """Read the options of one operation.

    Returns:
        Values by member name, in model order, and the command's own options by
        destination. They are as typed, not yet loaded or parsed. Extras that fill a
        member of the request are under their option's name, such as `--source`.

    Raises:
        UsageError: an option is ambiguous, lacks its value or is missing.
        UnknownOptionsError: tokens are left over.
        HelpRequested: the token `help` is among them.
    """
    if len(tokens) == 1 and tokens[0] == "help":
        raise HelpRequested
    options = list_options(operation)
    found = scan(options, tokens, is_optional=True)
    _check_required(operation, options, found, tokens)
    if found.positional == "help":
        raise HelpRequested
    if found.positional:
        found.extras.append(found.positional)
    if found.extras:
        from evcli.cli.errors import UnknownOptionsError

        error = UnknownOptionsError(found.extras)
        error.advice = advise_options(found.extras, options)
        raise error
    _check_extras(operation, found.values)
    return _sort_values(operation, found.values)


def list_options(operation: Operation) -> dict[str, Option]:
    """Every option of an operation by its name, in the order of messages and help."""
    options: list[Option] = []
    for member in operation.request.members.values():
        name = option_name(member.name)
        if member.shape.kind == BOOLEAN:
            options.append(Option(name, member.name, NONE))
            negative = f"--no-{name[2:]}"
            options.append(Option(negative, member.name, NONE, value=False))
        else:
            arity = MANY if member.shape.kind == LIST else ONE
            options.append(Option(name, member.name, arity, required=member.required))
    options.extend(_INPUT_OPTIONS)
    if operation.automatic_pagination is not None:
        options.extend(_PAGING_OPTIONS)
    options.append(_SKELETON_OPTION)
    options.extend(_to_option(operation, extra) for extra in operation.extras)
    return {option.name: option for option in options}


def _to_option(operation: Operation, extra: Extra) -> Option:
    if extra.fills is None:
        arity = EXPLICIT if extra.choices else NONE
        return Option(extra.option, arity=arity, choices=extra.choices, exact=True)
    member_name, field_name = extra.fills
    element = operation.request.members[member_name].shape.element
    is_list = element is not None and element.members[field_name].shape.kind == LIST
    arity = MANY if is_list else ONE
    return Option(extra.option, extra.option, arity, exact=True)


def _check_required(
    operation: Operation,
    options: Mapping[str, Option],
    found: Scan,
    tokens: Sequence[str],
) -> None:
    missing = [
        option
        for option in options.values()
        if option.required and option.dest not in found.values
    ]
    if not missing or _lifts_required(tokens):
        return
    filled = {
        extra.fills[0]
        for extra in operation.extras
        if extra.fills is not None and extra.option in found.values
    }
    names = [option.name for option in missing if option.dest not in filled]
    if names:
        refuse(
            f"the following arguments are required: {', '.join(names)}",
            advise_options(found.extras, options),
        )


def advise_options(extras: Sequence[str], options: Mapping[str, Option]) -> str:
    """Name the options that are near what no option takes; "" where none is."""
    from difflib import get_close_matches

    names = [each.partition("=")[0] for each in extras if each.startswith("--")]
    near = {
        name: get_close_matches(name, options, n=1, cutoff=0.8)
        for name in names
        if name not in options  # it would be there twice, or stands behind `--`
    }
    return " ".join(
        f"Did you mean {match} instead of {name}?"
        for name, matches in near.items()
        for match in matches
    )


def _lifts_required(tokens: Sequence[str]) -> bool:
    """Whether whole-command input or a skeleton makes every option optional.

    The tokens are searched, not the parsed options: an abbreviation or `--option=value`
    lifts nothing. Source: [aws].
    """
    if "--cli-input-json" in tokens or "--cli-input-yaml" in tokens:
        return True
    if "--generate-cli-skeleton" not in tokens:
        return False
    follower = tokens.index("--generate-cli-skeleton") + 1
    return tokens[follower : follower + 1] != ["output"]


def _check_extras(operation: Operation, values: Values) -> None:
    for extra in operation.extras:
        if extra.fills is not None and extra.option in values:
            member_name = extra.fills[0]
            if member_name in values:
                # argparse's words for options that exclude each other.
                refuse(
                    f"argument {extra.option}: not allowed with argument"
                    f" {option_name(member_name)}"
                )


def _sort_values(operation: Operation, found: Values) -> tuple[Values, Values]:
    members = operation.request.members
    fills = {extra.option for extra in operation.extras if extra.fills is not None}
    values = {name: found[name] for name in members if name in found}
    for dest, value in found.items():
        if dest in fills:
            values[dest] = value
    return values, {dest: found[dest] for dest in found if dest not in values}
