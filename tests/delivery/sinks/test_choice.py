"""Which sink stands for an ARN: the configuration, in order, and its mistakes."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.delivery.sinks import find_sink, forget_sinks
from evcli.delivery.sinks.conformance import make_delivery, make_request
from evcli.delivery.sinks.exec import ExecSink
from evcli.delivery.sinks.file import FileSink
from evcli.delivery.sinks.flaky import FlakySink
from evcli.delivery.sinks.http import HttpSink
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.sinks.null import NullSink
from evcli.delivery.sinks.stream import StreamSink
from evcli.errors import ConfigurationError
from evcli.store.directory.configuration_file import require_valid
from evcli.store.directory.configuration_schema import SCHEMA

if TYPE_CHECKING:
    from evcli.context import Context

QUEUE = "arn:aws:sqs:us-east-1:111111111111:q"


def deliver(ctx: Context, arn: str = QUEUE, attempts: int = 0, key: int = 1) -> Outcome:
    delivery = make_delivery("{}", key)
    delivery.attempts = attempts
    sink = find_sink(ctx, arn)
    outcome = sink.deliver(delivery, make_request(delivery))
    sink.flush()
    return outcome


def count_lines(ctx: Context, path: str) -> int:
    return len(Path(ctx.store.path, path).read_text().splitlines())


def test_without_configuration_a_target_is_a_file(ctx: Context) -> None:
    deliver(ctx)

    assert count_lines(ctx, "sinks/sqs/111111111111/us-east-1/q.jsonl") == 1


def test_the_first_pattern_that_fits_wins(ctx: Context) -> None:
    ctx.configuration = {
        "sinks": [
            {"arn": "arn:aws:sns:*", "kind": "stdout"},
            {"arn": "arn:aws:sqs:*:q", "kind": "null"},
            {"arn": "*", "kind": "exec", "command": "true"},
        ]
    }

    kinds = [
        type(find_sink(ctx, arn))
        for arn in (QUEUE, f"{QUEUE}2", "arn:aws:sns:us-east-1:1:t")
    ]

    assert kinds == [NullSink, ExecSink, StreamSink]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"kind": "file"}, FileSink),
        ({"kind": "stdout"}, StreamSink),
        ({"kind": "stderr"}, StreamSink),
        ({"kind": "exec", "command": ["true"]}, ExecSink),
        ({"kind": "http", "url": "http://127.0.0.1:9/"}, HttpSink),
        ({"kind": "null"}, NullSink),
        ({"kind": "null", "fail_first": 1}, FlakySink),
    ],
)
def test_every_kind_opens(ctx: Context, options: dict[str, Any], kind: type) -> None:
    ctx.configuration = {"sinks": [{"arn": "*", **options}]}

    assert isinstance(find_sink(ctx, QUEUE), kind)


def test_targets_of_one_entry_share_its_sink_but_not_default_files(
    ctx: Context,
) -> None:
    ctx.configuration = {
        "sinks": [{"arn": "*:q*", "kind": "null"}, {"arn": "*", "kind": "file"}]
    }

    assert find_sink(ctx, QUEUE) is find_sink(ctx, f"{QUEUE}2")
    deliver(ctx, "arn:aws:sns:us-east-1:1:a")
    deliver(ctx, "arn:aws:sns:us-east-1:1:b")
    assert count_lines(ctx, "sinks/sns/1/us-east-1/a.jsonl") == 1
    assert count_lines(ctx, "sinks/sns/1/us-east-1/b.jsonl") == 1


def test_a_relative_path_counts_from_the_state_directory(ctx: Context) -> None:
    ctx.configuration = {
        "sinks": [{"arn": "*", "kind": "file", "path": "../out.jsonl"}]
    }

    deliver(ctx)

    assert count_lines(ctx, "../out.jsonl") == 1


def test_a_sink_that_cannot_be_opened_fails_its_deliveries_to_be_retried(
    ctx: Context,
) -> None:
    ctx.configuration = {
        "sinks": [{"arn": "*", "kind": "http", "url": "http://example.com/"}]
    }

    outcome = deliver(ctx)

    assert (outcome.error_code, outcome.message, outcome.retry) == (
        "INTERNAL_ERROR",
        "sinks[0]: evcli does not call example.com; to let it, add the host to"
        " allowed_hosts in config.toml",
        True,
    )


def test_the_first_attempts_of_each_delivery_fail_as_told(ctx: Context) -> None:
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "null", "fail_first": 2}]}

    codes = [deliver(ctx, attempts=n).error_code for n in range(4)]

    assert codes == ["INTERNAL_ERROR", "INTERNAL_ERROR", None, None]


def test_a_share_of_attempts_fails_and_the_seed_says_which(ctx: Context) -> None:
    def draw(seed: int) -> list[bool]:
        entry = {"arn": "*", "kind": "null", "fail_rate": 0.3, "seed": seed}
        ctx.configuration = {"sinks": [entry]}
        forget_sinks(ctx)
        return [deliver(ctx, key=key).error_code is None for key in range(1, 1001)]

    first = draw(1)

    assert draw(1) == first
    assert draw(2) != first
    assert 650 <= sum(first) <= 750


class Package:
    """An installed package that brings sink kinds along."""

    group = "evcli.sinks"
    value = "package:open"

    def __init__(self, name: str, opener: Any) -> None:
        self.name = name
        self.load = lambda: opener


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend that a package with this entry point is installed."""

    def pretend(name: str, opener: Any) -> None:
        class Found(list[Package]):
            names = frozenset({name})

        def entry_points(group: str, name: str | None = None) -> Found:
            known = [Package(installed, opener)]
            assert group == "evcli.sinks"
            return Found(each for each in known if name in (None, each.name))

        installed = name
        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return pretend


