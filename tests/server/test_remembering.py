"""What a server remembers of rules and targets is never what they were before."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.operations import call
from evcli.store.store import open_store
from evcli.store.threads.memory import MOST_REMEMBERED, Memory
from evcli.store.threads.writer import SharedWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.server.conftest import Answer

    Post = Callable[..., Answer]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"total": 250}'}
PATTERN = '{"source":["shop"]}'
# Operations, in order, and to whose queues an event goes after each.
CHANGES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("PutRule", {"Name": "r", "EventPattern": PATTERN}, []),
    ("PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE + "a"}]}, ["a"]),
    ("PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE + "b"}]}, ["b"]),
    (
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "2", "Arn": QUEUE + "c"}]},
        ["b", "c"],
    ),
    ("DisableRule", {"Name": "r"}, []),
    ("EnableRule", {"Name": "r"}, ["b", "c"]),
    ("PutRule", {"Name": "r", "EventPattern": '{"source":["x"]}'}, []),
    (
        "PutRule",
        {"Name": "r", "EventPattern": '{"detail":{"total":[250]}}'},
        ["b", "c"],
    ),
    ("RemoveTargets", {"Rule": "r", "Ids": ["1"]}, ["c"]),
    ("RemoveTargets", {"Rule": "r", "Ids": ["2"]}, []),
    ("DeleteRule", {"Name": "r"}, []),
]


def list_queues(state_directory: Path, event_id: str) -> list[str]:
    """To which queues an event went."""
    with closing(open_context(str(state_directory))) as ctx:
        found = ctx.store.ledger.list_deliveries(event_id=event_id)
        return sorted(each.target_arn.rpartition(":")[2] for each in found)


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["here", "elsewhere"])
def test_the_next_request_sees_every_change_of_rules_and_targets(
    is_elsewhere: bool, state_directory: Path, post: Post
) -> None:
    post("PutEvents", {"Entries": [ENTRY]})

    seen = []
    for operation, request, _ in CHANGES:
        if is_elsewhere:
            with closing(open_context(str(state_directory))) as ctx:
                call(ctx, operation, request)
        else:
            assert post(operation, request).status == 200
        # Twice: the second one is remembered.
        for _ in range(2):
            answer = post("PutEvents", {"Entries": [ENTRY]}).document
            event_id = answer["Entries"][0]["EventId"]
            seen.append(list_queues(state_directory, event_id))

    assert seen == [queues for *_, queues in CHANGES for _ in range(2)]


def test_a_policy_counts_from_the_next_request_on(
    make_client: Callable[..., Any], client: Any
) -> None:
    stranger = make_client(access_key="111111111111")
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/shared"
    client.create_event_bus(Name="shared")
    entry = {**ENTRY, "EventBusName": bus}

    def is_let_in() -> bool:
        try:
            return bool(stranger.put_events(Entries=[entry])["FailedEntryCount"] == 0)
        except stranger.exceptions.ClientError:
            return False

    before = [is_let_in(), is_let_in()]
    client.put_permission(
        EventBusName="shared",
        Action="events:PutEvents",
        Principal="111111111111",
        StatementId="s",
    )
    allowed = [is_let_in(), is_let_in()]
    client.remove_permission(EventBusName="shared", StatementId="s")

    assert (before, allowed, is_let_in()) == ([False] * 2, [True] * 2, False)


def test_what_a_transaction_changes_is_not_remembered_if_it_is_undone(
    state_directory: Path,
) -> None:
    with closing(open_context(str(state_directory))) as ctx:
        call(ctx, "PutRule", CHANGES[0][1])
        bus = ("000000000000", "us-east-1", "default")
        ctx.store.database.writer = SharedWriter(open_store(ctx.store.path).database)

        def list_rules() -> list[str]:
            found = ctx.store.recall(
                "rules", lambda: ctx.store.rules.list_matching(bus)
            )
            return [name for name, _ in found]

        with ctx.store.transaction():
            before = list_rules()
        with suppress(ZeroDivisionError), ctx.store.transaction():
            ctx.store.rules.put_keys((*bus, "r"), [])
            meanwhile = list_rules()
            raise ZeroDivisionError
        with ctx.store.transaction():
            after = list_rules()

    assert (before, meanwhile, after) == (["r"], [], ["r"])


def test_no_more_is_remembered_than_so_many_answers() -> None:
    memory = Memory()
    memory.begin(1)

    for number in range(3 * MOST_REMEMBERED):
        memory.recall(number, lambda: None)

    assert len(memory._values) <= MOST_REMEMBERED
