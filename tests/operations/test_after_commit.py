"""What fails once an operation is committed takes nothing from its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import StoreError
from evcli.store.database import Database
from evcli.store.deliveries import DELIVERED, PENDING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}


@pytest.fixture(autouse=True)
def _rule(call: Call) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])


def read_states(ctx: Context) -> list[str]:
    return [each.state for each in ctx.store.ledger.list_deliveries()]


@pytest.mark.sqlite_only
def test_events_are_answered_though_the_disk_is_full_when_they_are_delivered(
    call: Call, ctx: Context, monkeypatch: pytest.MonkeyPatch, state_directory: Path
) -> None:
    commit = Database.execute
    commits: list[str] = []

    def fill_the_disk(
        database: Database, sql: str, values: tuple[Any, ...] = ()
    ) -> Any:
        if sql == "COMMIT":
            commits.append(sql)
            if len(commits) > 1:
                raise StoreError("The disk is full.")
        return commit(database, sql, values)

    monkeypatch.setattr(Database, "execute", fill_the_disk)
    response = call("PutEvents", Entries=[ENTRY])
    monkeypatch.undo()

    assert list(response["Entries"][0]) == ["EventId"]
    assert ctx.notices == [
        "PutEvents was carried out, but not what follows from it: The disk is full."
        " `evcli local tick` goes on with deliveries."
    ]
    assert read_states(ctx) == [PENDING]
    call("PutEvents", Entries=[{**ENTRY, "Source": "other"}])
    assert read_states(ctx) == [DELIVERED]
    lines = (state_directory / "sinks/sqs/000000000000/us-east-1/q.jsonl").read_text()
    assert [json.loads(line)["eventId"] for line in lines.splitlines()] == [
        response["Entries"][0]["EventId"]
    ]
