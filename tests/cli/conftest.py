"""Run the command line in this process, by itself or through click's commands."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, NamedTuple

# First, because the official client else puts its own, older copy under that name.
import botocore  # noqa: F401
import pytest

import evcli.cli.dispatch
import evcli.operations
from evcli.cli.commands import PROGRAM
from evcli.cli.main import run
from evcli.errors import ParamValidationError
from evcli.model import get_operation
from evcli.model.check import find_client_problems
from evcli.model.shapes import TIMESTAMP, Shape
from evcli.model.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evcli.cli.session import Session
    from evcli.context import Context

ENTRIES = ("direct", "click")


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


def run_by_click(session: Session, argv: Sequence[str]) -> int:
    """Run an operation through the click object that documentation tools look at."""
    with PROGRAM.make_context(session.program, list(argv), obj=session) as ctx:
        return PROGRAM.invoke(ctx)


def enter(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    """Let operations go through click, or not."""
    if entry == "click":
        monkeypatch.setattr(evcli.cli.dispatch, "dispatch", run_by_click)


@pytest.fixture(params=ENTRIES)
def entry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both entries to an operation; in effect for the whole test."""
    enter(monkeypatch, request.param)
    return str(request.param)


@pytest.fixture
def evcli_command() -> Callable[..., Outcome]:
    """Run `evcli_command("put-rule", "--name", "r", stdin="", entry="click")`."""

    def run_command(
        *argv: str, stdin: str = "", entry: str = "direct", program: str = "evcli"
    ) -> Outcome:
        stdout, stderr = io.StringIO(), io.StringIO()
        given = io.StringIO(stdin)
        with pytest.MonkeyPatch.context() as patch:
            enter(patch, entry)
            code = run(argv, given, stdout, stderr, os.environ, program=program)
        return Outcome(code, stdout.getvalue(), stderr.getvalue())

    return run_command


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run_on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run `run_on_terminal("local", "status", columns=120)`: the lines, uncoloured."""

    def run_command(*argv: str, columns: int = 80) -> list[str]:
        stdout = Terminal()
        monkeypatch.setattr(
            "evcli.cli.output.columns.find_terminal_width", lambda _: columns
        )
        environ = {**os.environ, "AWS_PAGER": ""}
        argv = (*argv, "--color", "off")
        code = run(argv, io.StringIO(), stdout, Terminal(), environ)
        assert code == 0
        return stdout.getvalue().splitlines()

    return run_command


@pytest.fixture
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which everything that is said is one line."""
    monkeypatch.setattr(
        "evcli.cli.output.rendering.find_terminal_width", lambda _: 1_000
    )


class Spy:
    """Stands where operations are called: checks as a client, notes, answers."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []
        self.responses: list[Any] = []

    def __call__(
        self, ctx: Context, name: str, request: dict[str, Any], *, client: bool = True
    ) -> dict[str, Any]:
        operation = get_operation(name)
        assert operation is not None
        problems = find_client_problems(operation.request, request) if client else []
        if problems:
            raise ParamValidationError(problems)
        self.calls.append([name, to_wire(operation.request, request)])
        answer = self.responses.pop(0) if self.responses else {}
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return answer


def to_wire(shape: Shape, value: Any) -> Any:
    """What the official client would send: times as whole epoch seconds."""
    if shape.kind == TIMESTAMP:
        moment = parse_timestamp(value)
        assert moment is not None
        return int(moment.timestamp())
    if isinstance(value, dict) and shape.members:
        return {
            key: to_wire(shape.members[key].shape, item) for key, item in value.items()
        }
    if isinstance(value, list) and shape.element is not None:
        return [to_wire(shape.element, item) for item in value]
    return value


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    """Catch what would reach the operations."""
    spy = Spy()
    monkeypatch.setattr(evcli.operations, "call", spy)
    return spy
