"""Exactly once in files, whatever fails: system calls, the disk, the file itself.

Each of the calls that a file sink makes is made to fail once, in several ways. Then all
is well again, and in the end every line of the files is one delivery of the ledger.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, VirtualClock
from evcli.delivery import worker
from evcli.delivery.worker import recover, run_due
from evcli.errors import EvcliError
from evcli.operations import call as call_operation
from evcli.store.deliveries import DELIVERED, FAILED, PENDING, RETRYING
from evcli.store.store import open_store
from evcli.store.threads import unsynced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Call = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"n":1}'}
OTHER_ENTRY = {**ENTRY, "Source": "other"}
QUEUES = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2, 3)]
# What a file sink asks of the system.
CALLS = (
    "open", "close", "fstat", "lseek", "read", "write", "fsync", "ftruncate", "mkdir", "chmod",
)  # fmt: skip
MOST_CALLS = 200


class Killed(BaseException):
    """Stands for `kill -9`: nothing of evcli's handles it."""


def open_command(state_directory: Path, path: str) -> Context:
    """Open the state directory as a command of its own; two targets share a file."""
    clock = VirtualClock(NOW)
    ctx = Context(store=open_store(str(state_directory)), clock=clock)
    shared = [{"arn": arn, "kind": "file", "path": path} for arn in QUEUES[:2]]
    ctx.configuration = {"sinks": shared}
    return ctx


def put_rule(ctx: Context) -> None:
    """Put a rule with three targets."""
    pattern = '{"source":["shop"]}'
    call_operation(ctx, "PutRule", {"Name": "r", "EventPattern": pattern})
    targets = [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(QUEUES)]
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": targets})


def put(ctx: Context, entry: dict[str, str] = ENTRY, count: int = 2) -> None:
    answer = call_operation(ctx, "PutEvents", {"Entries": [entry] * count})
    assert answer["FailedEntryCount"] == 0


def finish(ctx: Context) -> None:
    """Do all that is left, as later commands and workers would."""
    put(ctx, OTHER_ENTRY, 1)
    run_due(ctx, NOW + timedelta(days=1))


def count_lines(*paths: Path) -> Counter[str]:
    """Count the lines of files by delivery id; each has to be whole."""
    text = "".join(path.read_text() for path in paths)
    assert text.endswith("\n")
    return Counter(json.loads(line)["deliveryId"] for line in text.splitlines())


def read_states(ctx: Context) -> dict[str, str]:
    deliveries = ctx.store.ledger.list_deliveries()
    return {each.delivery_id: each.state for each in deliveries}


def check(ctx: Context, *paths: Path) -> None:
    """Hold the files against the ledger."""
    states = read_states(ctx)
    assert set(states.values()) == {DELIVERED}
    assert count_lines(*paths) == dict.fromkeys(states, 1)


# -- system calls that fail


