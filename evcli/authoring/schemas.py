"""Schemas of a project's own events: JSON Schemas by source and detail-type.

    .evcli/schemas/shop@Order Placed.json

A schema is of the whole event as rules see it, as those are that AWS's schema registry
exports. A `$ref` reaches what stands in the same file: nothing is ever fetched, neither
from a network nor from another file.

Source: [doc] `SOURCE@DETAIL-TYPE` as the registry names schemas; [guess] the spelling of
what file names cannot hold.
"""

from __future__ import annotations

import json
import os
import re
from typing import NamedTuple

from evcli.authoring.changes import format_path
from evcli.store.directory.state_directory import SCHEMAS, find_project_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Event = Mapping[str, Any]
    # An event → what does not fit.
    Check = Callable[[Event], list[str]]

SUFFIX = ".json"
# What some file system cannot hold, and the sign that spells it. A source's own "@" is
# spelled as well, so that no two events share a file.
SPELLED = {
    ord(sign): f"%{ord(sign):02X}"
    for sign in [*map(chr, range(0x20)), "\x7f", *'%/\\:*?"<>|']
}
# Of one event; a wrong event is wrong in many ways.
MOST_PROBLEMS = 3
MESSAGE_CHARACTERS = 200
# Schemas that are kept ready: an input may have any number of detail-types.
MOST_KEPT = 1_000


class Misfit(NamedTuple):
    """An event that does not fit its schema: the schema's file, and why not."""

    path: str
    problems: list[str]

    def __str__(self) -> str:
        return f"{self.path}: {'; '.join(self.problems)}"


def choose_schema_directory(
    environ: Mapping[str, str], working_directory: str
) -> str | None:
    """Choose where new schemas go: where they are looked for, else the nearest project.

    It need not exist yet. `None`: there is no project.
    """
    found = find_project_folder(SCHEMAS, environ, working_directory)
    if found is not None:
        return found
    project = find_project_folder("", environ, working_directory)
    return None if project is None else os.path.join(project, SCHEMAS)


def format_file_name(source: str, detail_type: str) -> str:
    """Name the file of a schema; `/` and the like are spelled `%2F`."""
    first = source.translate({**SPELLED, ord("@"): "%40"})
    return f"{first}@{detail_type.translate(SPELLED)}{SUFFIX}"


class Schemas:
    """The schemas of one directory; each is read when its first event comes."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._checks: dict[tuple[str, str], tuple[str, Check | None]] = {}

    def check(self, event: Event) -> Misfit | None:
        """Hold an event against its schema; `None`: it fits, or there is none.

        A file that is no JSON Schema fits no event.

        Args:
            event: a whole event with Python's own numbers, as `json.loads` reads it.
        """
        path, check = self._get_check(event["source"], event["detail-type"])
        problems = [] if check is None else check(event)
        return Misfit(path, problems) if problems else None

    def _get_check(self, source: str, detail_type: str) -> tuple[str, Check | None]:
        key = source, detail_type
        if key not in self._checks:
            if len(self._checks) >= MOST_KEPT:
                self._checks.clear()
            path = os.path.join(self.directory, format_file_name(*key))
            self._checks[key] = path, _load_check(path)
        return self._checks[key]


def _load_check(path: str) -> Check | None:
    """Make the check of a schema's file; `None`: there is no such file."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            schema = json.load(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        # No file has so long a name, and so no schema.
        return (
            _refuse(f"it cannot be read: {error.strerror}") if _exists(path) else None
        )
    except (ValueError, RecursionError) as error:
        return _refuse(f"it is not JSON: {error}")
    return _build_check(schema)


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except (OSError, ValueError):
        return False


def _refuse(problem: str) -> Check:
    return lambda _event: [problem]


def _build_check(schema: Any) -> Check:
    import jsonschema
    import referencing

    if not isinstance(schema, dict):
        return _refuse("it is no JSON Schema, which is an object")
    latest = jsonschema.Draft202012Validator
    dialect = {"$schema": str(schema.get("$schema"))}
    kind = jsonschema.validators.validator_for(dialect, latest)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        return _refuse(f"it is no JSON Schema: {describe_error(error)}")
    validator = kind(
        schema,
        # The registry that is the default fetches what it does not have.
        registry=referencing.Registry(),
        format_checker=kind.FORMAT_CHECKER,
    )

    def check(event: Event) -> list[str]:
        try:
            errors = list(validator.iter_errors(event))
        except referencing.exceptions.Unresolvable as error:
            what = error.ref or "an anchor"
            return [f"it refers to {what}, which is not in it; nothing is fetched"]
        except RecursionError:
            return ["it refers to itself without end"]
        except (re.error, ArithmeticError) as error:
            # What the metaschemas of older dialects let pass, and numbers without end.
            return [f"it cannot be checked: {error}"]
        problems = [
            describe_error(best)
            for each in errors
            if (best := jsonschema.exceptions.best_match([each])) is not None
        ]
        more = len(problems) - MOST_PROBLEMS
        return [*problems[:MOST_PROBLEMS], *([f"{more} more"] if more > 0 else [])]

    return check


def describe_error(error: Any) -> str:
    """Say where a value does not fit and why, on one line of bounded length."""
    where = format_path(tuple(error.absolute_path))
    message = " ".join(error.message.split())
    if len(message) > MESSAGE_CHARACTERS:
        # A message begins with the value, which may be the whole event.
        half = MESSAGE_CHARACTERS // 2
        message = f"{message[:half]} … {message[-half:]}"
    return f"{where}: {message}" if where else message
