"""From a test file to its cases; what is wrong with it is said with file and line."""

from __future__ import annotations

import io
import json
import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from evcli.authoring.cases.faults import describe_fault
from evcli.errors import ConfigurationError
from evcli.infrastructure.sources import parse_source, read_text
from evcli.model.timestamps import parse_timestamp

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from jsonschema.protocols import Validator

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.sources import Source

# The years of cron expressions.
FIRST_YEAR, LAST_YEAR = 1970, 2199
SCHEMA_FILE = "evtest.schema.json"
# What a case is about: the member that says so.
KINDS = ("event", "pattern", "schedule")


class Case(NamedTuple):
    """One test of a file. `kind` is one of KINDS, `path` where its members stand."""

    name: str
    kind: str
    members: dict[str, Any]
    path: Path


class CaseFile(NamedTuple):
    """A test file: how it was named, what it says for all, its cases."""

    name: str
    source: Source
    settings: dict[str, Any]
    cases: list[Case]

    @property
    def directory(self) -> str:
        """Where the paths in it start from."""
        return os.path.dirname(self.name)

    def fault(self, path: Path, problem: str) -> ConfigurationError:
        """An error at a value: file, line, what is wrong."""
        return self.source.fault(path, problem + "." * (problem[-1] not in ".?"))

    def find_line(self, case: Case) -> int | None:
        """The line that a case begins at."""
        return self.source.locate((*case.path, "name"))


def read_schema() -> str:
    """The JSON Schema of test files, as text."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), SCHEMA_FILE)
    with open(path, encoding="utf-8") as file:
        return file.read()


@cache
def load_validator() -> Validator:
    """Load what holds test files against their schema."""
    from jsonschema import Draft202012Validator

    validator: Validator = Draft202012Validator(json.loads(read_schema()))
    return validator


def read_case_file(path: str, validator: Validator) -> CaseFile:
    """Read a test file.

    Args:
        validator: from `load_validator`.

    Raises: ConfigurationError: the file, the line, and what is wrong there.
    """
    source = read_source(path)
    if not isinstance(source.value, dict):
        raise source.fault((), "a test file is an object that has tests.")
    settings = {k: v for k, v in source.value.items() if k != "tests"}
    file = CaseFile(path, source, settings, [])
    error = next(validator.iter_errors(source.value), None)
    if error is not None:
        where, problem = describe_fault(error)
        raise file.fault(where, f"{_name_member(where)}{problem}")
    names: set[str] = set()
    for number, members in enumerate(source.value["tests"]):
        kind = next(each for each in KINDS if each in members)
        case = Case(members["name"], kind, members, ("tests", number))
        if case.name in names:
            problem = f"there is a test {case.name!r} already"
            raise file.fault((*case.path, "name"), problem)
        names.add(case.name)
        file.cases.append(case)
    return file


def read_source(path: str) -> Source:
    """Parse a file of JSON or YAML; what is no file, such as a pipe, is refused.

    Raises: ConfigurationError: it cannot be read; file, line and why.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise ConfigurationError(f"{path} is not a file.")
    return parse_source(path, read_text(path, io.StringIO()))


def _name_member(path: Path) -> str:
    """Name the member that is meant, if the line alone might not tell."""
    below = path[2:] if path[:1] == ("tests",) and len(path) > 1 else path
    names = [step for step in below if isinstance(step, str)]
    return f"{'.'.join(names)}: " if names else ""


def read_instant(file: CaseFile, path: Path, text: str) -> datetime:
    """Read a time of a file.

    Raises: ConfigurationError: there is no such day, or none that schedules know.
    """
    instant = parse_timestamp(text)
    if instant is None:
        raise file.fault(path, f"there is no {text}")
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise file.fault(path, f"{text} is not from {FIRST_YEAR} to {LAST_YEAR}")
    return instant
