"""`evcli local schema`: JSON Schemas from captured events."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from evcli.authoring.inference import infer_schemas, read_events
from evcli.authoring.schemas import choose_schema_directory, format_file_name
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.output import write_document, write_file
from evcli.cli.local.send_and_see.bulk_input import locate, open_input
from evcli.store.directory.configuration_file import get_configuration
from evcli.store.directory.private_files import make_private_directories

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session

    # File name → schema.
    Schemas = dict[str, dict[str, Any]]

# No file system that people use takes longer names, in bytes.
LONGEST_NAME = 255


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--write", is_flag=True, help="Write them into .evcli/schemas of this project."
)
@click.option(
    "--output-dir",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Write them into DIR instead.",
)
@click.option("--force", is_flag=True, help="Replace schemas that are there already.")
@click.pass_obj
def schema_command(
    session: Session, file: str, write: bool, output_dir: str | None, force: bool
) -> None:
    """Infer a JSON Schema for each source and detail-type of the events in FILE, or on
    standard input for -.

    FILE has JSON Lines, an array or one object: whole events, entries of put-events, or
    lines that file sinks wrote. What every event has is required; what none had is
    allowed. Formats are named where every text has them, an enum where the same few names
    come again and again: look at what was inferred before others rely on it.

    Prints an object of file names and schemas, or writes a file for each: then send,
    trigger, and on a terminal put-events hold events against them.
    """
    if write and output_dir is not None:
        raise ParamError("Give either --write or --output-dir.")
    schemas = infer(session, file)
    if write or output_dir is not None:
        directory = choose_directory(session, output_dir)
        write_schemas(session, directory, schemas, force=force)
        return
    output = session.find_output(get_configuration(session.find_state_directory()))
    write_document(session, "Schemas", schemas, output)


def infer(session: Session, file: str) -> Schemas:
    """Read events and infer their schemas, by file name.

    Raises: GeneralError, InspectionError: the file has something else, or nothing.
    """
    with open_input(session, file) as stream:
        try:
            content = stream.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise GeneralError(f"{file} is not UTF-8.") from error
    inferred = infer_schemas(read_events(content, file))
    if not inferred:
        raise GeneralError(f"{file} has no events.")
    return {format_file_name(*key): schema for key, schema in inferred.items()}


def choose_directory(session: Session, output_dir: str | None) -> str:
    """Choose where schemas are written. Raises: GeneralError: there is no project."""
    if output_dir is not None:
        return locate(session, output_dir)
    directory = choose_schema_directory(
        session.environ, session.find_working_directory()
    )
    if directory is None:
        raise GeneralError(
            "There is no .evcli here or above; `evcli local init` makes one, and"
            " --output-dir names another directory."
        )
    return directory


def write_schemas(
    session: Session, directory: str, schemas: Schemas, *, force: bool
) -> None:
    """Write one file a schema and print its path, once it is sure that all can be.

    Raises: GeneralError: one is there already, has too long a name, or cannot be written.
    """
    paths = {name: os.path.join(directory, name) for name in schemas}
    for name, path in paths.items():
        if len(os.fsencode(name)) > LONGEST_NAME:
            raise GeneralError(f"{name} is too long for the name of a file.")
        if os.path.lexists(path) and not force:
            raise GeneralError(f"{path} exists already; --force replaces it.")
    try:
        make_private_directories(directory)
    except OSError as error:
        raise GeneralError(f"{directory} cannot be made: {error.strerror}.") from error
    for name, schema in schemas.items():
        write_file(paths[name], json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
        session.write(f"{paths[name]}\n")
