"""`help`: pages made from the declarations, plain text of at most 80 columns.

Nothing is said here about one operation that its declaration does not say: the texts
are in `model/`, those of the options that all share in `shared_options`.
"""

from __future__ import annotations

import re

from evcli.cli.help.layout import (
    fill,
    fill_item,
    fill_paragraphs,
    fill_pieces,
    fold_command,
    join_blocks,
    join_sections,
)
from evcli.cli.help.shapes import describe_limits, describe_members, describe_type
from evcli.cli.help.shared_options import (
    COMMAND_OPTIONS,
    EXIT_CODES,
    GLOBAL_OPTIONS,
    WITHOUT_EFFECT,
)
from evcli.cli.help.syntax import format_json_syntax, format_shorthand
from evcli.cli.help.topics import TOPICS
from evcli.cli.local import COMMANDS as LOCAL_COMMANDS
from evcli.cli.local import PARTS
from evcli.cli.parsing.arguments import list_options
from evcli.model import INDEX
from evcli.model.names import option_name, to_kebab_case
from evcli.model.shapes import BOOLEAN, LIST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evcli.model.shapes import Member, Operation, Shape

DESCRIPTION = """\
Does what `aws events` does, offline: event buses, rules, targets, archives and replays \
are kept in a state directory, events are matched and delivered at once, and what each \
target would have received goes to a sink, by default a JSON Lines file.

Commands, options, answers, errors and exit codes are those of the official command \
line. No account and no credentials are needed."""

BOLD = "\x1b[1m"
RESET = "\x1b[0m"

# Declared by the model, never answered offline: no line of help for them.
NEVER_RAISED = frozenset(
    {"InternalException", "OperationDisabledException", "ThrottlingException"}
)

FAMILY_TITLES = {
    "entries": "Events",
    "rules": "Rules",
    "targets": "Targets",
    "event_buses": "Event buses",
    "permissions": "Permissions of event buses",
    "archives": "Archives",
    "replays": "Replays",
    "connections": "Connections",
    "api_destinations": "API destinations",
    "endpoints": "Global endpoints",
    "event_sources": "Partner event sources",
    "tags": "Tags",
}


def format_operation_help(operation: Operation, program: str = "evcli") -> str:
    """Format the page of one operation, its last line ended."""
    command = to_kebab_case(operation.name)
    sections = (
        ("NAME", fill(f"{command} - {INDEX[operation.name][1]}", 1)),
        ("DESCRIPTION", _describe(operation)),
        ("SYNOPSIS", _summarize(operation, f"{find_caller(program)} {command}")),
        ("OPTIONS", _list_options(operation)),
        ("GLOBAL OPTIONS", list_global_options()),
        (
            "EXAMPLES",
            list_examples((each.title, each.command) for each in operation.examples),
        ),
        ("OUTPUT", _describe_output(operation)),
        ("EXIT CODES", list_exit_codes(_describe_exit_codes(operation))),
    )
    return join_sections(sections)


def format_program_help(program: str = "evcli") -> str:
    """Format the page of the program."""
    caller = find_caller(program)
    sections = (
        ("NAME", fill("evcli - Amazon EventBridge on this machine", 1)),
        ("DESCRIPTION", fill_paragraphs(DESCRIPTION, 1)),
        (
            "SYNOPSIS",
            [
                f"    {caller} <command> [<options>]",
                f"    {caller} <command> help",
                f"    {caller} help <topic>",
                "    evcli local <command> [<options>]",
                "    evcli local <command> help",
            ],
        ),
        ("COMMANDS", _list_commands()),
        ("LOCAL COMMANDS", _introduce_local_commands()),
        ("TOPICS", _list_topics()),
        ("GLOBAL OPTIONS", list_global_options()),
        ("EXIT CODES", list_exit_codes(EXIT_CODES)),
    )
    return join_sections(sections)


def find_caller(program: str) -> str:
    """Say how commands are called: `aws events` where evcli stands in for it."""
    return "aws events" if program == "aws" else program


def embolden(page: str) -> str:
    """Make headings and the names of options bold, for a terminal."""
    page = re.sub(r"(?m)^([A-Z][A-Z ]+)$", rf"{BOLD}\1{RESET}", page)
    return re.sub(r"(?m)^(    )(--?[a-z-]+)", rf"\1{BOLD}\2{RESET}", page)


# -- one operation


