"""Dim lines on standard error: on a terminal, and nowhere else."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
GOOD = {"Source": "shop", "DetailType": "order", "Detail": '{"n":10}'}


pytestmark = pytest.mark.usefixtures("wide_terminal")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def run_with(
    stdout: io.StringIO, stderr: io.StringIO, *argv: str, **environ: str
) -> tuple[int, str, str]:
    environ = {**os.environ, "AWS_PAGER": "", **environ}
    code = run(argv, io.StringIO(), stdout, stderr, environ)
    return code, stdout.getvalue(), stderr.getvalue()


def put(*entries: dict[str, str]) -> tuple[str, ...]:
    return ("put-events", "--entries", json.dumps(entries))


def see_hint(*argv: str, **environ: str) -> str:
    """What stands on the standard error of a terminal, without its dimming."""
    _, _, error = run_with(Terminal(), Terminal(), *argv, **environ)
    assert error == "" or (error.startswith("\x1b[2m") and error.endswith("\x1b[0m\n"))
    return error.removeprefix("\x1b[2m").removesuffix("\x1b[0m\n")


@pytest.fixture
def rule(call: Callable[..., Any]) -> None:
    call("PutRule", Name="big", EventPattern='{"detail":{"n":[{"numeric":[">",9]}]}}')
    call("PutTargets", Rule="big", Targets=[{"Id": "1", "Arn": QUEUE}])


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({}, ""),
        (
            {"Detail": '{"n":1}'},
            "evcli: nothing matched; nearest rule big: detail.n: 1 is not"
            ' [{"numeric": [">", 9]}]',
        ),
        (
            {"EventBusName": "orders"},
            "evcli: event bus orders does not exist: dropped",
        ),
        (
            {"Detail": "{'n':1}"},
            "evcli: Detail is malformed: Expecting property name enclosed in double"
            " quotes at line 1, column 2, where there is 'n':1}",
        ),
        (
            {"Detail": '{"n":\n 1'},
            "evcli: Detail is malformed: Expecting ',' delimiter at line 2, column 3,"
            " where there is the end",
        ),
        (
            {"Detail": "[1]"},
            "evcli: Detail is malformed: it is an array, not an object.",
        ),
        ({"Detail": "7"}, "evcli: Detail is malformed: it is a number, not an object."),
        ({"Detail": '{"n":NaN}'}, "evcli: Detail is malformed: NaN is no JSON value."),
        (
            {"Detail": '{"n":99999999999999999999}'},
            "evcli: Detail is malformed: a whole number is beyond"
            " ±9,223,372,036,854,775,808.",
        ),
        (
            {"Detail": '{"n":' + "[" * 1001 + "]" * 1001 + "}"},
            "evcli: Detail is malformed: it is nested deeper than 1,000 levels.",
        ),
        (
            {"Source": "aws.s3"},
            "evcli: only AWS services send as aws.s3; `evcli local send` plays them",
        ),
        (
            {"Source": ""},
            "evcli: InvalidArgument: Parameter Source is not valid. Reason: Source is a"
            " required argument.",
        ),
        (
            {"Source": "\x1b]0;x\x07", "EventBusName": "orders"},
            "evcli: event bus orders does not exist: dropped",
        ),
    ],
)
def test_a_terminal_is_told_why_nothing_came_of_an_entry(
    changes: dict[str, str], hint: str
) -> None:
    assert see_hint(*put(GOOD | changes)) == hint


@pytest.mark.usefixtures("rule")
def test_entries_of_the_same_fate_share_a_sentence_in_one_line() -> None:
    lost, bad = GOOD | {"EventBusName": "orders"}, GOOD | {"Detail": "x"}

    assert see_hint(*put(lost, GOOD, bad, lost)) == (
        "evcli: entries 1, 4: event bus orders does not exist: dropped"
        " · entry 3: Detail is malformed: Expecting value at line 1, column 1, where"
        " there is x"
    )


@pytest.mark.usefixtures("rule")
def test_many_reasons_are_cut() -> None:
    entries = [GOOD | {"EventBusName": f"b{i}"} for i in range(5)]

    hint = see_hint(*put(*entries))

    assert hint.endswith("dropped · and 2 more; see evcli local events --unmatched")
    assert hint.count("does not exist") == 3


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        (io.StringIO, io.StringIO),
        # The answer goes to a script, though a person is near.
        (io.StringIO, Terminal),
        (Terminal, io.StringIO),
    ],
)
def test_scripts_see_nothing_but_the_answer(
    stdout: type[io.StringIO], stderr: type[io.StringIO]
) -> None:
    entries = put(GOOD, GOOD | {"Detail": "x"}, GOOD | {"EventBusName": "orders"})

    code, answer, error = run_with(stdout(), stderr(), *entries, "--region", "us-east")

    assert (code, error) == (0, "")
    assert json.loads(answer)["FailedEntryCount"] == 1


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        (
            "us-east",
            "evcli: 'us-east' does not look like a region; us-east-1, us-east-2,"
            " us-west-2 would.",
        ),
        ("nowhere", "evcli: 'nowhere' does not look like a region; us-east-1 would."),
        ("us-east-1", ""),
        ("us-gov-west-1", ""),
        ("us-isob-east-1", ""),
        ("eusc-de-east-1", ""),
        ("xx-middle-9", ""),
    ],
)
@pytest.mark.parametrize("command", [("list-event-buses",), ("local", "path")])
def test_a_region_that_looks_like_none_is_named(
    command: tuple[str, ...], region: str, hint: str
) -> None:
    assert see_hint(*command, AWS_REGION=region) == hint
    assert run_with(io.StringIO(), io.StringIO(), *command, AWS_REGION=region)[2] == ""


def test_a_hint_is_plain_where_colours_are_not_wanted() -> None:
    argv = ("local", "path", "--region", "nowhere")
    plain = "evcli: 'nowhere' does not look like a region; us-east-1 would.\n"

    for more, environ in (
        (("--color", "off"), {}),
        ((), {"NO_COLOR": "1"}),
        ((), {"TERM": "dumb"}),
    ):
        assert run_with(Terminal(), Terminal(), *argv, *more, **environ)[2] == plain


def test_the_hint_stands_on_a_real_terminal_behind_the_answer() -> None:
    main, follower = pty.openpty()
    entry = json.dumps([GOOD | {"EventBusName": "orders"}])
    argv = [sys.executable, "-m", "evcli", "put-events", "--entries", entry]
    environ = {**os.environ, "AWS_PAGER": "", "TERM": "xterm"}

    process = subprocess.Popen(argv, stdout=follower, stderr=follower, env=environ)
    os.close(follower)
    seen = b""
    try:
        while chunk := os.read(main, 4096):
            seen += chunk
    except OSError:
        pass  # Linux says so when the other side is closed.
    finally:
        os.close(main)

    assert process.wait(PATIENCE_SECONDS) == 0
    assert (
        seen.decode()
        .replace("\r\n", "\n")
        .endswith("}\n\x1b[2mevcli: event bus orders does not exist: dropped\x1b[0m\n")
    )


def test_partners_are_told_that_their_event_source_is_not_active() -> None:
    name = "aws.partner/shop.example/orders"
    offer = ("create-partner-event-source", "--name", name, "--account", "1" * 12)
    assert run_with(io.StringIO(), io.StringIO(), *offer)[0] == 0
    entries = json.dumps([GOOD | {"Source": name}])

    hint = see_hint("put-partner-events", "--entries", entries)

    assert hint == "evcli: the event source is not active: dropped"
