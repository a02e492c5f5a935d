"""Many clients at once: nothing is lost, nothing fails, nothing arrives twice."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.settling import settle
from evcli.store.deliveries import DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

CLIENTS = 32
ROUNDS = 6
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def run_all(work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(number)` in as many threads as there are clients; what they raised."""
    raised: list[BaseException] = []
    together = threading.Barrier(CLIENTS)

    def run(number: int) -> None:
        try:
            together.wait(30)
            work(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return raised


def test_reads_and_writes_of_32_clients_lose_nothing(client: Any) -> None:
    client.create_event_bus(Name="b")
    client.put_rule(Name="shared", EventPattern='{"source":["s"]}')
    arn = "arn:aws:events:us-east-1:000000000000:rule/shared"

    def work(number: int) -> None:
        name = f"r{number:02}"
        for round_number in range(ROUNDS):
            pattern = json.dumps({"source": [f"{name}-{round_number}"]})
            client.put_rule(Name=name, EventPattern=pattern)
            assert client.describe_rule(Name=name)["EventPattern"] == pattern
            assert "shared" in {each["Name"] for each in client.list_rules()["Rules"]}
        # Everybody changes the same resources: one policy, the tags of one rule.
        client.put_permission(
            EventBusName="b",
            Action="events:PutEvents",
            Principal="111122223333",
            StatementId=name,
        )
        client.tag_resource(ResourceARN=arn, Tags=[{"Key": name, "Value": name}])

    raised = run_all(work)

    names = [f"r{number:02}" for number in range(CLIENTS)]
    rules = client.list_rules()["Rules"]
    policy = json.loads(client.describe_event_bus(Name="b")["Policy"])
    tags = client.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert raised == []
    assert {rule["Name"]: rule["EventPattern"] for rule in rules} == {
        "shared": '{"source":["s"]}',
        **{name: f'{{"source": ["{name}-{ROUNDS - 1}"]}}' for name in names},
    }
    assert sorted(each["Sid"] for each in policy["Statement"]) == names
    assert sorted(tag["Key"] for tag in tags) == names


def test_every_event_of_32_clients_arrives_once(
    client: Any, state_directory: Path
) -> None:
    # On a shared store the default is another sink.
    client.list_rules()
    (state_directory / "config.toml").write_text(
        '[[sinks]]\narn = "*"\nkind = "file"\n'
    )
    client.put_rule(Name="r", EventPattern='{"source":["s"]}')
    client.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": QUEUE}])
    bus_arn = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    client.create_archive(ArchiveName="a", EventSourceArn=bus_arn)
    sent: list[str] = []

    def work(number: int) -> None:
        entry = {"Source": "s", "DetailType": "d", "Detail": f'{{"n":{number}}}'}
        for _ in range(ROUNDS):
            answer = client.put_events(Entries=[entry] * 5)
            assert answer["FailedEntryCount"] == 0
            sent.extend(each["EventId"] for each in answer["Entries"])

    raised = run_all(work)

    path = state_directory / "sinks" / "sqs" / ("0" * 12) / "us-east-1" / "q.jsonl"
    lines = path.read_text("utf-8").splitlines()
    ctx = open_context(str(state_directory))
    settle(ctx)
    states = {each.state for each in ctx.store.ledger.list_deliveries()}
    ctx.close()
    assert raised == []
    assert len(sent) == CLIENTS * ROUNDS * 5
    assert sorted(json.loads(line)["eventId"] for line in lines) == sorted(sent)
    assert states == {DELIVERED}
    assert client.describe_archive(ArchiveName="a")["EventCount"] == len(sent)
