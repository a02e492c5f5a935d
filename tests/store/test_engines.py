"""What both engines have in common: tables, columns, numbers, locks between writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, SystemClock
from evcli.operations import call as call_operation
from evcli.store.postgresql.driver import escape_text, number_values, unescape_text
from evcli.store.records import EventBus
from evcli.store.sqlite.memory import open_memory_store
from evcli.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., dict[str, Any]]

ENTRY = {"Source": "a", "DetailType": "b", "Detail": "{}"}


def read_columns(store: Store) -> dict[str, set[str]]:
    if store.database.is_shared:
        rows = store.database.execute(
            "SELECT table_name::text, column_name::text FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name <> 'store'"
        ).fetchall()
    else:
        rows = store.database.execute(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables"
            " JOIN pragma_table_info(tables.name) AS columns"
            " WHERE tables.type = 'table' AND tables.name <> 'sqlite_sequence'"
        ).fetchall()
    columns: dict[str, set[str]] = {}
    for table, column in rows:
        columns.setdefault(table, set()).add(column)
    return columns


def test_both_have_the_same_tables_and_columns(store: Store, tmp_path: Path) -> None:
    with closing(open_memory_store(str(tmp_path))) as other:
        expected = read_columns(other)

    assert read_columns(store) == expected


def test_text_keeps_every_character(ctx: Context) -> None:
    text = "\0 a\x1a0 \U0010ffff \x1a\x1a \n\0"
    event_bus = EventBus(
        account_id="0", region="r", name="n", description=text, created_at=ctx.clock.now(),
        last_modified_at=ctx.clock.now(),
    )  # fmt: skip
    with ctx.store.transaction():
        ctx.store.put(event_bus)

    assert ctx.store.get(EventBus, "0", "r", "n") == event_bus


@pytest.mark.parametrize("text", ["", "a", "\0", "\x1a", "\x1a0", "\0\x1a1\0", "é\0"])
def test_escaped_text_has_no_nul_and_comes_back(text: str) -> None:
    assert "\0" not in escape_text(text)
    assert unescape_text(escape_text(text)) == text


def test_values_are_numbered_in_their_order() -> None:
    assert number_values("a = ? AND (b, c) > (?, ?)") == b"a = $1 AND (b, c) > ($2, $3)"


def test_names_are_in_the_order_of_their_bytes(call: Call) -> None:
    names = ["B", "a", "_", "Z", "b", "-", "a-", "a_", "A", "0"]
    for name in names:
        call("PutRule", Name=name, EventPattern='{"source":["a"]}')

    assert [rule["Name"] for rule in call("ListRules")["Rules"]] == sorted(names)


def test_the_last_key_waits_for_transactions_that_are_open(
    ctx: Context, open_again: Callable[[], Store], engine: str
) -> None:
    if engine == "sqlite":
        # Nobody else writes meanwhile.
        return
    other = Context(store=open_again(), clock=SystemClock())
    call_operation(other, "PutEvents", {"Entries": [ENTRY]})
    with ctx.store.transaction(alone_in=None):
        keys = ctx.store.database.draw_keys("events")
        first = next(keys)
        call_operation(other, "PutEvents", {"Entries": [ENTRY]})
        while_open = other.store.database.read_last_key("events")

    assert (first, while_open) == (2, 1)
    assert other.store.database.read_last_key("events") > 2


def test_writers_lose_no_update(state_directory: Path, ctx: Context) -> None:
    call_operation(ctx, "CreateEventBus", {"Name": "b"})

    def tag(number: int) -> None:
        with closing(open_store(str(state_directory))) as store:
            own = Context(store=store, clock=SystemClock())
            own.quotas["event_bus_policy_characters"] = 1_000_000
            for i in range(5):
                entry = {"Action": "events:PutEvents", "Principal": "*"}
                call_operation(
                    own,
                    "PutPermission",
                    {"EventBusName": "b", "StatementId": f"s{number}-{i}", **entry},
                )

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(tag, range(20)))

    policy = call_operation(ctx, "DescribeEventBus", {"Name": "b"})["Policy"]
    assert policy.count('"Sid"') == 100


def test_writers_count_every_event_of_an_archive(
    state_directory: Path, ctx: Context
) -> None:
    arn = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call_operation(ctx, "CreateArchive", {"ArchiveName": "kept", "EventSourceArn": arn})

    def put(_: int) -> None:
        with closing(open_store(str(state_directory))) as store:
            own = Context(store=store, clock=SystemClock())
            for _ in range(5):
                call_operation(own, "PutEvents", {"Entries": [ENTRY, ENTRY]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))

    found = call_operation(ctx, "DescribeArchive", {"ArchiveName": "kept"})
    assert found["EventCount"] == 80
