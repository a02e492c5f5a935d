"""The spellings of one name: `PutRule`, `put-rule`, `put_rule`, `--event-bus-name`.

Everything is derived, letter by letter, so that a command pays for the names it uses
and not for a table of all of them.

Source: [aws] words break before a capital that follows a small letter or a digit, and
before the last capital of a run when a small letter comes next (`ResourceARN`,
`HTTPMethod`).
"""

from __future__ import annotations

from evcli.model import get_operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.model.shapes import Operation


def to_kebab_case(name: str) -> str:
    """Spell a wire name as on the command line: `EventBusName` is `event-bus-name`."""
    return "-".join(_split_words(name)).lower()


def to_snake_case(name: str) -> str:
    """Spell a wire name as a Python name: `PutRule` is `put_rule`, its handler."""
    return "_".join(_split_words(name)).lower()


def to_lower_camel(name: str) -> str:
    """Spell a member as the service's messages do: `ResourceARN` is `resourceARN`."""
    return name[:1].lower() + name[1:]


def option_name(member_name: str) -> str:
    """Name the option of a top-level member: `EventBusName` is `--event-bus-name`."""
    return "--" + to_kebab_case(member_name)


def operation_by_command(command: str) -> Operation | None:
    """Load the operation behind a command such as `put-rule`; no other family."""
    name = "".join([word.capitalize() for word in command.split("-")])
    # "put-Rule" and "put--rule" lead to the same name and are no commands.
    if to_kebab_case(name) != command:
        return None
    return get_operation(name)


def _split_words(name: str) -> list[str]:
    starts = [i for i in range(1, len(name)) if _is_word_start(name, i)]
    return [name[a:b] for a, b in zip([0, *starts], [*starts, len(name)], strict=True)]


def _is_word_start(name: str, i: int) -> bool:
    if not name[i].isupper():
        return False
    if name[i - 1].isupper():
        return name[i + 1 : i + 2].islower()
    return True
