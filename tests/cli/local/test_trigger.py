"""`evcli local trigger`: the list of samples, and one of them played as its service would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.authoring.samples import list_samples
from evcli.cli.main import run
from evcli.operations.whole_events import send_whole_events
from tests.authoring.sample_rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from evcli.delivery.sinks.memory import MemorySink
    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

NAMES = [sample.name for sample in list_samples()]
ACCOUNT = "000000000000"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/r"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with samples of its own, as the working directory."""
    events = tmp_path / "project" / ".evcli" / "events"
    events.mkdir(parents=True)
    (tmp_path / "project" / "src").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "src")
    write(events, "order-placed", {"source": "shop", "detail-type": "Order Placed"})
    return events


def write(events: Path, name: str, event: Any) -> None:
    (events / f"{name}.json").write_text(json.dumps(event))


def read(outcome: Outcome) -> Any:
    assert (outcome.code, outcome.stderr) == (0, "")
    return json.loads(outcome.stdout)


def listen(evcli_command: Run, pattern: dict[str, Any]) -> None:
    """Make a rule with a queue behind it."""
    text = json.dumps(pattern)
    assert evcli_command("put-rule", "--name", "r", "--event-pattern", text).code == 0
    target = f"Id=1,Arn={QUEUE}"
    assert evcli_command("put-targets", "--rule", "r", "--targets", target).code == 0