def _describe(operation: Operation) -> Iterator[str]:
    yield from fill_paragraphs(operation.help, 1)
    pagination = operation.pagination
    if pagination is None:
        return
    yield ""
    if pagination.automatic:
        yield from fill(
            "All pages are fetched and shown as one, unless `--no-paginate` is given. "
            f"With `--output text`, a `--query` is asked of each page's "
            f"`{pagination.result}` by itself.",
            1,
        )
    else:
        yield from fill(
            "One page is shown. Its `NextToken`, if it has one, is what "
            "`--next-token` takes to show the next.",
            1,
        )


def _summarize(operation: Operation, command: str) -> list[str]:
    pieces = []
    for member in _visible_members(operation):
        name = option_name(member.name)
        piece = f"{name} <value>"
        if member.shape.kind == BOOLEAN:
            piece = f"{name} | --no-{name[2:]}"
        elif member.shape.kind == LIST:
            piece = f"{name} <value> [<value> ...]"
        is_needed = member.required and not _find_substitute(operation, member)
        pieces.append(piece if is_needed else f"[{piece}]")
    extras = [
        extra.option + _list_choices(extra.choices)
        for extra in operation.extras
        if extra.fills is None
    ]
    extras += [f"{extra.option} <value>" for extra in operation.extras if extra.fills]
    pieces += [f"[{extra}]" for extra in extras]
    pieces.append("[--cli-input-json <value> | --cli-input-yaml <value>]")
    if operation.automatic_pagination is not None:
        pieces += [
            "[--starting-token <value>]",
            "[--page-size <value>]",
            "[--max-items <value>]",
        ]
    pieces += ["[--generate-cli-skeleton [<value>]]", "[<global options>]"]
    return fill_pieces([command, *pieces], 1)


def _visible_members(operation: Operation) -> list[Member]:
    """Members with an option in help: those that page by themselves hide theirs."""
    pagination = operation.automatic_pagination
    hidden = () if pagination is None else ("NextToken", pagination.limit)
    return [
        member
        for name, member in operation.request.members.items()
        if name not in hidden
    ]


def _list_options(operation: Operation) -> Iterator[str]:
    blocks = [
        list(_describe_option(each, _describe_need(operation, each)))
        for each in _visible_members(operation)
    ]
    blocks += [
        [
            f"    {extra.option}{_list_choices(extra.choices)} (only in evcli)",
            *fill_paragraphs(extra.help, 2),
        ]
        for extra in operation.extras
    ]
    blocks += [
        [f"    {name} ({kind})", *fill_paragraphs(text, 2)]
        for name, (kind, text) in COMMAND_OPTIONS.items()
        if name in list_options(operation)
    ]
    yield from join_blocks(blocks)


def _list_choices(choices: tuple[str, ...]) -> str:
    return f"[={'|'.join(choices)}]" if choices else ""


def _describe_need(operation: Operation, member: Member) -> str:
    if not member.required:
        return ""
    substitute = _find_substitute(operation, member)
    return f" [required without {substitute}]" if substitute else " [required]"


def _find_substitute(operation: Operation, member: Member) -> str:
    """Name the first of evcli's own options that fill the member; "" if there are none."""
    for extra in operation.extras:
        if extra.fills is not None and extra.fills[0] == member.name:
            return extra.option
    return ""


def _describe_option(member: Member, need: str) -> Iterator[str]:
    name = option_name(member.name)
    shape = member.shape
    if shape.kind == BOOLEAN:
        name = f"{name} | --no-{name[2:]}"
    yield f"    {name} {describe_type(member)}{need}"
    yield from fill_paragraphs(member.help, 2)
    yield from describe_limits(shape, 2)
    members = list(describe_members(shape, 2))
    if members:
        yield ""
        yield from members
    yield from _describe_syntax(shape)


def _describe_syntax(shape: Shape) -> Iterator[str]:
    if shape.kind == LIST and shape.element is not None and not shape.element.members:
        yield "        Several words, or one JSON array."
    shorthand = format_shorthand(shape)
    if not shorthand:
        return
    yield ""
    yield "        Shorthand syntax:"
    # Lines may end after commas; where nothing else helps, after braces.
    pieces = [
        part
        for piece in re.split(r"(?<=,)", shorthand)
        for part in ([piece] if len(piece) < 68 else re.split(r"(?<={)", piece))
    ]
    yield from fill_pieces(pieces, 3, glue="", hanging=0)
    yield ""
    yield "        JSON syntax:"
    yield from (" " * 12 + line for line in format_json_syntax(shape))


