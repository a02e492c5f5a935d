"""What the tests of `evcli.testing` share; `project` is one that is tested by itself."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from evcli.testing import EventBridge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

collect_ignore = ["project"]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files, empty."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return directory


@pytest.fixture
def eb(temporary: Path) -> Iterator[EventBridge]:
    """A running EventBridge with a rule `orders` and its target `packing`."""
    with EventBridge() as running:
        running.call("PutRule", Name="orders", EventPattern='{"source": ["shop"]}')
        put_target(running, "orders", "packing")
        yield running


def put_target(running: EventBridge, rule: str, target_id: str, **more: object) -> str:
    """Put a queue as a rule's target; its ARN."""
    arn = f"arn:aws:sqs:us-east-1:000000000000:{target_id}-queue"
    target = {"Id": target_id, "Arn": arn, **more}
    running.call("PutTargets", Rule=rule, Targets=[target])
    return arn