def fail_call(
    monkeypatch: pytest.MonkeyPatch, number: int, how: str, *, of: tuple[str, ...]
) -> Callable[[], int]:
    """Let a call fail, counted over all calls; gives how many there were."""
    count = 0

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def run(*values: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count < number or (count > number and how != "for good"):
                return real(*values, **named)
            if how == "afterwards" or how == "killed afterwards":
                if name == "write":
                    values = (values[0], bytes(values[1])[: len(values[1]) // 2])
                real(*values, **named)
            elif name == "close":
                # Linux closes it all the same.
                real(*values, **named)
            if how.startswith("killed"):
                raise Killed
            raise OSError(errno.EIO, "Input/output error")

        return run

    for name in of:
        monkeypatch.setattr(os, name, wrap(name))
    return lambda: count


@pytest.mark.parametrize(
    "how", ["once", "for good", "afterwards", "killed", "killed afterwards"]
)
@pytest.mark.parametrize("of", [CALLS, ("fsync", "ftruncate")], ids=["all", "sync"])
def test_a_call_that_fails_anywhere_loses_and_repeats_no_line(
    tmp_path: Path, how: str, of: tuple[str, ...]
) -> None:
    for number in range(1, MOST_CALLS):
        state_directory = tmp_path / f"{number}"
        path = tmp_path / f"{number}.jsonl"
        ctx = open_command(state_directory, str(path))
        put_rule(ctx)
        put(ctx)
        with pytest.MonkeyPatch.context() as monkeypatch:
            count = fail_call(monkeypatch, number, how, of=of)
            with suppress(Killed, EvcliError):
                put(ctx, count=3)
            calls = count()
        ctx.store.close()
        with_all_well = open_command(state_directory, str(path))
        finish(with_all_well)
        check(with_all_well, path, *(state_directory / "sinks").rglob("*.jsonl"))
        with_all_well.store.close()
        if calls < number:
            break

    assert number > 1
    assert calls < number


@pytest.mark.parametrize("how", ["once", "for good", "afterwards", "killed"])
def test_a_call_that_fails_while_a_new_file_is_made_loses_and_repeats_no_line(
    tmp_path: Path, how: str
) -> None:
    for number in range(1, MOST_CALLS):
        state_directory = tmp_path / f"{number}"
        path = tmp_path / f"new-{number}" / "a" / "b.jsonl"
        ctx = open_command(state_directory, str(path))
        put_rule(ctx)
        with pytest.MonkeyPatch.context() as monkeypatch:
            count = fail_call(monkeypatch, number, how, of=CALLS)
            with suppress(Killed, EvcliError):
                put(ctx)
            calls = count()
        ctx.store.close()
        with_all_well = open_command(state_directory, str(path))
        # At least this one is in there.
        put(with_all_well)
        finish(with_all_well)
        check(with_all_well, path, *(state_directory / "sinks").rglob("*.jsonl"))
        with_all_well.store.close()
        if calls < number:
            break

    assert calls < number


# -- what happens between two attempts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the sink."""
    return tmp_path / "f.jsonl"


@pytest.fixture
def sink(ctx: Context, call: Call, path: Path) -> None:
    """A rule with one target, whose sink is the file."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUES[0]}])
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "file", "path": str(path)}]}


def fail(*_: object) -> None:
    """Do as a system call does that fails."""
    raise OSError(errno.EIO, "Input/output error")


def leave_unsynced(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, count: int = 1
) -> None:
    """Put events whose lines stay in the file although they do not count as made."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        patch.setattr(os, "ftruncate", fail)
        put(ctx, count=count)
    assert RETRYING in read_states(ctx).values()


@pytest.mark.usefixtures("sink")
def test_a_line_that_could_not_be_taken_back_is_found_by_the_retry(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_unsynced(ctx, monkeypatch, 2)
    before = path.read_bytes()

    finish(ctx)

    check(ctx, path)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("sink")
def test_what_was_found_and_cannot_be_synced_is_written_again_for_the_next_sync(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ctx, count=1)
    size = path.stat().st_size
    again: list[tuple[str, int]] = []
    monkeypatch.setattr(
        unsynced, "write_again", lambda path, start: again.append((path, start))
    )
    leave_unsynced(ctx, monkeypatch)
    at_first = [*again]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        run_due(ctx, ctx.store.ledger.get_next_due())
    finish(ctx)

    check(ctx, path)
    assert at_first == [(str(path), size)]
    assert again == at_first * 2


@pytest.mark.usefixtures("sink")
def test_an_orphan_that_is_retried_while_its_file_cannot_be_opened_stands_once(
    ctx: Context, path: Path, state_directory: Path
) -> None:
    put(ctx, count=1)
    # As if killed between the line and the record of it.
    ctx.store.database.execute(
        "UPDATE deliveries SET state = ?, attempts = 0, owner = 77, next_attempt_at = 0",
        (PENDING,),
    )
    hidden = path.rename(path.with_suffix(".hidden"))
    path.mkdir()
    recover(ctx)
    between = read_states(ctx)
    path.rmdir()
    hidden.rename(path)

    finish(ctx)

    assert set(between.values()) == {RETRYING}
    check(ctx, path)


@pytest.mark.usefixtures("sink")
def test_a_close_that_fails_is_a_success_that_is_noted(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ctx)
    close = os.close

    def fail(descriptor: int) -> None:
        close(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", fail)
        put(ctx)

    assert ctx.notices == [
        f"{path} is written and synced, but closing it failed: [Errno 5] Input/output"
        " error"
    ]
    check(ctx, path)


@pytest.mark.usefixtures("sink")
def test_a_close_that_fails_without_a_sync_before_it_is_a_failure(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx.configuration = {**ctx.configuration, "durability": "normal"}
    close = os.close

    def fail(descriptor: int) -> None:
        close(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", fail)
        put(ctx)
    between = read_states(ctx)
    finish(ctx)

    assert set(between.values()) == {RETRYING}
    check(ctx, path)


@pytest.mark.usefixtures("sink")
def test_what_another_program_appended_meanwhile_is_not_taken_back(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ctx, count=1)

    def append_and_fail(_: int) -> None:
        with path.open("a") as file:
            file.write('{"deliveryId":"of another program"}\n')
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", append_and_fail)
        put(ctx, count=1)
    finish(ctx)

    expected = {**dict.fromkeys(read_states(ctx), 1), "of another program": 1}
    assert count_lines(path) == expected


def rotate(path: Path) -> None:
    path.rename(path.with_suffix(".old"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace(path: Path) -> None:
    new = path.with_suffix(".new")
    new.write_text('{"deliveryId":"x"}\n')
    new.rename(path)


@pytest.mark.usefixtures("sink")
@pytest.mark.parametrize("change", [rotate, empty, replace])
def test_a_line_before_the_noted_length_is_found_in_a_file_that_was_changed(
    ctx: Context,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
) -> None:
    put(ctx, count=5)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        put(ctx, count=2)
    # They are known to come behind five lines.
    waiting = [key for key, state in read_states(ctx).items() if state == RETRYING]
    change(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        patch.setattr(os, "ftruncate", fail)
        run_due(ctx, NOW + timedelta(seconds=2))
    put(ctx, count=10)
    finish(ctx)

    assert len(waiting) == 2
    assert set(read_states(ctx).values()) == {DELIVERED}
    assert {key: count_lines(path)[key] for key in waiting} == dict.fromkeys(waiting, 1)


@pytest.mark.usefixtures("sink")
def test_a_file_that_shrinks_between_acceptance_and_line_is_written_at_once(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evcli.operations import entries

    put(ctx, count=5)
    deliver = entries.deliver_accepted

    def shrink(context: Context, deliveries: Any) -> None:
        empty(path)
        deliver(context, deliveries)

    with monkeypatch.context() as patch:
        patch.setattr(entries, "deliver_accepted", shrink)
        put(ctx, count=2)

    assert set(read_states(ctx).values()) == {DELIVERED}
    assert count_lines(path) == dict.fromkeys([*read_states(ctx)][5:], 1)
    lengths = ctx.store.database.execute(
        "SELECT sink_length_bytes FROM deliveries"
    ).fetchall()
    assert lengths[5:] == [(0,), (0,)]


@pytest.mark.usefixtures("sink")
def test_a_file_is_measured_once_for_a_request_and_for_a_batch(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evcli.bulk.send import Sender, make_mark

    measured = []
    stat = os.stat

    def note(place: str, **named: Any) -> os.stat_result:
        if place == str(path):
            measured.append(place)
        return stat(place, **named)

    monkeypatch.setattr(os, "stat", note)
    put(ctx, count=10)
    after_request = [*measured]
    sender = Sender(ctx, make_mark(ctx, "x"))
    for _ in range(2):
        sender.send([json.dumps(ENTRY).encode()] * 50)

    lengths = ctx.store.database.execute(
        "SELECT sink_length_bytes, COUNT(*) FROM deliveries GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert after_request == [str(path)]
    assert measured == [str(path)] * 3
    assert [count for _, count in lengths] == [10, 50, 50]
    assert lengths[0][0] == 0
    check(ctx, path)


@pytest.mark.usefixtures("sink")
def test_dead_letters_and_twins_remember_the_length_as_well(
    ctx: Context, path: Path
) -> None:
    from evcli.delivery.redelivery import redeliver

    put(ctx, count=1)
    size = path.stat().st_size
    (made,) = ctx.store.ledger.list_deliveries()
    (twin,) = redeliver(ctx, made)
    api = "arn:aws:events:us-east-1:000000000000:api-destination/none/1"
    target = {
        "Id": "1",
        "Arn": api,
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "DeadLetterConfig": {"Arn": QUEUES[1]},
    }
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": [target]})
    put(ctx, count=1)

    letter = list(ctx.store.ledger.list_deliveries())[-1]
    assert twin.sink_length_bytes == size
    assert letter.dead_letter_of is not None
    assert letter.sink_length_bytes == 2 * size


@pytest.mark.usefixtures("sink")
def test_a_retry_reads_what_came_since_acceptance_and_no_more(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ctx, count=1)
    # A hole of a terabyte; whoever reads it does not come to an end.
    os.truncate(path, 1 << 40)
    with path.open("ab") as file:
        file.write(b"\n")
    leave_unsynced(ctx, monkeypatch)
    size = path.stat().st_size

    finish(ctx)

    assert set(read_states(ctx).values()) == {DELIVERED}
    assert path.stat().st_size == size


@pytest.mark.usefixtures("sink")
def test_what_an_older_evcli_left_is_looked_for_in_the_whole_file(
    ctx: Context, path: Path
) -> None:
    put(ctx, count=3)
    ctx.store.database.execute(
        "UPDATE deliveries SET state = ?, attempts = 1, next_attempt_at = 0,"
        " sink_length_bytes = NULL WHERE delivery_key = 2",
        (RETRYING,),
    )

    finish(ctx)

    check(ctx, path)


@pytest.mark.usefixtures("sink")
def test_redelivery_of_a_failure_whose_line_is_there_writes_no_other(
    ctx: Context, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evcli.delivery.redelivery import redeliver_failed

    policy = {"MaximumRetryAttempts": 0}
    target = {"Id": "1", "Arn": QUEUES[0], "RetryPolicy": policy}
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": [target]})

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        patch.setattr(os, "ftruncate", fail)
        put(ctx)
    failed = read_states(ctx)
    list(redeliver_failed(ctx))

    assert set(failed.values()) == {FAILED}
    check(ctx, path)


# -- a disk that is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB."""
    path = tmp_path / "small"
    path.mkdir()
    if not mount(path, "size=1536k"):
        pytest.skip("only root may mount a small disk, and not in every container")
    yield path
    ctypes.CDLL(None).umount2(os.fsencode(path), 2)


def mount(path: Path, options: str, flags: int = 0) -> bool:
    """Mount a file system in memory; with flags 32, change its options."""
    if not hasattr(ctypes.CDLL(None), "umount2"):
        return False
    names = [b"tmpfs", os.fsencode(path), b"tmpfs"]
    done: int = ctypes.CDLL(None).mount(*names, flags, options.encode())
    return done == 0


@pytest.mark.parametrize("only_sink", [True, False], ids=["sink", "all"])
def test_a_full_disk_has_every_delivery_once_when_there_is_space_again(
    tmp_path: Path, small_disk: Path, only_sink: bool
) -> None:
    state_directory = (tmp_path if only_sink else small_disk) / "state"
    path = small_disk / "f.jsonl"
    refused = 0
    ctx = open_command(state_directory, str(path))
    call_operation(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["shop"]}'})
    targets = [{"Id": "1", "Arn": QUEUES[0]}]
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": targets})
    ctx.store.close()
    for number in range(300):
        # Each is a command of its own.
        ctx = open_command(state_directory, str(path))
        text = "x" * (200 if number % 3 else 9_000)
        entry = {**ENTRY, "Detail": json.dumps({"text": text})}
        try:
            put(ctx, entry, 1)
        except EvcliError:
            refused += 1
        if number % 10 == 0:
            with suppress(EvcliError):
                run_due(ctx, NOW + timedelta(seconds=2))
        ctx.store.close()

    mount(small_disk, "size=32m", 32)
    ctx = open_command(state_directory, str(path))
    waiting = list(read_states(ctx).values())
    finish(ctx)

    assert (refused > 0) is not only_sink
    assert len(waiting) == 300 - refused
    assert set(waiting) > {DELIVERED} or not only_sink
    check(ctx, path)
    ctx.store.close()


def test_what_a_full_disk_keeps_from_recovery_is_made_once_all_the_same(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_disk / "f.jsonl"
    ctx = open_command(tmp_path / "state", str(path))
    put_rule(ctx)

    def kill(*_: object, **__: object) -> None:
        raise Killed

    for name in ("record_outcomes", "flush_sinks"):  # after the lines, and before them
        with monkeypatch.context() as patch:
            patch.setattr(worker, name, kill)
            with pytest.raises(Killed):
                put(ctx, {**ENTRY, "Detail": json.dumps({"text": "x" * 9_000})}, 10)
    with suppress(OSError):
        (small_disk / "filler").write_bytes(b"x" * 2_000_000)
    put(ctx, OTHER_ENTRY, 1)
    on_full_disk = Counter(read_states(ctx).values())
    mount(small_disk, "size=32m", 32)
    finish(ctx)

    assert on_full_disk == {RETRYING: 40, DELIVERED: 20}
    check(ctx, path, *(tmp_path / "state" / "sinks").rglob("*.jsonl"))
    ctx.store.close()
