"""EventBridge for a test suite: what it is told, and what it tells."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

import evcli.testing
from evcli.delivery.scheduled import scheduler
from evcli.errors import (
    ConfigurationError,
    EvcliError,
    InspectionError,
    ParamValidationError,
    ResourceNotFoundException,
    ValidationException,
)
from evcli.testing import Event, EventBridge, NoDeliveryError
from tests.patience import PATIENCE_SECONDS
from tests.testing.conftest import put_target

ENTRY = {"Source": "shop", "DetailType": "Placed", "Detail": {"total": 12}}
PROJECT = Path(__file__).parent / "project"


def test_an_operation_is_called_by_its_name(eb: EventBridge) -> None:
    response = eb.call("DescribeRule", Name="orders")

    assert response["EventPattern"] == '{"source": ["shop"]}'


def test_an_operation_raises_what_the_service_answers(eb: EventBridge) -> None:
    with pytest.raises(ResourceNotFoundException, match="Rule other does not exist"):
        eb.call("DescribeRule", Name="other")
    with pytest.raises(ParamValidationError, match='"Name"'):
        eb.call("DescribeRule")


def test_boto3_finds_the_server_by_the_environment(eb: EventBridge) -> None:
    client = boto3.client("events")

    assert client.meta.endpoint_url == eb.url
    assert [each["Name"] for each in client.list_rules()["Rules"]] == ["orders"]


def test_its_client_is_made_once_and_is_of_its_region() -> None:
    with EventBridge(region="eu-west-1", account_id="111122223333") as eb:
        arn = eb.client.put_rule(Name="r", ScheduleExpression="rate(1 day)")["RuleArn"]

        assert arn == "arn:aws:events:eu-west-1:111122223333:rule/r"
        assert eb.client is eb.client


# -- events


@pytest.mark.parametrize(
    "event",
    [
        ENTRY,
        {**ENTRY, "Detail": '{"total": 12}'},
        {"source": "shop", "detail-type": "Placed", "detail": {"total": 12}},
    ],
    ids=["entry", "entry with text", "whole event"],
)
def test_an_event_is_sent_and_delivered(
    eb: EventBridge, event: dict[str, object]
) -> None:
    sent = eb.send(event)

    assert (sent.source, sent.detail_type, sent.detail) == (
        "shop",
        "Placed",
        {"total": 12},
    )
    assert (sent.rules, sent.deliveries, sent.reason) == (
        ("orders",),
        {"DELIVERED": 1},
        None,
    )
    assert eb.events() == [sent]


def test_an_event_that_nothing_matched_says_why(eb: EventBridge) -> None:
    sent = eb.send({**ENTRY, "Source": "shpo"})

    assert sent.deliveries == {}
    assert sent.reason is not None
    assert sent.reason.startswith("nothing matched; nearest rule orders:")


def test_what_is_no_event_is_refused(eb: EventBridge) -> None:
    with pytest.raises(ValidationException, match="The event has no detail-type"):
        eb.send({"source": "shop"})
    with pytest.raises(EvcliError, match=r"^MalformedDetail: "):
        eb.send({**ENTRY, "Detail": "{"})
    assert eb.events() == []


def test_events_go_to_the_event_bus_that_is_named(eb: EventBridge) -> None:
    eb.call("CreateEventBus", Name="other")

    sent = [
        eb.send(ENTRY, event_bus_name="other"),
        eb.trigger("s3/object-created", event_bus_name="other"),
    ]

    assert [each.event_bus_name for each in sent] == ["other", "other"]
    assert eb.events(event_bus_name="other") == sent


def test_events_are_listed_by_what_they_are(eb: EventBridge) -> None:
    placed = eb.send(ENTRY)
    paid = eb.send({**ENTRY, "DetailType": "Paid", "Source": "bank"})

    assert eb.events(source="sh*") == [placed]
    assert eb.events(detail_type="Paid") == [paid]
    assert eb.events(event_pattern={"detail": {"total": [12]}}) == [placed, paid]
    assert eb.events(undelivered=True) == [paid]


def test_a_sample_is_played_with_other_values(eb: EventBridge) -> None:
    by_path = eb.trigger("s3/object-created", {"detail.object.key": "a.png"})
    nested = eb.trigger(
        "s3/object-created",
        {"detail": {"object": {"key": "b.png", "size": 7}}, "resources": []},
    )

    assert by_path.source == "aws.s3"
    assert by_path.detail["object"]["key"] == "a.png"
    assert nested.detail == {
        **by_path.detail,
        "object": {**by_path.detail["object"], "key": "b.png", "size": 7},
    }
    assert nested.envelope["resources"] == []


def test_a_value_that_the_sample_does_not_have_is_refused(eb: EventBridge) -> None:
    with pytest.raises(InspectionError, match=r"Did you mean detail\.object\.key\?"):
        eb.trigger("s3/object-created", {"detail": {"object": {"kye": "a.png"}}})
    with pytest.raises(InspectionError, match="Did you mean s3/object-created"):
        eb.trigger("s3/object-create")
    assert eb.events() == []


# -- deliveries


def test_a_delivery_has_payload_and_request(eb: EventBridge) -> None:
    put_target(eb, "orders", "packing", InputPath="$.detail")
    sent = eb.send(ENTRY)

    [delivery] = eb.deliveries()

    assert delivery.payload == {"total": 12}
    assert delivery.action == "sqs:SendMessage"
    assert delivery.request == {
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/packing-queue",
        "MessageBody": '{"total":12}',
    }
    assert (delivery.event_id, delivery.rule, delivery.target_id) == (
        sent.id,
        "orders",
        "packing",
    )
    assert (delivery.state, delivery.attempts, delivery.attempt_log) == (
        "DELIVERED",
        1,
        (),
    )


def test_a_payload_that_is_no_json_is_text(eb: EventBridge) -> None:
    template = {"InputTemplate": '"an order"\n"of two lines"'}
    put_target(eb, "orders", "packing", InputTransformer=template)
    eb.send(ENTRY)

    assert [each.payload for each in eb.deliveries()] == ['"an order"\n"of two lines"']


def test_deliveries_are_found_by_rule_target_state_and_event(eb: EventBridge) -> None:
    eb.call("PutRule", Name="all", EventPattern='{"source": [{"prefix": ""}]}')
    arn = put_target(eb, "all", "log")
    first, second = eb.send(ENTRY), eb.send(ENTRY)

    def find(**asked: str) -> list[tuple[str, str]]:
        return [(each.event_id, each.target_id) for each in eb.deliveries(**asked)]

    logged = [(first.id, "log"), (second.id, "log")]
    assert find(rule="all") == logged
    assert find(target="log") == find(target=arn) == find(target="log-queue") == logged
    assert find(target="og") == find(target="queue") == []
    assert find(event_id=second.id, target="log") == logged[1:]
    assert find(state="FAILED") == []


def test_a_delivery_is_waited_for(eb: EventBridge) -> None:
    thread = threading.Timer(0.1, boto3.client("events").put_events, [], {
        "Entries": [{**ENTRY, "Detail": "{}"}]
    })  # fmt: skip
    thread.start()

    delivery = eb.wait_for_delivery(target="packing", timeout=PATIENCE_SECONDS)

    thread.join()
    assert delivery == eb.deliveries()[0]


@pytest.mark.parametrize(
    ("source", "there_is"),
    [
        ("shop", "there are 1 to packing DELIVERED"),
        (
            "bank",
            'of bank: Placed, nothing matched; nearest rule orders: source: "bank".*',
        ),
        (None, "no event has arrived"),
    ],
)
def test_a_delivery_that_does_not_come_says_what_there_is(
    eb: EventBridge, source: str | None, there_is: str
) -> None:
    if source is not None:
        eb.send({**ENTRY, "Source": source})

    with pytest.raises(NoDeliveryError) as caught:
        eb.wait_for_delivery(target="lost", timeout=0)

    start = "No delivery came within 0 s with target lost, state DELIVERED; "
    assert re.fullmatch(f"{start}{there_is}.", str(caught.value))
    assert isinstance(caught.value, AssertionError)


# -- failures, time


def test_a_target_fails_as_often_as_it_is_told(eb: EventBridge) -> None:
    eb.clock.set("2026-01-01T00:00:00Z")
    eb.fail("packing", times=2)
    eb.send(ENTRY)
    eb.clock.advance(hours=1)

    [delivery] = eb.deliveries()

    assert (delivery.state, delivery.attempts) == ("DELIVERED", 3)
    codes = [each.error_code for each in delivery.attempt_log]
    assert codes == ["INTERNAL_ERROR", "INTERNAL_ERROR", None]


def test_a_target_fails_until_it_is_told_otherwise(eb: EventBridge) -> None:
    eb.clock.set("2026-01-01T00:00:00Z")
    eb.fail("packing-queue")
    eb.send(ENTRY)
    eb.clock.advance(hours=1)
    assert eb.deliveries()[0].state == "RETRYING"

    eb.fail("packing", times=0)
    eb.clock.advance(hours=1)

    assert eb.deliveries()[0].state == "DELIVERED"


def test_a_target_that_no_rule_has_cannot_fail(eb: EventBridge) -> None:
    with pytest.raises(EvcliError, match=r"No rule has a target lost; .*: packing"):
        eb.fail("lost")


def test_what_stands_for_a_target_stays_when_it_fails(temporary: Path) -> None:
    file = temporary / "lines.jsonl"
    sinks = [{"arn": "*-queue", "kind": "file", "path": str(file)}]
    with EventBridge(config={"sinks": sinks}) as eb:
        eb.call("PutRule", Name="orders", EventPattern='{"source": ["shop"]}')
        put_target(eb, "orders", "packing")
        eb.fail("packing", times=1)
        eb.send(ENTRY)
        assert not file.exists()

        eb.clock.advance(minutes=10)

        assert file.read_text().count("\n") == 1


def test_a_retry_is_made_while_it_is_waited_for(eb: EventBridge) -> None:
    eb.fail("packing", times=1)
    eb.send(ENTRY)

    delivery = eb.wait_for_delivery(target="packing", timeout=PATIENCE_SECONDS)

    assert delivery.attempts == 2


def test_schedules_fire_as_time_passes() -> None:
    with EventBridge(clock="2026-01-01T00:00:00Z") as eb:
        eb.call("PutRule", Name="hourly", ScheduleExpression="cron(0 * * * ? *)")
        put_target(eb, "hourly", "log")

        eb.clock.advance(timedelta(hours=1), minutes=30)
        eb.clock.set("2026-01-01T03:00:00+00:00")

        times = [each.payload["time"] for each in eb.deliveries(rule="hourly")]
        assert times == [f"2026-01-01T0{hour}:00:00Z" for hour in (1, 2, 3)]
        assert eb.clock.now() == datetime(2026, 1, 1, 3, tzinfo=UTC)


def test_a_clock_that_is_set_back_or_for_the_first_time_is_only_put(
    eb: EventBridge,
) -> None:
    eb.call("PutRule", Name="hourly", ScheduleExpression="rate(1 hour)")
    put_target(eb, "hourly", "log")

    eb.clock.set(datetime(2100, 1, 1, tzinfo=UTC))
    eb.clock.set("2099-01-01")

    assert eb.deliveries() == []
    assert eb.clock.now() == datetime(2099, 1, 1, tzinfo=UTC)


def test_a_clock_goes_back_to_the_machines(eb: EventBridge) -> None:
    eb.clock.set("2100-01-01T00:00:00Z")
    eb.clock.reset()

    assert eb.clock.now().year < 2100


def test_what_is_no_time_is_refused(eb: EventBridge) -> None:
    with pytest.raises(EvcliError, match="'noon' is not a time"):
        eb.clock.set("noon")
    with pytest.raises(EvcliError, match="cannot be advanced back"):
        eb.clock.advance(hours=-1)


def test_schedules_that_fire_too_often_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "FIRINGS", 3)
    with EventBridge(clock="2026-01-01T00:00:00Z") as eb:
        eb.call("PutRule", Name="r", ScheduleExpression="rate(1 minute)")

        with pytest.raises(EvcliError, match="Stopped after 3 firings of schedules"):
            eb.clock.advance(days=8)


def test_a_replay_is_worked_off_by_a_tick(eb: EventBridge) -> None:
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    archive = eb.call("CreateArchive", ArchiveName="all", EventSourceArn=bus)
    eb.send(ENTRY)
    now = eb.clock.now()
    eb.call(
        "StartReplay",
        ReplayName="again",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=now - timedelta(hours=1),
        EventEndTime=now + timedelta(hours=1),
        Destination={"Arn": bus},
    )

    eb.clock.set(now + timedelta(hours=2))
    eb.clock.tick()

    assert eb.call("DescribeReplay", ReplayName="again")["State"] == "COMPLETED"
    assert len(eb.deliveries(rule="orders")) == 2


# -- explanations, descriptions


@pytest.mark.parametrize("event", [ENTRY, {"source": "shop", "detail-type": "d"}])
def test_an_explanation_is_true_where_the_rule_matches(
    eb: EventBridge, event: dict[str, object]
) -> None:
    assert eb.explain(event, "orders")
    assert eb.events() == []


def test_an_explanation_says_why_not(eb: EventBridge) -> None:
    explanation = eb.explain({**ENTRY, "Source": "shpo"}, "orders")

    assert not explanation
    assert '"shpo"' in str(explanation)
    assert '"shop"' in str(explanation)


def test_a_rule_that_cannot_match_says_so(eb: EventBridge) -> None:
    eb.call("DisableRule", Name="orders")
    eb.call("PutRule", Name="hourly", ScheduleExpression="rate(1 hour)")

    disabled, scheduled = eb.explain(ENTRY, "orders"), eb.explain(ENTRY, "hourly")

    assert (disabled.matched, disabled.text.partition("\n")[0]) == (
        False,
        "The rule orders is disabled.",
    )
    assert (scheduled.matched, scheduled.text) == (
        False,
        "The rule hourly has a schedule and no event pattern.",
    )


def test_the_story_is_told_without_control_characters(eb: EventBridge) -> None:
    sent = eb.send({**ENTRY, "DetailType": "Pl\x1b[2Jaced"})

    arrived_at, key = sent.envelope["time"], eb.deliveries()[0].id
    story = re.sub(re.escape(arrived_at[:-1]) + r"\.\d+Z", "NOW", eb.describe())
    assert story == (
        f"shop: Pl\\u001b[2Jaced  {sent.id}\n"
        '    {"total": 12}\n'
        "    default  000000000000 us-east-1  NOW\n"
        "        ✔ orders\n"
        "        → arn:aws:sqs:us-east-1:000000000000:packing-queue"
        f"  DELIVERED  {key}"
    )


def test_the_story_of_many_events_is_that_of_the_last(eb: EventBridge) -> None:
    assert eb.describe() == "No event has arrived."
    sent = [eb.send({**ENTRY, "Source": f"s{number}"}) for number in range(21)]

    story = eb.describe()

    assert story.startswith("The last 20 events:\ns1: Placed")
    assert [each.id in story for each in sent] == [False] + 20 * [True]


# -- templates, configuration


def test_a_template_is_loaded_with_parameters() -> None:
    template = PROJECT / "template.yaml"
    with EventBridge(template, parameters={"Stage": "live"}) as eb:
        targets = eb.call(
            "ListTargetsByRule", Rule="large-orders", EventBusName="orders"
        )
        assert targets["Targets"][0]["Arn"].endswith(":packing-live")

        eb.load(template, parameters={"Stage": "next"})

        targets = eb.call(
            "ListTargetsByRule", Rule="large-orders", EventBusName="orders"
        )
        assert targets["Targets"][0]["Arn"].endswith(":packing-next")


def test_a_template_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Resources:\n  Rule:\n    Type: AWS::Events::Rule\n    Properties: 1\n"
    )

    with (
        pytest.raises(ConfigurationError, match=r"template\.yaml:"),
        EventBridge(template),
    ):
        pass  # pragma: no cover


def test_a_configuration_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('region = "eu-west-1"\n[quotas]\nrules_per_event_bus = 1\n')

    with EventBridge(config=file, account_id="111122223333") as eb:
        eb.call("PutRule", Name="a", ScheduleExpression="rate(1 day)")
        with pytest.raises(EvcliError):
            eb.call("PutRule", Name="b", ScheduleExpression="rate(1 day)")

        assert (eb.account_id, eb.region) == ("111122223333", "eu-west-1")
        assert any("rules_per_event_bus is 1" in each for each in eb.notices)


def test_a_configuration_that_is_none_is_refused() -> None:
    with (
        pytest.raises(ConfigurationError, match="unknown key 'reigon'"),
        EventBridge(config={"reigon": "eu-west-1"}),
    ):
        pass  # pragma: no cover


# -- its life


def test_everything_that_the_package_names_is_there() -> None:
    names = {name: getattr(evcli.testing, name) for name in evcli.testing.__all__}

    assert {each.__name__ for each in names.values()} == names.keys()
    with pytest.raises(AttributeError, match="no attribute 'EventBrige'"):
        evcli.testing.EventBrige  # noqa: B018


def test_it_can_be_used_again_and_is_fresh_then() -> None:
    eb = EventBridge()
    with eb:
        eb.send(ENTRY)
    with eb:
        assert eb.events() == []


def test_it_is_of_no_use_outside_of_its_block(eb: EventBridge) -> None:
    for use in (
        EventBridge().events,
        lambda: EventBridge().client,
        EventBridge().clock.now,
    ):
        with pytest.raises(EvcliError, match="is not running; use it in a with block"):
            use()
    with pytest.raises(EvcliError, match="is running already"), eb:
        pass  # pragma: no cover


def test_two_run_side_by_side(eb: EventBridge) -> None:
    with EventBridge() as other:
        other.send(ENTRY)
        boto3.client("events").put_rule(Name="r", ScheduleExpression="rate(1 day)")

        assert eb.events() == []
        assert [each["Name"] for each in other.call("ListRules")["Rules"]] == ["r"]


def test_values_compare_as_wholes(eb: EventBridge) -> None:
    sent = eb.send(ENTRY)

    assert eb.events() == [
        Event(
            id=sent.id,
            event_bus_name="default",
            envelope=sent.envelope,
            rules=("orders",),
            deliveries={"DELIVERED": 1},
            reason=None,
        )
    ]


def test_handlers_are_found_beside_the_configuration_that_names_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "app.py").write_text(
        "def handler(event, context):\n    return event['id']\n"
    )
    (tmp_path / "config.toml").write_text(
        '[[sinks]]\narn = "*"\nkind = "handler"\nhandler = "app.handler"\n'
    )

    with EventBridge(config=tmp_path / "config.toml") as eb:
        eb.call("PutRule", Name="orders", EventPattern='{"source":["shop"]}')
        put_target(eb, "orders", "packing")
        eb.send({"source": "shop", "detail-type": "Order Placed"})
        [delivery] = eb.deliveries()

    assert delivery.state == "DELIVERED", delivery
