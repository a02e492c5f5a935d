"""The options that say what files are: of `import`, `diff`, `exec` and `serve`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import click

from evcli.infrastructure.formats import FORMATS, ReadOptions
from evcli.infrastructure.parameters import read_assignments, read_parameters

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.cli.session import Session


class FileOptions(NamedTuple):
    """The options about files that `import`, `diff`, `exec` and `serve` have in common."""

    format: str | None
    parameter: tuple[str, ...]
    parameters: tuple[str, ...]
    import_value: tuple[str, ...]
    stack_name: str | None
    strict: bool


def file_options(
    command: Callable[..., Any], format_option: str = "--format"
) -> Callable[..., Any]:
    """Add the options of `FileOptions`; the command gets them under `file_options`.

    Args:
        format_option: what says which format FILE has, where `--format` says something
            else.
    """

    @functools.wraps(command)
    def run(*args: Any, **values: Any) -> Any:
        options = FileOptions(
            **{name: values.pop(name) for name in FileOptions._fields}
        )
        return command(*args, **values, file_options=options)

    for option in reversed(_OPTIONS):
        run = option(run)
    return click.option(
        format_option,
        "format",
        type=click.Choice(FORMATS),
        help="What FILE is, where it is not recognised.",
    )(run)


def make_read_options(
    session: Session, options: FileOptions, account_id: str, region: str
) -> ReadOptions:
    """Read the values that files ask for. Raises: ConfigurationError: one cannot be."""
    parameters: dict[str, str] = {}
    for path in options.parameters:
        parameters |= read_parameters(path, session.stdin)
    parameters |= read_assignments(options.parameter, "--parameter")
    return ReadOptions(
        account_id,
        region,
        format=options.format,
        parameters=parameters,
        import_values=read_assignments(options.import_value, "--import-value"),
        stack_name=options.stack_name,
    )


_OPTIONS = (
    click.option(
        "--parameter",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give a parameter of a template its value; repeatable.",
    ),
    click.option(
        "--parameters",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="Read values of parameters from JSON or YAML; repeatable.",
    ),
    click.option(
        "--import-value",
        multiple=True,
        metavar="NAME=VALUE",
        help="Say what a stack exports that is not among the files; repeatable.",
    ),
    click.option(
        "--stack-name",
        metavar="NAME",
        help="Name of the stack, else that of the file; of a cdk.out, which stack.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Fail if something cannot be worked out.",
    ),
)


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--import`, under `import_paths`, and the options of `FileOptions`."""
    option = click.option(
        "--import",
        "import_paths",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="Start with what FILE describes, as `evcli local import` makes it;"
        " repeatable.",
    )
    return option(file_options(command))
