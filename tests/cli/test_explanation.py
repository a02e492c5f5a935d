"""`--explain`, and the advice below messages whose words are AWS's."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pytest

from evcli.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

EVENT = {
    "id": "1", "account": "000000000000", "source": "shop", "region": "r",
    "time": "2024-01-01T00:00:00Z", "resources": [], "detail-type": "t", "detail": {},
}  # fmt: skip
PATTERN = json.dumps({"source": ["shop"], "detail-type": ["T"], "x" * 90: ["y"]})


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def explain_on_terminal(*options: str, columns: int = 80) -> str:
    stderr = Terminal()
    argv = (
        "test-event-pattern", "--event-pattern", PATTERN, "--event", json.dumps(EVENT),
        "--explain", *options,
    )  # fmt: skip
    environ = {**os.environ, "AWS_PAGER": ""}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("TERM", "xterm")
        run(argv, io.StringIO(), io.StringIO(), stderr, environ)
    return stderr.getvalue()


def test_an_explanation_has_colors_on_a_terminal() -> None:
    shown = explain_on_terminal().splitlines()

    assert shown == [
        "\x1b[31m✘ no match\x1b[0m",
        '\x1b[32m  ✔ source: ["shop"]  event: "shop"\x1b[0m',
        '\x1b[31m  ✘ detail-type: ["T"]\x1b[0m',
        '      event: "t"',
        '\x1b[35m      hint: same value in other case: "t"\x1b[0m',
        f"\x1b[31m  ✘ {'x' * 76}\x1b[0m",
        f'\x1b[31m    {"x" * 14}: ["y"]\x1b[0m',
        "      event: nothing there",
    ]


def test_an_explanation_takes_the_width_and_the_colors_that_are_asked_for() -> None:
    shown = explain_on_terminal("--color", "off", columns=120).splitlines()

    assert shown[-2:] == [f'  ✘ {"x" * 90}: ["y"]', "      event: nothing there"]
    assert not any("\x1b" in line for line in shown)


OPERATORS = (
    "Operators are anything-but, cidr, equals-ignore-case, exists, numeric, prefix,"
    " suffix, wildcard."
)


@pytest.mark.parametrize(
    ("leaf", "advice"),
    [
        ('[{"regex": "a"}]', f"{OPERATORS} For regex the nearest is wildcard."),
        ('[{"startsWith": "a"}]', f"{OPERATORS} For startsWith the nearest is prefix."),
        ('[{"Prefix": "a"}]', f"{OPERATORS} For Prefix the nearest is prefix."),
        (
            '[{"anythingBut": "a"}]',
            f"{OPERATORS} For anythingBut the nearest is anything-but.",
        ),
        (
            '[{"equals": "a"}]',
            f"{OPERATORS} A plain value in the list is equal to itself.",
        ),
        (
            '[{"$or": []}]',
            f'{OPERATORS} Alternatives are items of one list, or "$or" beside other'
            " fields.",
        ),
        ('[{"frob": "a"}]', OPERATORS),
        (
            '[{"anything-but": {"exists": true}}]',
            "Inside anything-but stand prefix, suffix, equals-ignore-case, wildcard, or"
            " values.",
        ),
        ('"shop"', 'Values stand in a list, even one alone: "source": [ … ]'),
    ],
)
def test_a_refused_pattern_has_advice_below_the_words_of_aws(
    leaf: str, advice: str, evcli_command: Callable[..., Any]
) -> None:
    argv = ("put-rule", "--name", "r", "--event-pattern", f'{{"source": {leaf}}}')

    plain = evcli_command(*argv)
    as_json = evcli_command("--cli-error-format", "json", *argv)

    error, line = plain.stderr.rstrip("\n").rsplit("\n", 1)
    assert (plain.code, line) == (254, advice)
    message = json.loads(as_json.stderr)["Message"]
    assert error == (
        "\nevcli: [ERROR]: An error occurred (InvalidEventPatternException) when calling"
        f" the PutRule operation: {message}"
    )


ENTRY = {"Source": "shop", "DetailType": "t", "Detail": "{}"}


@pytest.mark.parametrize(
    ("event", "advice"),
    [
        (
            json.dumps({**EVENT, "id": None} | {"x": 1}).replace('"id"', '"Id"'),
            "The event lacks id.",
        ),
        (
            json.dumps({"source": "shop", "detail-type": "t"}),
            "The event lacks id, account, time, region. It also lacks resources, which"
            " AWS documents as needed and does not ask for.",
        ),
        (
            json.dumps(ENTRY),
            "The event lacks id, account, source, time, region, detail-type. It also"
            " lacks resources, which AWS documents as needed and does not ask for. It"
            " looks like an entry of put-events, which makes an event of it.",
        ),
        ("[]", "The event cannot be read: The event is not a JSON object."),
        (
            '{"id": }',
            "The event cannot be read: Expecting value: line 1, column 8.",
        ),
    ],
)
def test_a_refused_event_has_advice_below_the_words_of_aws(
    event: str, advice: str, evcli_command: Callable[..., Any]
) -> None:
    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", '{"a":[1]}', "--event", event
    )

    assert outcome == (
        254,
        "",
        "\nevcli: [ERROR]: An error occurred (ValidationException) when calling the"
        f" TestEventPattern operation: Parameter Event is not valid.\n{advice}\n",
    )


def test_a_sample_event_stands_for_an_event(evcli_command: Callable[..., Any]) -> None:
    pattern = json.dumps(
        {"account": ["000000000000"], "detail": {"object": {"key": [{"exists": True}]}}}
    )

    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", pattern,
        "--event", "sample:s3/object-created",
    )  # fmt: skip

    assert outcome == (0, '{\n    "Result": true\n}\n', "")


def test_a_sample_may_be_one_of_the_project_and_lack_what_is_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evcli_command: Callable[..., Any]
) -> None:
    events = tmp_path / ".evcli" / "events"
    events.mkdir(parents=True, mode=0o700)
    (events / "order.json").write_text('{"source": "shop", "detail-type": "o"}')
    monkeypatch.chdir(tmp_path)

    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", '{"detail-type":["o"]}',
        "--event", "sample:order",
    )  # fmt: skip

    assert outcome == (0, '{\n    "Result": true\n}\n', "")


def test_a_sample_that_does_not_exist_names_the_nearest(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", '{"a":[1]}',
        "--event", "sample:s3/object-creatd",
    )  # fmt: skip

    assert outcome == (
        255,
        "",
        "\nevcli: [ERROR]: There is no sample s3/object-creatd. Did you mean"
        " s3/object-created?\n",
    )


def test_a_document_without_an_event_is_refused_as_ever(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command(
        "test-event-pattern", "--cli-input-json", '{"EventPattern": "{}"}'
    )

    assert (outcome.code, outcome.stdout) == (252, "")
    assert 'Missing required parameter in input: "Event"' in outcome.stderr