def list_examples(examples: Iterable[tuple[str, str]]) -> Iterator[str]:
    """List sentences, each with the command line below it."""
    yield from join_blocks(
        [
            [*fill(_end_title(title), 1), "", *fold_command(command)]
            for title, command in examples
        ]
    )


def _end_title(title: str) -> str:
    return title if title.endswith("?") else f"{title}:"


def _describe_output(operation: Operation) -> Iterator[str]:
    if operation.response is None or not operation.response.members:
        yield from fill("Nothing is printed.", 1)
        return
    for member in operation.response.members.values():
        yield from fill(f"{member.name} {describe_type(member)}", 1)
        if member.help:
            yield from fill_paragraphs(member.help, 2)
        if member.shape.enum:
            yield from fill(f"One of {', '.join(member.shape.enum)}.", 2)
        yield from _list_output_members(member.shape, 2)


def _list_output_members(shape: Shape, level: int) -> Iterator[str]:
    while shape.kind == LIST and shape.element is not None:
        shape = shape.element
    for member in shape.members.values():
        yield from fill(f"{member.name} {describe_type(member)}", level)
        yield from _list_output_members(member.shape, level + 1)


# -- what all pages share


def list_global_options(shown: Iterable[str] = GLOBAL_OPTIONS) -> Iterator[str]:
    """List the options that stand anywhere on the line, and what they do."""
    blocks = [
        [
            f"    {name} {GLOBAL_OPTIONS[name][0]}".rstrip(),
            *fill(GLOBAL_OPTIONS[name][1], 2),
        ]
        for name in shown
    ]
    yield from (line for block in blocks for line in block)
    yield ""
    yield from fill("For the cloud only, taken and without effect here:", 1)
    names = [f"{name} {value}".rstrip() for name, value in WITHOUT_EFFECT.items()]
    pieces = [f"{name}," for name in names[:-1]]
    yield from fill_pieces([*pieces, names[-1]], 2, hanging=0)


def list_exit_codes(codes: Mapping[int, str]) -> Iterator[str]:
    """List exit codes and what they mean."""
    for code, text in codes.items():
        yield from fill_item(f"    {code}", text, 9)


def _describe_exit_codes(operation: Operation) -> dict[int, str]:
    return {
        code: text + _add_to_exit_code(code, operation)
        for code, text in EXIT_CODES.items()
    }


def _add_to_exit_code(code: int, operation: Operation) -> str:
    if code == 0 and "FailedEntryCount" in getattr(operation.response, "members", ()):
        return " Entries of it may have failed: see `FailedEntryCount`."
    if code == 254:
        names = [name for name in operation.errors if name not in NEVER_RAISED]
        if "ValidationException" not in names:
            names.append("ValidationException")
        one_of = "one of " if len(names) > 1 else ""
        return f" Its answer is {one_of}{', '.join(names)}."
    return ""


def _list_commands() -> Iterator[str]:
    blocks = []
    for family, title in FAMILY_TITLES.items():
        names = [name for name in INDEX if INDEX[name][0] == family]
        blocks.append(
            [
                f"    {title}",
                *(
                    line
                    for name in names
                    for line in _list_command(to_kebab_case(name), INDEX[name][1])
                ),
            ]
        )
    yield from join_blocks(blocks)


def _introduce_local_commands() -> Iterator[str]:
    yield from fill("After `evcli local`, and with nothing like them in the cloud:", 1)
    yield ""
    yield from list_local_commands()


def list_local_commands() -> Iterator[str]:
    """List the commands of `evcli local`, by the parts of a day."""
    parts: dict[str, list[str]] = {}
    for name, (module, _) in sorted(LOCAL_COMMANDS.items()):
        parts.setdefault(module.partition(".")[0], []).append(name)
    yield from join_blocks(
        [
            f"    {title}",
            *(
                line
                for name in parts[part]
                for line in fill_item(f"      {name}", LOCAL_COMMANDS[name][1], 20)
            ),
        ]
        for part, title in PARTS.items()
    )


def _list_topics() -> Iterator[str]:
    for name in sorted(TOPICS):
        yield from _list_command(name, TOPICS[name])


def _list_command(name: str, text: str) -> list[str]:
    return fill_item(f"      {name}", text, 34)
