"""Fixtures for the operations: refusals as text, another account, managed rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ServiceError
from evcli.operations import call as call_operation
from evcli.store.epoch import to_epoch_ms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from evcli.context import Context, VirtualClock


@pytest.fixture
def now(ctx: Context, clock: VirtualClock) -> datetime:
    """The instant at which the clock stands and the state directory was made."""
    with ctx.store.transaction():
        ctx.store.meta.put("created_at", to_epoch_ms(clock.now()))
    return clock.now()


@pytest.fixture
def refused(ctx: Context) -> Callable[..., str]:
    """Run an operation that has to be refused: `CODE: message`."""

    def run(name: str, **request: Any) -> str:
        with pytest.raises(ServiceError) as caught:
            call_operation(ctx, name, request)
        return f"{caught.value.code}: {caught.value.message}"

    return run


@pytest.fixture
def call_as(ctx: Context) -> Callable[..., dict[str, Any]]:
    """Run an operation as somebody else: `call_as("2" * 12, REGION, "ListRules")`."""

    def run(account_id: str, region: str, name: str, **request: Any) -> dict[str, Any]:
        return call_operation(ctx.act_as(account_id, region), name, request)

    return run


@pytest.fixture
def manage(ctx: Context) -> Callable[[str], None]:
    """Make a rule of the default event bus a managed one."""

    def run(rule_name: str) -> None:
        from evcli.operations.rules import find_rule

        with ctx.store.transaction():
            rule = find_rule(ctx, "default", rule_name)
            ctx.store.put(rule.replace(managed_by="prod.vhs.events.aws.internal"))

    return run
