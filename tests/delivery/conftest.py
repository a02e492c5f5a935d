"""Fixtures for deliveries: one event from put-events on, to one target after another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, VirtualClock
from evcli.delivery import sinks
from evcli.delivery.envelopes import format_json
from evcli.operations import call as call_operation
from evcli.store.store import open_store
from tests.delivery.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.store.deliveries import Delivery

EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """How many processes a test kills; 1,000 with `--full`."""
    return 1_000 if pytestconfig.getoption("full") else 20


@pytest.fixture(autouse=True)
def file_sinks(
    engine: str, state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let files stand for targets on either engine, also in programs that tests start.

    A file is what most tests read; the table has tests of its own.
    """
    if engine == "postgresql":
        monkeypatch.setattr(sinks, "find_default_kind", lambda store: "file")
        state_directory.mkdir(mode=0o700)
        (state_directory / "config.toml").write_text(
            '[[sinks]]\narn = "*"\nkind = "file"\n'
        )


@pytest.fixture
def account(state_directory: Path) -> Iterator[Context]:
    """The account of the reference's examples, a second after their event."""
    clock = VirtualClock(datetime(2024, 6, 11, 8, 33, 14, tzinfo=UTC))
    context = Context(
        store=open_store(str(state_directory)),
        clock=clock,
        account_id="111111111111",
        new_id=lambda: EVENT_ID,
    )
    yield context
    context.close()


@pytest.fixture
def put_rule(account: Context) -> Callable[..., None]:
    """Put `my-rule`, which matches everything, with targets."""

    def put(*targets: dict[str, Any], event_bus_name: str = "default") -> None:
        if event_bus_name != "default":
            call_operation(account, "CreateEventBus", {"Name": event_bus_name})
        rule = {"EventBusName": event_bus_name}
        call_operation(
            account,
            "PutRule",
            {"Name": "my-rule", "EventPattern": '{"source":[{"prefix":""}]}', **rule},
        )
        call_operation(
            account, "PutTargets", {"Rule": "my-rule", "Targets": [*targets], **rule}
        )

    return put


@pytest.fixture
def put_event(account: Context) -> Callable[..., list[Delivery]]:
    """Put an event, given as rules see it; lists the deliveries that the ledger has."""

    def put(
        event: dict[str, Any], *, event_bus_name: str = "default"
    ) -> list[Delivery]:
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": format_json(event["detail"]),
            "Resources": event["resources"],
            "Time": event["time"],
            "EventBusName": event_bus_name,
        }
        answer = call_operation(account, "PutEvents", {"Entries": [entry]})
        assert answer == {"FailedEntryCount": 0, "Entries": [{"EventId": EVENT_ID}]}
        return list(account.store.ledger.list_deliveries())

    return put


@pytest.fixture
def listener() -> Iterator[Listener]:
    """An HTTP server on loopback that answers as it is told."""
    server = Listener()
    yield server
    server.close()
