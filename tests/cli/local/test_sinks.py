"""`evcli local sinks`: choosing what stands for a target."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def listed(evcli_command: Callable[..., Any]) -> Any:
    return json.loads(evcli_command("local", "sinks", "list").stdout)


def test_sinks_are_kept_in_the_order_in_which_they_are_tried(
    evcli_command: Callable[..., Any],
) -> None:
    add = ("local", "sinks", "add")
    evcli_command(*add, "*:a", "--kind", "exec", "--command", "cat", "--timeout", "3")
    evcli_command(*add, "*:b", "--kind", "http", "--url", "http://127.0.0.1:9/")
    evcli_command(*add, "*:c", "--kind", "null", "--fail-rate", ".5", "--seed", "7")
    outcome = evcli_command(*add, "*", "--kind", "stdout", "--first")
    evcli_command(*add, "*:b", "--kind", "null", "--fail-first", "2")

    assert outcome == (0, "", "")
    assert listed(evcli_command) == [
        {"arn": "*", "kind": "stdout"},
        {"arn": "*:a", "kind": "exec", "command": "cat", "timeout": 3.0},
        {"arn": "*:b", "kind": "null", "fail_first": 2},
        {"arn": "*:c", "kind": "null", "fail_rate": 0.5, "seed": 7},
    ]


def test_a_terminal_gets_sinks_as_a_table(
    evcli_command: Callable[..., Any], run_on_terminal: Callable[..., list[str]]
) -> None:
    add = ("local", "sinks", "add")
    evcli_command(*add, "*:c", "--kind", "null", "--fail-rate", ".5", "--seed", "7")
    evcli_command(*add, "*:a", "--kind", "exec", "--command", "cat")

    lines = run_on_terminal("local", "sinks", "list")

    assert [line.split() for line in lines[:-1]] == [
        ["ARN", "PATTERN", "KIND", "OPTIONS"],
        ["*:c", "null", "fail_rate=0.5", "seed=7"],
        ["*:a", "exec", "command=cat"],
    ]
    assert lines[-1] == (
        "All other targets are files below sinks/ in the state directory."
    )


def test_a_sink_that_is_removed_is_gone(evcli_command: Callable[..., Any]) -> None:
    evcli_command("local", "sinks", "add", "*:a", "--kind", "null")

    removed = evcli_command("local", "sinks", "remove", "*:a")
    missing = evcli_command("local", "sinks", "remove", "*:a")

    assert removed == (0, "", "")
    assert missing == (
        255,
        "",
        "\nevcli: [ERROR]: There is no sink for *:a; there are: none.\n",
    )
    assert listed(evcli_command) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--kind", "exec"],
            "sinks: sinks[0]: 'command' is missing.",
        ),
        (
            ["--kind", "null", "--url", "http://127.0.0.1/"],
            "sinks: sinks[0]: unknown key 'url'; allowed are: arn, fail_first,"
            " fail_rate, kind, seed.",
        ),
        (
            ["--kind", "http", "--url", "http://example.com/"],
            "evcli does not call example.com; to let it, add the host to allowed_hosts"
            " in config.toml",
        ),
        (
            ["--kind", "nope"],
            "there is no sink kind 'nope'; there are: file, stdout, stderr, exec, http, handler, aws, table, null",
        ),
    ],
)
def test_a_sink_that_cannot_be_is_refused_and_not_kept(
    evcli_command: Callable[..., Any], words: list[str], message: str
) -> None:
    outcome = evcli_command("local", "sinks", "add", "*", *words)

    assert outcome == (
        253,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {message}\n",
    )
    assert listed(evcli_command) == []


CONFIGURATION = """\
# How we test.
region = "eu-west-1"  # ours

# The worker runs for queues.
[[sinks]]
arn = "*:queue"   # every queue
kind = "exec"
command = "cat"