def test_an_installed_kind_gets_its_options(ctx: Context, install: Any) -> None:
    options_seen = []
    sink = MemorySink()

    def open_mine(_: Context, options: dict[str, Any]) -> MemorySink:
        options_seen.append(options)
        return sink

    install("mine", open_mine)
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "mine", "colour": "red"}]}

    outcome = deliver(ctx)

    assert outcome.error_code is None
    assert sink.payloads == ["{}"]
    assert options_seen == [{"arn": "*", "kind": "mine", "colour": "red"}]


class Raising(MemorySink):
    def deliver(self, *_: Any) -> Outcome:
        raise RuntimeError("boom")


class Mute(MemorySink):
    def deliver(self, *_: Any) -> Any:
        return "fine"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Raising, "The sink 'mine' failed: RuntimeError: boom"),
        (Mute, "The sink 'mine' answered str, no Outcome."),
    ],
)
def test_an_installed_sink_that_misbehaves_is_a_failed_attempt(
    ctx: Context, install: Any, kind: type, message: str
) -> None:
    install("mine", lambda *_: kind())
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "mine"}]}

    outcome = deliver(ctx)

    assert (outcome.error_code, outcome.message, outcome.retry) == (
        "INTERNAL_ERROR",
        message,
        True,
    )


def test_an_installed_sink_that_does_not_open_says_so(
    ctx: Context, install: Any
) -> None:
    install("mine", lambda: None)
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "mine"}]}

    message = deliver(ctx).message

    assert message is not None
    assert message.startswith(
        "sinks[0]: the sink kind 'mine' of package:open cannot be used: TypeError: "
    )


def test_an_unknown_kind_names_those_there_are(ctx: Context, install: Any) -> None:
    install("mine", lambda *_: None)
    ctx.configuration = {"sinks": [{"arn": "*", "kind": "nope"}]}

    assert deliver(ctx).message == (
        "sinks[0]: there is no sink kind 'nope'; there are: file, stdout, stderr, exec,"
        " http, handler, aws, table, null, mine"
    )


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            {"arn": "*", "kind": "exec", "comand": "true"},
            "sinks[0]: unknown key 'comand'; allowed are: arn, command, fail_first,"
            " fail_rate, kind, seed, timeout",
        ),
        ({"arn": "*", "kind": "exec"}, "sinks[0]: 'command' is missing"),
        ({"arn": "*", "kind": "http"}, "sinks[0]: 'url' is missing"),
        ({"kind": "null"}, "sinks[0]: 'arn' is missing"),
        ({"arn": "*"}, "sinks[0]: 'kind' is missing"),
        (
            {"arn": "*", "kind": "null", "path": "x"},
            "sinks[0]: unknown key 'path'; allowed are: arn, fail_first, fail_rate,"
            " kind, seed",
        ),
        (
            {"arn": "*", "kind": "exec", "command": "true", "timeout": 0},
            "sinks[0].timeout: 0 is not more than 0",
        ),
        (
            {"arn": "*", "kind": "null", "fail_first": -1},
            "sinks[0].fail_first: -1 is less than 0",
        ),
        (
            {"arn": "*", "kind": "null", "fail_rate": 2},
            "sinks[0].fail_rate: 2 is more than 1",
        ),
    ],
)
def test_mistakes_in_an_entry_name_the_key_and_what_is_allowed(
    tmp_path: Path, entry: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        require_valid("config.toml", {"sinks": [entry]}, SCHEMA)

    assert caught.value.message == f"config.toml: {problem}."
