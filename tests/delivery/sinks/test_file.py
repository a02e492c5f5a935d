"""The file sink: where lines go, whole lines or none, each delivery once."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import signal
from pathlib import Path

import pytest

from evcli.delivery.sinks import file as file_module
from evcli.delivery.sinks import find_sink_file, sink_lines
from evcli.delivery.sinks.conformance import make_delivery, make_request
from evcli.delivery.sinks.file import FileSink


def write(
    path: Path,
    *deliveries: tuple[str, int],
    resumed: bool = False,
    attempts: int = 0,
    length: int | None = None,
    root: Path | None = None,
) -> None:
    sink = FileSink(str(path), root=None if root is None else str(root))
    for payload, key in deliveries:
        delivery = make_delivery(payload, key)
        delivery.resumed = resumed
        delivery.attempts = attempts
        delivery.sink_length_bytes = length
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


# What evcli's lines do not begin with, and what is a whole one but for its line end.
FOREIGN = (
    b'{"my":"data"}',
    b"{",
    b'{"',
    b"text",
    b"\xff\xfe",
    b'{"deliveryId":"x","payload":"{}"}',
    b'one\n{"deliveryI?',
    b'one\n{"',
    b'{"my":1}\n{"deliveryId":"x","payload":""}',
)


@pytest.mark.parametrize("text", FOREIGN)
def test_text_of_others_is_never_cut(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "f").write_bytes(text)

    write(tmp_path / "f", ("one", 1))
    write(tmp_path / "f", ("two", 2))

    content = (tmp_path / "f").read_bytes()
    assert content.startswith(text + b"\n")
    lines = content[len(text) + 1 :].splitlines()
    assert [json.loads(line)["payload"] for line in lines] == ["one", "two"]


@pytest.mark.parametrize("length", [1, 2, 3, 14, 15, 60, 200])
def test_a_line_torn_anywhere_is_cut_off(tmp_path: Path, length: int) -> None:
    write(tmp_path / "f", ("one", 1), ("two", 2))
    first, second = (tmp_path / "f").read_bytes().splitlines(keepends=True)
    (tmp_path / "f").write_bytes(first + second[:length])

    write(tmp_path / "f", ("three", 3))

    assert read(tmp_path / "f") == ["one", "three"]


def test_a_line_that_lacks_only_its_end_is_found(tmp_path: Path) -> None:
    write(tmp_path / "f", ("one", 1))
    (tmp_path / "f").write_bytes((tmp_path / "f").read_bytes()[:-1])

    write(tmp_path / "f", ("one", 1), ("two", 2), resumed=True)

    assert read(tmp_path / "f") == ["one", "two"]


def test_lines_across_what_is_read_at_once_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries = [("x" * key, key) for key in range(1, 40)]
    write(tmp_path / "f", *deliveries)
    before = (tmp_path / "f").read_bytes()

    for size in (1, 7, 64, 333):
        monkeypatch.setattr(sink_lines, "CHUNK_BYTES", size)
        write(tmp_path / "f", *deliveries, resumed=True)

    assert (tmp_path / "f").read_bytes() == before


@pytest.mark.parametrize("into", [-1, 0, 1])
def test_lines_are_looked_for_from_the_noted_length_on(
    tmp_path: Path, into: int
) -> None:
    write(tmp_path / "f", ("one", 1))
    noted = (tmp_path / "f").stat().st_size
    write(tmp_path / "f", ("two", 2))

    # Wherever in a line the file ended when it was measured.
    write(tmp_path / "f", ("one", 1), ("two", 2), attempts=1, length=noted + into)

    expected = {-1: ["one"], 0: ["one"], 1: ["one", "two"]}
    assert read(tmp_path / "f") == ["one", "two", *expected[into]]


def test_a_line_that_is_no_text_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"deliveryId":"\xff\xfe"}\n{"deliveryId":"\n')

    write(tmp_path / "f", ("one", 1), resumed=True)

    assert (tmp_path / "f").read_bytes().count(b"\n") == 3


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


@pytest.mark.parametrize("kind", ["fifo", "/dev/null", "/dev/full", "/dev/ptmx"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = Path(kind)
    if kind == "fifo":
        path = tmp_path / kind
        os.mkfifo(path)

    with pytest.raises(OSError, match="regular file") as caught:
        write(path, ("one", 1))

    assert str(caught.value) == (
        f"{path} is no regular file, and a file sink appends to nothing else; the sink"
        " kinds stdout, stderr, exec and null are for other places."
    )


def test_a_lock_that_others_keep_is_waited_for_once_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_module, "LOCK_SECONDS", 0.05)
    asked = []
    lock = file_module.lock_file

    def note(descriptor: int, seconds: float) -> bool:
        asked.append(seconds)
        return lock(descriptor, seconds)

    monkeypatch.setattr(file_module, "lock_file", note)
    path = tmp_path / "f"
    path.touch()
    sink = FileSink(str(path))
    delivery = make_delivery("one", 1)
    with path.open() as foreign:
        fcntl.flock(foreign, fcntl.LOCK_EX)
        for _ in range(2):
            sink.deliver(delivery, make_request(delivery))
            with pytest.raises(TimeoutError) as caught:
                sink.flush()
    sink.deliver(delivery, make_request(delivery))
    sink.flush()
    sink.deliver(make_delivery("two", 2), make_request(delivery))
    sink.flush()

    assert str(caught.value) == f"Another process keeps {path} locked."
    assert asked == [0.05, 0.0, 0.0, 0.05]
    assert read(path) == ["one", "two"]


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_what_is_made_is_for_its_owner_alone_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    root = tmp_path / "a"
    before = os.umask(umask)
    try:
        write(root / "b" / "c" / "f", ("one", 1))
        write(root / "b" / "c" / "f", ("two", 2))
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert root.stat().st_mode & 0o777 == 0o700
    assert modes == {"b": 0o700, "c": 0o700, "f": 0o600}
    assert read(root / "b" / "c" / "f") == ["one", "two"]


def test_a_directory_of_sinks_that_others_may_enter_is_made_private(
    tmp_path: Path,
) -> None:
    root = tmp_path / "sinks"
    root.mkdir(mode=0o755)

    write(root / "f", ("one", 1), root=root)

    assert root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/f"])
def test_no_link_is_followed_below_the_directory_of_sinks(
    tmp_path: Path, link: str
) -> None:
    root, secret = tmp_path / "sinks", tmp_path / "secret"
    secret.mkdir()
    (secret / "f").write_text("mine\n")
    (secret / "b").mkdir()
    path = root / "a" / "b" / "f"
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(secret / "f" if link == "a/b/f" else secret)

    with pytest.raises(OSError, match="symbolic link") as caught:
        write(path, ("one", 1), root=root)

    assert str(caught.value) == (
        f"{root / link} is a symbolic link; none is followed below {root}."
    )
    assert {p: p.read_text() for p in secret.rglob("*") if p.is_file()} == {
        secret / "f": "mine\n"
    }


def test_a_path_that_the_user_chose_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "f")

    write(tmp_path / "link", ("one", 1))

    assert read(tmp_path / "f") == ["one"]


def test_a_new_file_has_its_directory_synced_and_an_old_one_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a" / "f"
    synced = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write(path, ("one", 1))
    new, synced = synced, []
    write(path, ("two", 2))

    assert new == [each.stat().st_ino for each in (tmp_path, path, path.parent)]
    assert synced == [path.stat().st_ino]


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