[quotas]
put_events_bytes = 1000  # for now
"""


def test_what_people_wrote_in_config_toml_stays(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    state_directory.mkdir(mode=0o700)
    path = state_directory / "config.toml"
    path.write_text(CONFIGURATION)

    sinks = ("local", "sinks")
    evcli_command(*sinks, "add", "*", "--kind", "null")
    added = path.read_text()
    evcli_command(*sinks, "add", "*:queue", "--kind", "file", "--path", "/dev/null")
    changed = path.read_text()
    evcli_command(*sinks, "add", "*:f", "--kind", "null", "--first")
    evcli_command(*sinks, "remove", "*:f")
    evcli_command(*sinks, "remove", "*")

    null = '[[sinks]]\narn = "*"\nkind = "null"\n\n'
    assert added == CONFIGURATION.replace("[quotas]", f"{null}[quotas]")
    file = CONFIGURATION.replace('"exec"', '"file"')
    file = file.replace('command = "cat"', 'path = "/dev/null"')
    assert changed == file.replace("[quotas]", f"{null}[quotas]")
    assert path.read_text() == file
    answer = evcli_command("put-rule", "--name", "r", "--event-pattern", '{"a":["b"]}')
    assert "eu-west-1" in answer.stdout


def test_sinks_in_one_line_of_config_toml_are_sinks(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    state_directory.mkdir(mode=0o700)
    path = state_directory / "config.toml"
    path.write_text('sinks = [{arn = "*:a", kind = "null"}]  # short\n')

    evcli_command("local", "sinks", "add", "*", "--kind", "stdout")

    assert path.read_text().endswith("]  # short\n")
    assert listed(evcli_command) == [
        {"arn": "*:a", "kind": "null"},
        {"arn": "*", "kind": "stdout"},
    ]


def test_a_path_inside_the_project_is_kept_relative(
    evcli_command: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    add = ("local", "sinks", "add")

    evcli_command(*add, "*:a", "--kind", "file", "--path", "out/a.jsonl")
    evcli_command(*add, "*:b", "--kind", "file", "--path", "/dev/null")
    evcli_command("local", "sinks", "test", "arn:aws:sqs:us-east-1:1:a")

    assert [each["path"] for each in listed(evcli_command)] == [
        "../out/a.jsonl",
        "/dev/null",
    ]
    assert len((tmp_path / "out" / "a.jsonl").read_text().splitlines()) == 1


def test_trying_a_sink_hands_it_a_delivery_and_tells_the_outcome(
    evcli_command: Callable[..., Any],
) -> None:
    command = ("--kind", "exec", "--command", "echo $EVCLI_ACTION")
    evcli_command("local", "sinks", "add", "*:good", *command)
    evcli_command(
        "local", "sinks", "add", "*:bad", "--kind", "exec", "--command", "false"
    )

    good = evcli_command("local", "sinks", "test", "x:good")
    bad = evcli_command("local", "sinks", "test", "x:bad")

    assert (good.code, json.loads(good.stdout), good.stderr) == (
        0,
        {"Output": "evcli:Test"},
        "",
    )
    assert (bad.code, json.loads(bad.stdout), bad.stderr) == (
        255,
        {
            "ErrorCode": "ERROR_FROM_TARGET",
            "ErrorMessage": "The command exited with status 1.",
        },
        "\nevcli: [ERROR]: The sink of x:bad failed: ERROR_FROM_TARGET.\n",
    )
    assert evcli_command("local", "deliveries").stdout == "[]\n"


def put_an_event(evcli_command: Callable[..., Any]) -> Any:
    """Put an event that one queue gets."""
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    entries = '[{"Source":"shop","DetailType":"x","Detail":"{}"}]'
    return evcli_command("put-events", "--entries", entries)


def test_a_stderr_sink_leaves_the_answer_alone(
    evcli_command: Callable[..., Any],
) -> None:
    evcli_command("local", "sinks", "add", "*", "--kind", "stderr")

    outcome = put_an_event(evcli_command)

    [entry] = json.loads(outcome.stdout)["Entries"]
    assert json.loads(outcome.stderr)["eventId"] == entry["EventId"]


def test_a_stdout_sink_writes_its_line_beside_the_answer(
    evcli_command: Callable[..., Any],
) -> None:
    evcli_command("local", "sinks", "add", "*", "--kind", "stdout")

    outcome = put_an_event(evcli_command)

    line, _, answer = outcome.stdout.partition("\n")
    assert json.loads(line)["targetArn"] == QUEUE
    assert json.loads(line)["eventId"] == json.loads(answer)["Entries"][0]["EventId"]


def test_the_endpoint_of_an_aws_sink_is_the_one_that_was_named(
    evcli_command: Callable[..., Any],
) -> None:
    add = ("local", "sinks", "add", "*", "--kind", "aws")
    missing = evcli_command(*add)
    foreign = evcli_command(*add, "--endpoint-url", "http://sqs.example.com/")
    added = evcli_command(
        *add, "--endpoint-url", "http://127.0.0.1:9", "--timeout", "2"
    )
    failed = evcli_command("local", "sinks", "test", QUEUE)

    prefix = "\nevcli: [ERROR]: An error occurred (Configuration): "
    assert missing == (
        253,
        "",
        f"{prefix}sinks: sinks[0]: 'endpoint_url' is missing.\n",
    )
    assert foreign == (
        253,
        "",
        f"{prefix}evcli does not call sqs.example.com; to let it, add the host to"
        " allowed_hosts in config.toml\n",
    )
    assert added == (0, "", "")
    assert listed(evcli_command) == [
        {
            "arn": "*",
            "kind": "aws",
            "timeout": 2.0,
            "endpoint_url": "http://127.0.0.1:9",
        }
    ]
    assert (failed.code, json.loads(failed.stdout)) == (
        255,
        {
            "ErrorCode": "CONNECTION_FAILURE",
            "ErrorMessage": "Could not connect to the endpoint URL:"
            ' "http://127.0.0.1:9/"',
        },
    )