# -- playing


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_delivered_to_who_waits_for_it(
    name: str, ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    from evcli.authoring.samples import make_event

    service = name.partition("/")[0]
    pattern: dict[str, Any] = {"source": [f"aws.{service}"]}
    if ROWS[name].pattern:
        pattern["detail"] = ROWS[name].pattern
    call("PutRule", Name="r", EventPattern=json.dumps(pattern))
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    sample = next(each for each in list_samples() if each.name == name)

    event = make_event(ctx, sample)
    send_whole_events(ctx, [event])

    [payload] = memory_sink.payloads
    assert json.loads(payload) == event
    assert event["time"] == "2024-05-14T11:23:22Z"
    assert event["account"] == ACCOUNT


def test_an_event_is_new_and_of_here_and_now(evcli_command: Run) -> None:
    listen(evcli_command, {"source": ["aws.s3"]})
    evcli_command("local", "clock", "set", "2026-03-04T10:20:30Z")

    arrival = read(evcli_command("local", "trigger", "s3/object-created"))
    again = read(evcli_command("local", "trigger", "s3/object-created"))

    assert arrival == {
        "EventId": arrival["EventId"],
        "EventBusName": "default",
        "Source": "aws.s3",
        "DetailType": "Object Created",
        "ShortId": arrival["ShortId"],
        "Deliveries": [{"RuleArn": RULE, "TargetArn": QUEUE, "State": "DELIVERED"}],
    }
    assert arrival["EventId"].startswith(arrival["ShortId"])
    assert again["EventId"] != arrival["EventId"]
    traced = read(evcli_command("local", "trace", arrival["EventId"]))["Event"]
    assert (traced["id"], traced["time"]) == (
        arrival["EventId"],
        "2026-03-04T10:20:30Z",
    )


def test_values_are_set(evcli_command: Run) -> None:
    event = read(
        evcli_command(
            "local", "trigger", "s3/object-created", "--print",
            "--set", "id=e-1", "--set", "account=999999999999",
            "--set", "detail.object.key=in/a b.png", "--set", "detail.object.size:=12",
            "--set", "detail.note=new", "--add",
        )
    )  # fmt: skip

    assert (event["id"], event["account"]) == ("e-1", "999999999999")
    assert event["detail"]["object"]["key"] == "in/a b.png"
    assert event["detail"]["object"]["size"] == 12
    assert event["detail"]["note"] == "new"


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (("s3/object-craeted",),
         "There is no sample s3/object-craeted. Did you mean s3/object-created or "),
        (("s3/object-created", "--set", "detail.object.kye=x"),
         "An error occurred (ParamValidation): Error parsing parameter '--set': the sample"
         " has no detail.object.kye. Did you mean detail.object.key? --add adds it"),
        (("s3/object-created", "--set", "extra=1", "--add"),
         "An error occurred (ParamValidation): Error parsing parameter '--set': an event has"
         " no member extra; what is your own goes below detail"),
        (("s3/object-created", "--set", "time=soon"),
         "An error occurred (ValidationException): The event's time is not a time."),
        (("--set", "a=b"),
         "An error occurred (ParamValidation): Name the sample to play; without options they"
         " are listed."),
        (("s3/object-created", "--service", "s3"),
         "An error occurred (ParamValidation): --service and --search list samples; leave"
         " NAME out."),
        (("--service", "s4"),
         "An error occurred (ParamValidation): There are no samples of a service s4."),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_said_and_nothing_sent(
    evcli_command: Run, argv: tuple[str, ...], problem: str
) -> None:
    outcome = evcli_command("local", "trigger", *argv)

    assert (outcome.code != 0, outcome.stdout) == (True, "")
    assert outcome.stderr.startswith(f"\nevcli: [ERROR]: {problem}")
    assert evcli_command("local", "deliveries").stdout == "[]\n"


def test_a_text_in_place_of_a_number_is_warned_of(evcli_command: Run) -> None:
    outcome = evcli_command(
        "local",
        "trigger",
        "s3/object-created",
        "--print",
        "--set",
        "detail.object.size=1",
    )

    assert outcome.stderr == (
        "detail.object.size was a number and now is a string; := sets JSON.\n"
    )


def test_at_is_the_time_of_the_event(evcli_command: Run) -> None:
    event = read(
        evcli_command(
            "local",
            "trigger",
            "ecr/image-scan",
            "--print",
            "--at",
            "2020-01-02T03:04:05Z",
        )
    )

    assert event["time"] == "2020-01-02T03:04:05Z"


def test_repeated_events_have_ids_of_their_own(evcli_command: Run) -> None:
    many = read(evcli_command("local", "trigger", "ecr/image-scan", "--repeat", "3"))
    named = read(
        evcli_command(
            "local", "trigger", "ecr/image-scan", "--repeat", "2", "--set", "id=x"
        )
    )

    assert len({each["EventId"] for each in many}) == 3
    assert [each["EventId"] for each in named] == ["x", "x"]


def test_an_event_goes_to_the_event_bus_that_is_named(evcli_command: Run) -> None:
    arrival = read(
        evcli_command("local", "trigger", "ecr/image-scan", "--event-bus-name", "gone")
    )

    assert (arrival["EventBusName"], arrival["Reason"]) == (
        "gone",
        "event bus gone does not exist: dropped",
    )


def test_a_script_can_ask_for_a_match(evcli_command: Run) -> None:
    listen(evcli_command, {"source": ["aws.s3"]})

    matched = evcli_command("local", "trigger", "s3/object-created", "--expect-match")
    missed = evcli_command("local", "trigger", "ecr/image-scan", "--expect-match")

    assert (matched.code, missed.code) == (0, 1)
    assert json.loads(missed.stdout)["Deliveries"] == []


def test_account_and_region_are_ones_own(evcli_command: Run) -> None:
    event = read(
        evcli_command(
            "local", "trigger", "kms/cmk-deletion", "--print", "--region", "eu-west-1"
        )
    )

    key_id = event["detail"]["key-id"]
    assert (event["account"], event["region"], event["resources"]) == (
        ACCOUNT,
        "eu-west-1",
        [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key_id}"],
    )


# -- a project's own


def test_an_own_sample_is_found_whatever_the_state_directory_is(
    own: Path, evcli_command: Run, state_directory: Path
) -> None:
    write(own, "from-afar", {
        "source": "shop", "detail-type": "t", "account": "123456789012",
        "region": "us-east-1", "id": "old", "time": "2020-01-01T00:00:00Z",
        "detail": {"total": 1.5},
    })  # fmt: skip

    event = read(
        evcli_command(
            "local", "trigger", "from-afar", "--print", "--region", "eu-west-1"
        )
    )
    short = read(evcli_command("local", "trigger", "order-placed", "--print"))

    # Of evcli's samples these stand for one's own; here they were written on purpose.
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")
    assert (event["id"] == "old", event["time"] == "2020-01-01T00:00:00Z") == (
        False,
        False,
    )
    assert (short["account"], short["resources"], short["detail"]) == (ACCOUNT, [], {})
    assert not state_directory.is_relative_to(own.parent)


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ([1], "is not one JSON object."),
        ({"Source": "shop", "DetailType": "t", "Detail": "{}"},
         "is not a whole event: it has no source. `evcli local send` takes entries of"
         " put-events."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_event_is_named(
    own: Path, evcli_command: Run, event: Any, problem: str
) -> None:
    write(own, "odd", event)

    outcome = evcli_command("local", "trigger", "odd")
    listed = read(evcli_command("local", "trigger"))

    path = str(own / "odd.json")
    assert outcome.stderr == f"\nevcli: [ERROR]: {path} {problem}\n"
    assert listed[0] == {"Name": "odd", "Problem": f"{path} {problem}", "Path": path}


# -- the list


def test_all_samples_are_listed_ones_own_first(own: Path, evcli_command: Run) -> None:
    listed = read(evcli_command("local", "trigger"))

    assert [each["Name"] for each in listed] == ["order-placed", *NAMES]
    assert listed[0] == {
        "Name": "order-placed",
        "Source": "shop",
        "DetailType": "Order Placed",
        "Path": str(own / "order-placed.json"),
    }
    assert listed[-1].keys() == {"Name", "Source", "DetailType"}


def test_the_list_is_narrowed(own: Path, evcli_command: Run) -> None:
    def names(*argv: str) -> list[str]:
        outcome = evcli_command("local", "trigger", *argv, "--query", "[].Name")
        return list(read(outcome))

    assert names("--service", "ecr") == ["ecr/image-action", "ecr/image-scan"]
    assert names("--service", "ecr", "--search", "scan") == ["ecr/image-scan"]
    assert names("--search", "shop") == ["order-placed"]
    assert names("--search", "image", "--search", "builder") == [
        "imagebuilder/image-state-change"
    ]


def test_listing_makes_no_state_directory(
    evcli_command: Run, state_directory: Path
) -> None:
    evcli_command("local", "trigger")

    assert not state_directory.exists()


def test_people_see_a_table_that_fits(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import os

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    write(own, "order-placed", {"source": "sh\x1bop", "detail-type": "Order Placed"})
    write(own, "torn", [])
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("AWS_PAGER", "")
    monkeypatch.setenv("TERM", "dumb")
    stdout = Terminal()

    run(("local", "trigger"), io.StringIO(), stdout, io.StringIO(), os.environ)

    lines = stdout.getvalue().splitlines()
    assert lines[0].split() == ["NAME", "DETAIL", "TYPE"]
    assert lines[1].split() == ["order-placed", "Order", "Placed"]
    assert lines[2] == "torn"
    assert "is not one JSON object." in "".join(lines[3:6])
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in stdout.getvalue()
