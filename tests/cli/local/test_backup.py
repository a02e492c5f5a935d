"""A restored state answers and acts like the one that the backup is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, VirtualClock
from evcli.delivery.scheduled.scheduler import set_clock, tick
from evcli.errors import ServiceError
from evcli.inspection.deliveries import (
    describe_attempt,
    describe_delivery,
)
from evcli.model import INDEX, get_operation
from evcli.operations import call
from evcli.store.store import open_store
from tests.conftest import NOW
from tests.server import story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

# Steps that take away what the others made.
ENDINGS = ("Delete", "Remove", "Deauthorize", "Deactivate", "Cancel")
FAILING = {"Id": "f", "Arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/s"}


def is_reading(name: str) -> bool:
    operation = get_operation(name)
    assert operation is not None
    return operation.reads_only


def open_context(state_directory: Path) -> Context:
    """A context whose clock and ids are the same every time."""
    numbers = count(1)
    ctx = Context(
        store=open_store(str(state_directory)),
        clock=VirtualClock(NOW),
        account_id=story.ACCOUNT,
        region=story.REGION,
        new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
    )
    clock = ctx.store.meta.all().get("clock")
    if clock is None:
        set_clock(ctx, NOW)
    return ctx


def ask(ctx: Context, name: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return call(ctx, name, request)
    except ServiceError as error:
        return {"Error": error.code, "Message": error.message}


@pytest.fixture
def known(state_directory: Path) -> dict[str, dict[str, Any]]:
    """Tell the story of everything, up to its endings; the answers by operation."""
    known: dict[str, dict[str, Any]] = {}
    with closing(open_context(state_directory)) as ctx:
        for step in story.STORY:
            if not step.operation.startswith(ENDINGS) and not is_reading(
                step.operation
            ):
                answer = ask(ctx, step.operation, story.fill(step.request, known))
                known.setdefault(step.operation, answer)
        rule = {"Rule": "r", "EventBusName": "orders"}
        ask(ctx, "PutTargets", {**rule, "Targets": [FAILING]})
        ask(ctx, "PutEvents", {"Entries": [{**story.ENTRY, "Detail": '{"n":1}'}]})
    return known


def answer_everything(
    state_directory: Path, known: dict[str, dict[str, Any]]
) -> list[Any]:
    """Ask all that can be asked without changing anything."""
    with closing(open_context(state_directory)) as ctx:
        return [
            *(
                [
                    step.operation,
                    ask(ctx, step.operation, story.fill(step.request, known)),
                ]
                for step in story.STORY
                if is_reading(step.operation)
            ),
            *(
                [
                    describe_delivery(delivery),
                    *map(
                        describe_attempt,
                        ctx.store.ledger.list_attempts(delivery.delivery_key),
                    ),
                ]
                for delivery in ctx.store.ledger.list_deliveries()
            ),
            ctx.store.meta.all(),
        ]


def live_on(state_directory: Path, known: dict[str, dict[str, Any]]) -> None:
    """Let things happen: an event, a replay of the archive, two days of time."""
    with closing(open_context(state_directory)) as ctx:
        ask(ctx, "PutEvents", {"Entries": [{**story.ENTRY, "Detail": '{"n":2}'}]})
        start = next(s for s in story.STORY if s.operation == "StartReplay")
        request = story.fill(start.request, known)
        ask(ctx, "StartReplay", {**request, "ReplayName": "again"})
        tick(ctx, ctx.clock.now() + timedelta(days=2))


def test_the_questions_are_all_there_are(known: dict[str, dict[str, Any]]) -> None:
    asked = {step.operation for step in story.STORY if is_reading(step.operation)}

    assert asked == {name for name in INDEX if is_reading(name)}
    assert "Error" not in str(known["PutTargets"])


def test_a_restored_state_answers_and_acts_like_the_one_before(
    evcli_command: Run,
    known: dict[str, dict[str, Any]],
    state_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = str(tmp_path / "backup.db")
    before = answer_everything(state_directory, known)
    assert evcli_command("local", "backup", file) == (0, "", "")
    live_on(state_directory, known)
    later = answer_everything(state_directory, known)

    monkeypatch.setenv("EVCLI_STATE_DIR", str(tmp_path / "other"))
    assert evcli_command("local", "restore", file) == (0, "", "")
    restored = answer_everything(tmp_path / "other", known)
    live_on(tmp_path / "other", known)
    restored_later = answer_everything(tmp_path / "other", known)

    assert restored == before
    assert restored_later == later
    assert later != before


def hide(value: Any) -> Any:
    """Put stars in place of the parameters of connections."""
    if isinstance(value, dict):
        return {
            name: "***" if name == "Value" and "IsValueSecret" in value else hide(item)
            for name, item in value.items()
        }
    return [*map(hide, value)] if isinstance(value, list) else value


def test_a_state_restored_without_secrets_differs_in_nothing_else(
    evcli_command: Run,
    known: dict[str, dict[str, Any]],
    state_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(open_context(state_directory)) as ctx:
        extras = {"HeaderParameters": [{"Key": "h", "Value": "shown"}]}
        parameters = {"InvocationHttpParameters": extras}
        call(ctx, "UpdateConnection", {"Name": "c", "AuthParameters": parameters})
    file = tmp_path / "backup.db"
    before = answer_everything(state_directory, known)
    options = ("local", "backup", str(file), "--without-secrets")
    assert evcli_command(*options) == (0, "", "")
    live_on(state_directory, known)
    later = answer_everything(state_directory, known)

    monkeypatch.setenv("EVCLI_STATE_DIR", str(tmp_path / "other"))
    assert evcli_command("local", "restore", str(file)) == (0, "", "")
    restored = answer_everything(tmp_path / "other", known)
    live_on(tmp_path / "other", known)

    assert restored == hide(before) != before
    assert answer_everything(tmp_path / "other", known) == hide(later)
    assert b"secret" not in file.read_bytes().replace(b"secretsmanager", b"").replace(
        b":secret:", b""
    ).replace(b"secret_arn", b"").replace(b"IsValueSecret", b"")


def test_there_is_nothing_to_back_up_where_nothing_is(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    end = evcli_command("local", "backup", str(tmp_path / "backup.db"))

    assert end == (
        255,
        "",
        f"\nevcli: [ERROR]: There is no state in {state_directory}.\n",
    )
    assert not state_directory.exists()


def test_a_damaged_state_that_gives_way_is_told(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.db")
    evcli_command("put-rule", "--name", "r", "--schedule-expression", "rate(1 day)")
    evcli_command("local", "backup", file)
    (state_directory / "state.db").write_bytes(b"")

    refused = evcli_command("list-rules")
    restored = evcli_command("local", "restore", file, "--force")
    listed = evcli_command("list-rules", "--query", "Rules[].Name")

    assert refused.code == 255
    assert restored == (
        0,
        "",
        f"What could not be read is kept as {state_directory}/state.db.damaged-1.\n",
    )
    assert json.loads(listed.stdout) == ["r"]
