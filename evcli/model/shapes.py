"""The vocabulary of declarations: shapes, members, operations.

A shape says what a value may be; a structure's members say which shapes stand under
which names; an operation binds a request and a response. Nothing here behaves: checks,
options, skeletons, help, completion and HTTP dispatch read these values.

Plain slotted classes, not dataclasses: every command loads this module first.
"""

from __future__ import annotations

from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

STRING = "string"
INTEGER = "integer"
LONG = "long"
DOUBLE = "double"
BOOLEAN = "boolean"
TIMESTAMP = "timestamp"
LIST = "list"
MAP = "map"
STRUCTURE = "structure"


class Shape:
    """What a value may be. `name` is the shape's name in the service model.

    `min` and `max` bound the length of strings, lists and maps, the value of numbers.
    `regex` is the service's own, for the whole value. `enum_order` is the order in
    which the service's messages list the values, where a recording shows another one
    than the model's; `any_case` enums take every spelling. `unlisted` names members that the service prints in messages but
    does not model.
    """

    __slots__ = (
        "any_case",
        "element",
        "enum",
        "enum_order",
        "key",
        "kind",
        "max",
        "members",
        "min",
        "name",
        "regex",
        "sensitive",
        "unlisted",
        "value",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        min: int | None = None,  # noqa: A002 - the model's own word
        max: int | None = None,  # noqa: A002 - the model's own word
        *,
        regex: str | None = None,
        enum: tuple[str, ...] = (),
        enum_order: tuple[str, ...] = (),
        any_case: bool = False,
        sensitive: bool = False,
        members: Mapping[str, Member] | None = None,
        element: Shape | None = None,
        key: Shape | None = None,
        value: Shape | None = None,
        unlisted: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.name = name
        self.min = min
        self.max = max
        self.regex = regex
        self.enum = enum
        self.enum_order = enum_order or enum
        self.any_case = any_case
        self.sensitive = sensitive
        self.members: Mapping[str, Member] = members or {}
        self.element = element
        self.key = key
        self.value = value
        self.unlisted = unlisted

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


class Member:
    """A named member of a structure.

    `help` says in our words what the member is for (top-level members always have it).
    `completes` names the live names that completion offers: a key of the completion
    table, such as `event-bus` or `rule`. `json_text` marks a string that holds JSON
    and that the command line takes as a JSON object too.
    """

    __slots__ = ("completes", "help", "json_text", "name", "required", "shape")

    def __init__(
        self,
        name: str,
        shape: Shape,
        help: str = "",  # noqa: A002 - what every command line calls it
        *,
        required: bool = False,
        completes: str = "",
        json_text: bool = False,
    ) -> None:
        self.name = name
        self.shape = shape
        self.help = help
        self.required = required
        self.completes = completes
        self.json_text = json_text

    def __repr__(self) -> str:
        return f"<member {self.name}: {self.shape!r}>"


class Pagination:
    """How a list operation pages.

    `automatic` is true for the three operations whose pages the official command line
    follows by itself. Source: [doc] paginators.
    """

    __slots__ = ("automatic", "limit", "result")

    def __init__(
        self, result: str, *, limit: str = "Limit", automatic: bool = False
    ) -> None:
        self.result = result
        self.limit = limit
        self.automatic = automatic


class Example:
    """A command that help shows and a test executes; `given` are commands run before.

    All are lines for a POSIX shell, run one after the other in an empty state
    directory. `exit_code` is not 0 where the example shows a refusal.
    """

    __slots__ = ("command", "exit_code", "given", "title")

    def __init__(
        self,
        title: str,
        command: str,
        given: tuple[str, ...] = (),
        *,
        exit_code: int = 0,
    ) -> None:
        self.title = title
        self.command = command
        self.given = given
        self.exit_code = exit_code


class Extra:
    """An option that evcli has beside those of the official command line.

    Extras are matched by their full spelling only, so that no abbreviation changes its
    meaning. `fills` names what in the request the value goes to: a list of
    structures and a member of its one element, such as `("Entries", "Source")`. Without
    it the option steers the command and never reaches the request; then `choices` are
    the values that `--option=value` may take, and none of them makes it a plain flag.
    """

    __slots__ = ("choices", "fills", "help", "option")

    def __init__(
        self,
        option: str,
        help: str,  # noqa: A002 - what every command line calls it
        *,
        fills: tuple[str, str] | None = None,
        choices: tuple[str, ...] = (),
    ) -> None:
        self.option = option
        self.help = help
        self.fills = fills
        self.choices = choices

    def __repr__(self) -> str:
        return f"<extra {self.option}>"


class Operation:
    """One operation: what it accepts, returns and raises.

    `request` and `response` become structures named like the operation; `response` is
    `None` where the service model has no output shape. `errors` are the modelled codes. `reads_only` operations run on a snapshot and never wait for a lock.
    `extras` are evcli's own options of the command.
    """

    __slots__ = (
        "errors",
        "examples",
        "extras",
        "help",
        "name",
        "pagination",
        "reads_only",
        "request",
        "response",
    )

    def __init__(
        self,
        name: str,
        help: str,  # noqa: A002 - what every command line calls it
        *,
        request: tuple[Member, ...],
        response: tuple[Member, ...] | None,
        errors: tuple[str, ...],
        pagination: Pagination | None = None,
        reads_only: bool = False,
        examples: tuple[Example, ...] = (),
        extras: tuple[Extra, ...] = (),
    ) -> None:
        self.name = name
        self.help = help
        self.request = structure(f"{name}Request", *request)
        self.response = (
            None if response is None else structure(f"{name}Response", *response)
        )
        self.errors = errors
        self.pagination = pagination
        self.reads_only = reads_only
        self.examples = examples
        self.extras = extras

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @property
    def automatic_pagination(self) -> Pagination | None:
        """The pagination, if the official command line follows it by itself."""
        pagination = self.pagination
        return pagination if pagination is not None and pagination.automatic else None


# Scalars: the shape's name, bounds of length or value, what else constrains it.
string = partial(Shape, STRING)
integer = partial(Shape, INTEGER)
long = partial(Shape, LONG)
boolean = partial(Shape, BOOLEAN)
timestamp = partial(Shape, TIMESTAMP)


def list_of(
    name: str,
    element: Shape,
    min: int | None = None,  # noqa: A002
    max: int | None = None,  # noqa: A002
    *,
    sensitive: bool = False,
) -> Shape:
    """Declare a list with bounds of its length."""
    return Shape(LIST, name, element=element, min=min, max=max, sensitive=sensitive)


def map_of(
    name: str,
    key: Shape,
    value: Shape,
    max: int | None = None,  # noqa: A002
) -> Shape:
    """Declare a map with string keys."""
    return Shape(MAP, name, key=key, value=value, max=max)


def structure(
    name: str, *members: Member, unlisted: tuple[str, ...] = (), sensitive: bool = False
) -> Shape:
    """Declare a structure; the order of members is the order of output."""
    return Shape(
        STRUCTURE,
        name,
        members={member.name: member for member in members},
        unlisted=unlisted,
        sensitive=sensitive,
    )


def by_name(*operations: Operation) -> dict[str, Operation]:
    """Make the table of a family, which `model.load_family` hands out."""
    return {operation.name: operation for operation in operations}
