"""Answers to format, and the official client's formatters to compare with."""

from __future__ import annotations

import io
import random
import types
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.model import INDEX, get_operation
from evcli.model.shapes import Operation, Shape

TEXTS = (
    "a",
    "",
    "1",
    "yes",
    "on",
    "null",
    "true",
    "a: b # c",
    '{"source":["my.app"]}',
    "arn:aws:events:us-east-1:123456789012:rule/a-rule",
    "rate(5 minutes)",
    "two words",
    "Über — 日本語 \uff46\uff55\uff4c\uff4c",
    "tab\tinside",
    "two\nlines",
    " edges ",
    "long " * 40,
    "2024-01-01T00:00:00+00:00",
    "<x>",
    "*",
)


@pytest.fixture(params=sorted(INDEX))
def operation(request: pytest.FixtureRequest) -> Operation:
    """Each of the 57 operations."""
    found = get_operation(request.param)
    assert found is not None
    return found


@pytest.fixture
def make_response(operation: Operation) -> Callable[[int], dict[str, Any]]:
    """Make responses of the operation: seed → members as handlers give them."""

    def make(seed: int) -> dict[str, Any]:
        if operation.response is None:
            return {}
        return _make_value(operation.response, random.Random(seed))

    return make


def _make_value(shape: Shape, dice: random.Random) -> Any:
    if shape.kind == "structure":
        names = [name for name in shape.members if dice.random() < 0.7]
        dice.shuffle(names)
        return {name: _make_value(shape.members[name].shape, dice) for name in names}
    if shape.kind == "list":
        assert shape.element is not None
        return [_make_value(shape.element, dice) for _ in range(dice.randrange(4))]
    if shape.kind == "map":
        assert shape.value is not None
        return {
            key: _make_value(shape.value, dice)
            for key in dice.sample(("x", "A-b", "日本", "yes", "7"), dice.randrange(4))
        }
    scalars = {
        "integer": dice.randrange(1000),
        "long": dice.randrange(10**12),
        "double": 0.5,
        "boolean": dice.random() < 0.5,
        "timestamp": datetime.fromtimestamp(dice.randrange(10**9), UTC),
        "string": dice.choice(shape.enum or TEXTS),
    }
    return scalars[shape.kind]


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The official client's formatter: (format, title, value or pages) → text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import awscli.formatter
        import awscli.table
        import jmespath
    # Its color support replaces sys.stdout for good, its width is the runner's.
    monkeypatch.setattr(awscli.table.colorama, "init", lambda **_: None)
    monkeypatch.setattr(awscli.table, "determine_terminal_width", lambda: 80)

    def write(
        output: str,
        title: str,
        value: Any,
        *,
        color: str = "off",
        query: str | None = None,
    ) -> str:
        compiled = None if query is None else jmespath.compile(query)
        arguments = types.SimpleNamespace(color=color, query=compiled)
        stream = io.StringIO()
        awscli.formatter.get_formatter(output, arguments)(title, value, stream)
        return stream.getvalue()

    return write
