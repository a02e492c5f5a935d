"""Targets that fail because a test wants it: entries of `config.toml`, before all others."""

from __future__ import annotations

import os

from evcli.arns import parse_arn
from evcli.delivery.sinks import find_default_kind, find_sink_entry
from evcli.errors import EvcliError
from evcli.store.directory.configuration import FILE_NAME
from evcli.store.directory.configuration_file import change_sinks
from evcli.store.records import Target
from evcli.testing.values import is_of_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

FAILURES = ("fail_first", "fail_rate", "seed")


def fail_target(ctx: Context, target: str, times: int | None) -> None:
    """Let attempts of deliveries to a target fail, from the next one on.

    Args:
        target: its id, its ARN, or the last part of the ARN.
        times: the first attempts of each delivery; all if `None`, and none if 0.

    Raises: EvcliError: there is no such target.
    """
    arns = find_target_arns(ctx, target)
    failure = {"fail_rate": 1.0} if times is None else {"fail_first": times}

    def change(sinks: list[dict[str, Any]]) -> None:
        for arn in arns:
            number = find_sink_entry(sinks, arn)
            # What stood for the target goes on doing so, apart from its failures.
            entry = {"kind": find_default_kind(ctx.store)}
            if number is not None:
                entry = dict(sinks[number])
            for name in FAILURES:
                entry.pop(name, None)
            if number is not None and sinks[number]["arn"] == arn:
                del sinks[number]
            sinks.insert(0, {**entry, "arn": arn, **failure})

    change_sinks(os.path.join(ctx.store.path, FILE_NAME), change)


def find_target_arns(ctx: Context, target: str) -> list[str]:
    """Find the ARNs of the targets that a name means, in whatever rule they are.

    Raises: EvcliError: there are none.
    """
    targets = ctx.store.list_records(Target)
    found = {
        each.arn for each in targets if is_of_target(each.target_id, each.arn, target)
    }
    if not found and parse_arn(target) is not None:
        return [target]
    if not found:
        known = ", ".join(sorted({each.target_id for each in targets})) or "none"
        raise EvcliError(f"No rule has a target {target}; the ids of targets: {known}.")
    return sorted(found)
