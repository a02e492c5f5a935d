"""The file sink: where lines go, whole lines or none, each delivery once."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
from pathlib import Path

import pytest

from evcli.delivery.sinks.conformance import make_delivery, make_request
from evcli.delivery.sinks.file import FileSink, find_sink_file


def write(path: Path, *deliveries: tuple[str, int], resumed: bool = False) -> None:
    sink = FileSink(str(path))
    for payload, key in deliveries:
        delivery = make_delivery(payload, key)
        delivery.resumed = resumed
        sink.deliver(delivery, make_request(delivery))
    sink.flush()


def read(path: Path) -> list[str]:
    return [json.loads(line)["payload"] for line in path.read_text().splitlines()]


def test_a_line_says_what_the_service_would_get(tmp_path: Path) -> None:
    write(tmp_path / "f", ("{}", 7))

    assert (tmp_path / "f").read_text() == (
        '{"deliveryId":"6a7e8feb-b491-4cf7-a9f1-bf3703467718-7"'
        ',"eventId":"6a7e8feb-b491-4cf7-a9f1-bf3703467718"'
        ',"time":"2024-05-14T11:23:22Z"'
        ',"ruleArn":"arn:aws:events:us-east-1:111111111111:rule/my-rule"'
        ',"targetId":"t1","targetArn":"arn:aws:sqs:us-east-1:111111111111:q"'
        ',"action":"sqs:SendMessage"'
        ',"request":{"QueueUrl":"https://q","MessageBody":"{}"},"payload":"{}"}\n'
    )


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "f", ("{}", 1))

    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    write(tmp_path / "f", ("one", 1))
    with (tmp_path / "f").open("ab") as file:
        file.write(b'{"deliveryId":"6a7e8feb-b491-4cf7')

    write(tmp_path / "f", ("two", 2))

    assert read(tmp_path / "f") == ["one", "two"]


def test_a_file_that_is_one_torn_line_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"deliv')

    write(tmp_path / "f", ("one", 1))

    assert read(tmp_path / "f") == ["one"]


def test_a_resumed_delivery_is_written_only_where_it_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "f", ("one", 1), ("two", 2))

    write(tmp_path / "f", ("two", 2), ("three", 3), resumed=True)

    assert read(tmp_path / "f") == ["one", "two", "three"]


def test_a_payload_that_quotes_a_delivery_id_is_not_that_delivery(
    tmp_path: Path,
) -> None:
    sink = FileSink(str(tmp_path / "f"))
    other = make_delivery("other", 1)
    marker = {"deliveryId": make_delivery("", 2).delivery_id}
    sink.deliver(other, {"action": "x", "request": marker})
    sink.flush()

    write(tmp_path / "f", ("two", 2), resumed=True)

    assert read(tmp_path / "f") == ["other", "two"]


def test_ids_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "f", ("twelve", 12))

    write(tmp_path / "f", ("one", 1), resumed=True)

    assert read(tmp_path / "f") == ["twelve", "one"]


def test_a_disk_that_fills_up_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "f", ("one", 1))
    before = (tmp_path / "f").read_bytes()
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # Room for a part of the line: the write is cut before it is refused.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
        with pytest.raises(OSError, match="File too large"):
            write(tmp_path / "f", ("x" * 1000, 2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)

    assert (tmp_path / "f").read_bytes() == before


def test_a_failed_sync_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "f", ("one", 1))

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path / "f", ("two", 2))

    assert read(tmp_path / "f") == ["one"]


def test_a_device_gets_plain_writes() -> None:
    write(Path("/dev/null"), ("one", 1), resumed=True)

    with pytest.raises(OSError, match="No space left on device"):
        write(Path("/dev/full"), ("one", 1))


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        (
            "arn:aws:sqs:us-east-1:111111111111:q",
            "sqs/111111111111/us-east-1/q.jsonl",
        ),
        (
            "arn:aws:lambda:eu-west-1:111111111111:function:f:1",
            "lambda/111111111111/eu-west-1/function%3Af%3A1.jsonl",
        ),
        ("arn:aws:s3:::bucket", "s3/%/%/bucket.jsonl"),
        (
            "arn:aws:sqs:../../..:..:../../etc/passwd",
            "sqs/%2E./%2E.%2F..%2F../%2E.%2F..%2Fetc%2Fpasswd.jsonl",
        ),
        ("no arn", "other/%/%/no%20arn.jsonl"),
    ],
)
def test_every_arn_has_a_file_of_its_own_below_sinks(arn: str, place: str) -> None:
    assert find_sink_file("/state", arn) == f"/state/sinks/{place}"


def test_arns_too_long_for_a_file_name_stay_different() -> None:
    arns = [f"arn:aws:sqs:us-east-1:111111111111:{'q' * 300}{n}" for n in range(2)]

    names = [Path(find_sink_file("/s", arn)).name for arn in arns]

    assert len(set(names)) == 2
    assert all(len(name) < 256 for name in names)
