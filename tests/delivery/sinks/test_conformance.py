"""Every sink passes the one suite, and the suite notices sinks that do not."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome
from evcli.delivery.sinks.conformance import check_sink
from evcli.delivery.sinks.exec import ExecSink
from evcli.delivery.sinks.file import FileSink
from evcli.delivery.sinks.flaky import FlakySink
from evcli.delivery.sinks.http import HttpSink
from evcli.delivery.sinks.installed import InstalledSink
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.sinks.null import NullSink
from evcli.delivery.sinks.stream import StreamSink

if TYPE_CHECKING:
    from pathlib import Path

    from evcli.context import Sink
    from evcli.store.deliveries import Delivery


def read_lines(text: str) -> list[str]:
    return [json.loads(line)["payload"] for line in text.split("\n")[:-1]]


def test_a_file_sink_conforms(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lines.jsonl"

    check_sink(lambda: FileSink(str(path)), lambda: read_lines(path.read_text()))


def test_a_stdout_sink_conforms() -> None:
    stream = io.StringIO()

    check_sink(lambda: StreamSink(stream), lambda: read_lines(stream.getvalue()))


def test_an_exec_sink_conforms(tmp_path: Path) -> None:
    command = 'cat > "$PLACE/$(ls "$PLACE" | wc -l)"'
    place = tmp_path / "place"
    place.mkdir()
    environ = {"PLACE": str(place), "PATH": "/usr/bin:/bin"}

    def read() -> list[str]:
        files = sorted(place.iterdir(), key=lambda each: int(each.name))
        return [each.read_bytes().decode() for each in files]

    check_sink(lambda: ExecSink(command, environ), read)


def test_an_http_sink_conforms(place: Any) -> None:
    check_sink(lambda: HttpSink(place.url), lambda: place.payloads)


def test_a_null_sink_conforms() -> None:
    check_sink(NullSink)


def test_a_memory_sink_conforms() -> None:
    sink = MemorySink()

    check_sink(lambda: sink, lambda: sink.payloads)


def test_a_flaky_sink_that_never_fails_conforms() -> None:
    inner = MemorySink()

    check_sink(
        lambda: FlakySink(inner, first=0, rate=0.0, seed=0), lambda: inner.payloads
    )


def test_an_installed_sink_conforms() -> None:
    inner = MemorySink()

    check_sink(lambda: InstalledSink("mine", inner), lambda: inner.payloads)


class Forgetful(MemorySink):
    """Keeps every second delivery."""

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        return (
            super().deliver(delivery, request)
            if delivery.delivery_key % 2
            else Outcome()
        )


class Meddling(MemorySink):
    """Changes what it was handed."""

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        request["request"]["MessageBody"] = ""
        return super().deliver(delivery, request)


class Failing(MemorySink):
    """Fails where all is well."""

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        return Outcome("UNKNOWN", "no")


class Silent(MemorySink):
    """Answers nothing."""

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Any:
        return None


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (Forgetful, "these arrived"),
        (Meddling, "the sink changed the request"),
        (Failing, "UNKNOWN: no"),
        (Silent, "deliver returned None, no Outcome"),
    ],
)
def test_the_suite_notices_a_sink_that_does_not_conform(
    kind: type[MemorySink], complaint: str
) -> None:
    made: Sink = kind()

    with pytest.raises(AssertionError) as caught:
        check_sink(lambda: made, lambda: made.payloads)

    assert str(caught.value).startswith(complaint)
