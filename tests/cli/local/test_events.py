"""`evcli local events`, `trace` without an id, `deliveries --wait` and `--payloads`."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.send_and_see.deliveries import format_in_line
from evcli.operations.whole_events import send_whole_events
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
EVCLI = (sys.executable, "-m", "evcli", "local")


@pytest.fixture
def sent(ctx: Context, call: Callable[..., Any]) -> None:
    """An event with a delivery, and two that led to nothing."""
    call("PutRule", Name="big", EventPattern='{"detail":{"n":[{"numeric":[">",9]}]}}')
    call("PutTargets", Rule="big", Targets=[{"Id": "1", "Arn": QUEUE}])
    event = {"source": "shop", "detail-type": "order placed"}
    send_whole_events(
        ctx, [{**event, "id": "a-long-id-of-its-own", "detail": {"n": 10}}]
    )
    send_whole_events(ctx, [{**event, "id": "b", "detail": {"n": 1}}])
    send_whole_events(ctx, [{**event, "id": "c"}], "orders")


@pytest.mark.usefixtures("sent")
def test_a_table_tells_what_came_of_events(
    run_on_terminal: Callable[..., list[str]],
) -> None:
    lines = run_on_terminal("local", "events", columns=80)

    assert lines == [
        "TIME              BUS      SOURCE  DETAIL-TYPE   EVENT     RULES  DELIVERIES",
        "2024-05-14 11:23  default  shop    order placed  a-long-i  big    1 DELIVERED",
        "2024-05-14 11:23  default  shop    order placed  b                none",
        '  nothing matched; nearest rule big: detail.n: 1 is not [{"numeric": [">", 9]}]',
        "2024-05-14 11:23  orders   shop    order placed  c                none",
        "  event bus orders does not exist: dropped",
    ]


@pytest.mark.usefixtures("sent")
def test_unmatched_events_are_found_without_their_ids(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "events", "--unmatched", "--output", "text")

    assert outcome.stdout == (
        "2024-05-14T11:23:22Z\tdefault\tshop\torder placed\tb\tnothing matched\n"
        "2024-05-14T11:23:22Z\torders\tshop\torder placed\tc"
        "\tevent bus orders does not exist: dropped\n"
    )


@pytest.mark.usefixtures("sent")
def test_json_has_the_events_to_be_sent_again(
    evcli_command: Callable[..., Any],
) -> None:
    pattern = '{"detail":{"n":[{"exists":true}]}}'

    outcome = evcli_command(
        "local", "events", "--pattern", pattern, "--query", "[].Event.detail"
    )

    assert json.loads(outcome.stdout) == [{"n": 10}, {"n": 1}]


def test_a_terminal_shows_the_newest_and_says_that_there_are_more(
    ctx: Context,
    run_on_terminal: Callable[..., list[str]],
    evcli_command: Callable[..., Any],
) -> None:
    events = [{"id": f"e{i:02}", "source": "s", "detail-type": "d"} for i in range(21)]
    send_whole_events(ctx, events)

    def shown(*options: str) -> list[str]:
        lines = run_on_terminal("local", "events", *options, columns=120)
        return [line.split()[5] for line in lines if line.startswith("2024")]

    lines = run_on_terminal("local", "events", columns=120)
    everything = json.loads(evcli_command("local", "events").stdout)

    assert shown() == [f"e{i:02}" for i in range(1, 21)]
    assert shown("--limit", "2") == ["e19", "e20"]
    assert lines[-1] == "There are older ones: --limit N."
    assert len(everything) == 21


def test_control_characters_of_events_do_not_steer_the_terminal(
    ctx: Context, run_on_terminal: Callable[..., list[str]]
) -> None:
    event = {"id": "e", "source": "\x1b]0;x\x07", "detail-type": "a\nb"}
    send_whole_events(ctx, [event])

    lines = run_on_terminal("local", "events", columns=120)

    assert "\x1b" not in "".join(lines)
    assert "␛]0;x␇" in lines[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("events", "--pattern", "{"), "Error parsing parameter '--pattern'"),
        (("events", "--since", "yesterday"), "Error parsing parameter '--since'"),
        (("trace", "x", "--last", "2"), "Name either an EVENT_ID or --last."),
        (("trace",), "There is no event in the ledger."),
        (("deliveries", "--wait", "1", "--follow"), "--follow and --wait exclude"),
        (("deliveries", "--payloads", "--output", "json"), "--payloads excludes"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    evcli_command: Callable[..., Any], options: tuple[str, ...], message: str
) -> None:
    outcome = evcli_command("local", *options)

    assert outcome.code > 0
    assert message in outcome.stderr
    assert outcome.stdout == ""


@pytest.mark.usefixtures("sent")
def test_a_trace_without_an_id_tells_the_last_events(
    evcli_command: Callable[..., Any],
) -> None:
    last = json.loads(evcli_command("local", "trace").stdout)
    two = json.loads(evcli_command("local", "trace", "--last", "2").stdout)
    tree = evcli_command("local", "trace", "--last", "2", "--output", "table").stdout

    assert last["EventId"] == "c"
    assert [story["EventId"] for story in two] == ["b", "c"]
    assert [line for line in tree.splitlines() if line[0] not in "├└│ "] == [
        "shop: order placed  b",
        "shop: order placed  c",
    ]
    assert "○ event bus orders does not exist: dropped" in tree


def test_a_trace_shows_what_differs_in_a_second_event_of_the_same_id(
    ctx: Context, evcli_command: Callable[..., Any]
) -> None:
    for n, source in enumerate(("shop", "bank"), 1):
        event = {"id": "e", "source": source, "detail-type": "d", "detail": {"n": n}}
        send_whole_events(ctx, [event])

    tree = evcli_command("local", "trace", "e", "--output", "table").stdout

    assert [line for line in tree.splitlines() if "default" not in line] == [
        "shop: d  e",
        '├── {"n": 1}',
        "│   └── ○ nothing matched",
        "    ├── bank: d",
        '    ├── {"n": 2}',
        "    └── ○ nothing matched",
    ]


@pytest.mark.usefixtures("sent")
def test_deliveries_take_the_beginning_of_an_events_id(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command(
        "local", "deliveries", "--event-id", "a-l", "--query", "[].EventId"
    )

    assert json.loads(outcome.stdout) == ["a-long-id-of-its-own"]


# -- waiting and payloads


@pytest.mark.usefixtures("sent")
def test_waiting_prints_the_deliveries_that_it_waited_for(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command(
        "local", "deliveries", "--rule", "big", "--wait", "1", "--query", "[].State"
    )

    assert (outcome.code, json.loads(outcome.stdout)) == (0, ["DELIVERED"])


@pytest.mark.usefixtures("sent")
def test_waiting_in_vain_says_how_many_there_are(
    evcli_command: Callable[..., Any],
) -> None:
    wait = ("local", "deliveries", "--timeout", "0", "--payloads", "--wait")

    enough = evcli_command(*wait, "1")
    more = evcli_command(*wait, "2")
    failed = evcli_command(*wait, "1", "--failed")
    other = evcli_command(*wait, "1", "--rule", "none")

    assert enough.code == 0
    begin = "evcli: After 0 s"
    assert [
        (each.code, each.stdout, each.stderr) for each in (more, failed, other)
    ] == [
        (
            1,
            "",
            f"{begin} 1 of 2 deliveries are DELIVERED or FAILED; all that fit:"
            " 1 DELIVERED.\n",
        ),
        (
            1,
            "",
            f"{begin} 0 of 1 deliveries are FAILED; all that fit: 1 DELIVERED.\n",
        ),
        (
            1,
            "",
            f"{begin} 0 of 1 deliveries are DELIVERED or FAILED; all that fit: none.\n",
        ),
    ]


def test_waiting_sees_what_another_process_puts(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE, "Input": '"x"'}])
    waiting = start("deliveries", "--wait", "1", "--timeout", "600", "--payloads")

    send_whole_events(ctx, [{"source": "shop", "detail-type": "d"}])

    assert waiting.communicate(timeout=PATIENCE_SECONDS) == ('"x"\n', "")
    assert waiting.returncode == 0


@pytest.mark.parametrize(
    ("payload", "line"),
    [
        ('{"n":1.10}', '{"n":1.10}'),
        ("plain", "plain"),
        ('{\n  "n": 1.10,\r\n  "a": "b\\n"\n}', '{ "n": 1.10, "a": "b\\n" }'),
        ("two\nlines", '"two\\nlines"'),
        ('{"half\n', '"{\\"half\\n"'),
    ],
)
def test_a_payload_is_one_line(payload: str, line: str) -> None:
    assert format_in_line(payload) == line


# -- following, as a process


def start(*argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*EVCLI, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


@pytest.fixture
def following(ctx: Context) -> subprocess.Popen[str]:
    """`events --follow`, which has shown an event."""
    send_whole_events(ctx, [{"id": "e", "source": "s", "detail-type": "d"}])
    process = start("events", "--follow")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["EventId"] == "e"
    return process


def test_following_shows_what_arrives_and_ends_by_ctrl_c(
    ctx: Context, following: subprocess.Popen[str]
) -> None:
    assert following.stdout is not None
    send_whole_events(ctx, [{"id": "f", "source": "s", "detail-type": "d"}])
    line = following.stdout.readline()

    following.send_signal(signal.SIGINT)
    rest, error = following.communicate(timeout=PATIENCE_SECONDS)

    assert json.loads(line)["EventId"] == "f"
    assert (rest.strip(), error, following.returncode) == ("", "", 130)


def test_following_ends_when_nobody_reads_it(
    following: subprocess.Popen[str],
) -> None:
    assert following.stdout is not None
    assert following.stderr is not None
    following.stdout.close()

    # Though nothing arrives that it could fail to write.
    assert following.wait(PATIENCE_SECONDS) == 0
    assert following.stderr.read() == ""
    following.stderr.close()


def test_a_list_lets_go_of_what_it_has_written(
    ctx: Context, evcli_command: Callable[..., Any]
) -> None:
    send_whole_events(ctx, [{"id": "e", "source": "s", "detail-type": "d"}])
    gc.disable()
    try:
        evcli_command("local", "events")

        # Or a million of them would be held until the end.
        assert gc.isenabled()
    finally:
        gc.enable()
