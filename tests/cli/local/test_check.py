"""Every damage is named, what can be mended without loss is, and nothing else is touched."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evcli.context import Context, VirtualClock, open_context
from evcli.delivery.scheduled.scheduler import set_clock
from evcli.operations import call
from evcli.store.database import PAGE_BYTES
from evcli.store.deliveries import DELIVERED, PENDING
from evcli.store.directory.locks import Owner
from tests.conftest import NOW

if TYPE_CHECKING:
    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

ACCOUNT = "000000000000"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
OTHER_QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:p"


@pytest.fixture
def sink(state_directory: Path) -> Path:
    """The file of a queue that got six events, two at a time with a minute between."""
    with closing(open_context(str(state_directory))) as ctx:
        set_clock(ctx, NOW)
        call(ctx, "CreateArchive", {"ArchiveName": "a", "EventSourceArn": bus(ctx)})
        call(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["shop"]}'})
        targets = [{"Id": "q", "Arn": QUEUE}]
        call(ctx, "PutTargets", {"Rule": "r", "Targets": targets})
        for _ in range(3):
            put_events(ctx, 2)
            assert isinstance(ctx.clock, VirtualClock)
            set_clock(ctx, ctx.clock.now() + timedelta(minutes=1))
    for path in (state_directory / "sinks").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (state_directory / "sinks").chmod(0o700)
    return state_directory / "sinks" / "sqs" / ACCOUNT / "us-east-1" / "q.jsonl"


def bus(ctx: Context) -> str:
    return ctx.event_bus_arn("default")


def put_events(ctx: Context, number: int) -> None:
    entry = {"Source": "shop", "DetailType": "d", "Detail": '{"n":1}'}
    call(ctx, "PutEvents", {"Entries": [entry] * number})


def change(state_directory: Path, *statements: str) -> None:
    """Do to the database what evcli does not."""
    with closing(sqlite3.connect(state_directory / "state.db")) as database:
        database.execute("PRAGMA writable_schema = ON")
        for sql in statements:
            database.execute(sql)
        database.commit()


def list_ids(sink: Path) -> list[str]:
    return [json.loads(line)["deliveryId"] for line in read_lines(sink)]


def read_lines(sink: Path) -> list[str]:
    return sink.read_text().splitlines(keepends=True)


def test_nothing_is_found_where_nothing_is_wrong(
    evcli_command: Run, sink: Path, state_directory: Path
) -> None:
    before = sink.read_bytes()

    ends = [
        evcli_command("local", "check"),
        evcli_command("local", "check", "--repair"),
        evcli_command("local", "check", "--output", "json"),
    ]

    assert ends == [(0, "No findings.\n", "")] * 2 + [(0, "[]\n", "")]
    assert sink.read_bytes() == before


def test_where_no_state_is_none_is_made(
    evcli_command: Run, state_directory: Path
) -> None:
    end = evcli_command("local", "check")

    text = f"note: database: There is no state in {state_directory}.\nNo findings.\n"
    assert end == (0, text, "")
    assert not state_directory.exists()


# -- the database

CLEAN = (0, "No findings.\n", "")
BUILT = "repaired: database: Index deliveries_by_event was built anew.\n"


@pytest.mark.usefixtures("sink")
def test_an_index_that_is_missing_is_built_anew(
    evcli_command: Run, state_directory: Path
) -> None:
    change(state_directory, "DROP INDEX deliveries_by_event")

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    text = "finding: database: Index deliveries_by_event is missing.\n"
    assert ends == [(1, text, ""), (0, f"{BUILT}No findings.\n", ""), CLEAN]


@pytest.mark.usefixtures("sink")
def test_an_index_that_disagrees_with_its_table_is_built_anew(
    evcli_command: Run, state_directory: Path
) -> None:
    file = state_directory / "state.db"
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'deliveries_by_event'"
        ).fetchone()
        (empty,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'deliveries_failed'"
        ).fetchone()
    content = bytearray(file.read_bytes())
    size = PAGE_BYTES
    # An index without any entry stands where the one with all of them was.
    content[(page - 1) * size : page * size] = content[
        (empty - 1) * size : empty * size
    ]
    file.write_bytes(content)

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    text = (
        "finding: database: Index deliveries_by_event does not agree with its table.\n"
    )
    assert ends == [(1, text, ""), (0, f"{BUILT}No findings.\n", ""), CLEAN]


@pytest.mark.usefixtures("sink")
@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("DROP TABLE tags", "Table tags is missing."),
        ("CREATE TABLE mine (x)", "Table mine is none of evcli's."),
        (
            "CREATE TRIGGER t AFTER INSERT ON rules BEGIN DELETE FROM rules; END",
            "Trigger t is none of evcli's.",
        ),
    ],
)
def test_what_the_schema_should_not_be_is_named_and_left(
    evcli_command: Run, state_directory: Path, sql: str, text: str
) -> None:
    change(state_directory, sql)

    end = evcli_command("local", "check", "--repair")

    assert end == (1, f"finding: database: {text}\n", "")


@pytest.mark.usefixtures("sink")
def test_a_torn_page_is_named(evcli_command: Run, state_directory: Path) -> None:
    file = state_directory / "state.db"
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'rules'"
        ).fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = b"\xff" * PAGE_BYTES
    file.write_bytes(content)

    end = evcli_command("local", "check", "--repair")

    text = "finding: database: Table rules cannot be read; 0 rows of it can.\n"
    assert end == (1, text, "")


@pytest.mark.parametrize("content", [b"", b"\0" * 8192])
@pytest.mark.usefixtures("sink")
def test_a_file_that_cannot_be_opened_is_named(
    evcli_command: Run, state_directory: Path, content: bytes
) -> None:
    (state_directory / "state.db").write_bytes(content)

    end = evcli_command("local", "check")

    assert (end.code, end.stderr) == (1, "")
    assert end.stdout.startswith(
        f"finding: database: {state_directory}/state.db is damaged"
    )


@pytest.mark.usefixtures("sink")
def test_a_configuration_that_cannot_be_used_is_named(
    evcli_command: Run, state_directory: Path
) -> None:
    (state_directory / "config.toml").write_text("region = 7\n")
    (state_directory / "config.toml").chmod(0o644)

    end = evcli_command("local", "check")

    text = f"{state_directory}/config.toml: region: 7 is not of type string."
    assert end == (1, f"finding: configuration: {text}\n", "")


@pytest.mark.usefixtures("sink")
def test_a_page_that_is_torn_amid_an_answer_names_the_tools(
    evcli_command: Run, state_directory: Path
) -> None:
    file = state_directory / "state.db"
    change(
        state_directory,
        "WITH RECURSIVE n (i) AS (SELECT 7 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        " INSERT INTO deliveries SELECT i, event_key, dead_letter_of, route_key,"
        " payload, state, attempts, next_attempt_at,"
        " finished_at, error_code, error_message, owner, sink_length_bytes"
        " FROM deliveries, n WHERE delivery_key = 1",
    )
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute("PRAGMA page_count").fetchone()
    content = bytearray(file.read_bytes())
    # From some page on, and so behind the first rows.
    content[page // 2 * 4096 :] = b"\xff" * (len(content) - page // 2 * 4096)
    file.write_bytes(content)

    end = evcli_command("local", "deliveries", "--output", "text")

    assert end.code == 255
    assert end.stderr == (
        f"\nevcli: [ERROR]: {file} is damaged. `evcli local check` says more, and"
        " `evcli local restore FILE --force` puts a backup in its place.\n"
    )


# -- rows, counters, numbers


@pytest.mark.usefixtures("sink")
@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (
            "UPDATE targets SET definition = '{' WHERE target_id = 'q'",
            f"rows: {ACCOUNT}/us-east-1/default/r/q of targets cannot be read: Expecting"
            " property name enclosed in double quotes: line 1 column 2 (char 1).",
        ),
        (
            "UPDATE rules SET description = CAST(x'ff' AS TEXT) WHERE name = 'r'",
            f"rows: {ACCOUNT}/us-east-1/default/r of rules cannot be read: 'utf-8' codec"
            " can't encode character '\\udcff' in position 0: surrogates not allowed.",
        ),
        (
            "UPDATE settings SET value = 'x' WHERE name = 'created_at'",
            "rows: created_at of settings cannot be read: Expecting value: line 1 column"
            " 1 (char 0).",
        ),
        (
            "UPDATE events SET envelope = '[]' WHERE event_key = 1",
            "rows: 1 of events cannot be read: it is no JSON object.",
        ),
        (
            "UPDATE events SET accepted_at = 'x' WHERE event_key = 2",
            "rows: 2 of events cannot be read: its accepted_at.",
        ),
        (
            "UPDATE ledger_routes SET definition = '{' WHERE route_key = 1",
            "rows: 1 of ledger_routes cannot be read: Expecting property name enclosed in"
            " double quotes: line 1 column 2 (char 1).",
        ),
        (
            "INSERT INTO attempts (delivery_key, number, attempted_at)"
            " VALUES (99, 1, 0)",
            "rows: 1 of attempts belong to deliveries that are missing.",
        ),
        (
            "UPDATE deliveries SET next_attempt_at = 1 WHERE delivery_key = 3",
            "ledger: 3 of deliveries is neither finished nor due: DELIVERED.",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    evcli_command: Run, state_directory: Path, sql: str, text: str
) -> None:
    change(state_directory, sql)

    end = evcli_command("local", "check", "--repair")

    assert end == (1, f"finding: {text}\n", "")


@pytest.mark.usefixtures("sink")
def test_an_archive_that_was_counted_wrong_is_counted_anew(
    evcli_command: Run, state_directory: Path
) -> None:
    described = evcli_command("describe-archive", "--archive-name", "a").stdout
    size = json.loads(described)["SizeBytes"]
    change(state_directory, "UPDATE archives SET event_count = 7")

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    name = f"{ACCOUNT}/us-east-1/a"
    text = (
        f"finding: archives: {name} says 7 events, {size} bytes, and holds 6 events,"
        f" {size} bytes.\n"
    )
    mended = f"repaired: archives: {name} was counted anew.\nNo findings.\n"
    assert ends == [(1, text, ""), (0, mended, ""), CLEAN]
    assert evcli_command("describe-archive", "--archive-name", "a").stdout == described


@pytest.mark.usefixtures("sink")
def test_numbers_that_would_be_given_out_again_are_not(
    evcli_command: Run, state_directory: Path
) -> None:
    change(
        state_directory,
        "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'deliveries'",
        "DELETE FROM sqlite_sequence WHERE name = 'events'",
    )

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    assert ends[0].stdout == "".join(
        f"finding: ledger: The next one of {table} would get a number that is taken.\n"
        for table in ("events", "deliveries")
    )
    assert ends[2] == CLEAN


# -- the files of sinks


def check_note(evcli_command: Run, text: str) -> None:
    assert evcli_command("local", "check") == (
        0,
        f"note: sinks: {text}\nNo findings.\n",
        "",
    )


def test_a_removed_file_is_a_note(evcli_command: Run, sink: Path) -> None:
    sink.unlink()

    check_note(evcli_command, f"{sink} is not there: 6 deliveries were made before.")


def test_an_emptied_file_is_a_note(evcli_command: Run, sink: Path) -> None:
    sink.write_text("")

    check_note(evcli_command, f"{sink} is empty: 6 deliveries were made before.")


@pytest.mark.parametrize("kept", range(1, 6))
def test_a_rotated_file_is_a_note(evcli_command: Run, sink: Path, kept: int) -> None:
    sink.write_text("".join(read_lines(sink)[-kept:]))

    check_note(
        evcli_command, f"{sink} begins later: {6 - kept} deliveries were made before."
    )


@pytest.mark.parametrize("gone", [{1}, {5}, {2, 3}, {1, 2, 3, 4}])
def test_a_line_that_is_missing_is_a_finding(
    evcli_command: Run, sink: Path, gone: set[int]
) -> None:
    ids = [each for number, each in enumerate(list_ids(sink)) if number in gone]
    lines = [line for number, line in enumerate(read_lines(sink)) if number not in gone]
    sink.write_text("".join(lines))

    end = evcli_command("local", "check", "--repair")

    shown = ", ".join(ids[:3]) + (" and 1 more" if len(ids) > 3 else "")
    text = f"{sink} has no line for {shown}, which the ledger has as DELIVERED."
    assert end == (1, f"finding: sinks: {text}\n", "")


def test_a_line_that_is_there_twice_is_a_finding(
    evcli_command: Run, sink: Path
) -> None:
    lines = read_lines(sink)
    sink.write_text("".join([*lines, lines[2]]))

    end = evcli_command("local", "check", "--repair")

    text = f"{sink} has more than one line for {list_ids(sink)[2]}."
    assert end == (1, f"finding: sinks: {text}\n", "")


def test_half_a_line_at_the_end_is_cut_off(evcli_command: Run, sink: Path) -> None:
    whole = sink.read_bytes()
    sink.write_bytes(whole + whole[:50])

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    text = f"{sink} ends in half a line, which a killed process left."
    mended = f"repaired: sinks: Half a line at the end of {sink} was cut off.\n"
    assert ends == [
        (1, f"finding: sinks: {text}\n", ""),
        (0, f"{mended}No findings.\n", ""),
        CLEAN,
    ]
    assert sink.read_bytes() == whole


@pytest.mark.parametrize("text", ["mine", "mine\n", '{"my":"data"}'])
def test_what_is_not_evclis_is_a_note_and_stays(
    evcli_command: Run, sink: Path, text: str
) -> None:
    whole = sink.read_bytes()
    sink.write_bytes(whole + text.encode())

    end = evcli_command("local", "check", "--repair")

    note = f"note: sinks: {sink} has 1 lines that are not evcli's.\nNo findings.\n"
    assert end == (0, note, "")
    assert sink.read_bytes() == whole + text.encode()


def test_a_line_that_is_torn_within_is_a_finding(
    evcli_command: Run, sink: Path
) -> None:
    lines = read_lines(sink)
    lines[3] = lines[3][:40] + "\0" * 20 + lines[3][60:]
    broken_id = list_ids(sink)[3]
    sink.write_text("".join(lines))

    end = evcli_command("local", "check")

    assert end == (
        1,
        f"finding: sinks: {sink} has 1 lines that are no JSON, the first one is line"
        f" 4.\nfinding: sinks: {sink} has no line for {broken_id}, which the ledger has"
        " as DELIVERED.\n",
        "",
    )


def test_lines_of_pruned_deliveries_are_a_note(evcli_command: Run, sink: Path) -> None:
    assert evcli_command("local", "prune", "--before", "2024-05-14T11:24:00Z").code == 0

    check_note(
        evcli_command,
        f"{sink} has 2 lines of deliveries that the ledger does not have: they were"
        " pruned, or are of another state directory.",
    )


def test_a_line_that_is_yet_to_be_recorded_is_a_note_and_recorded(
    evcli_command: Run, sink: Path, state_directory: Path
) -> None:
    dead = Owner(str(state_directory))
    number = dead.claim()
    dead.release()
    change(
        state_directory,
        f"UPDATE deliveries SET state = 'PENDING', attempts = 0, owner = {number},"
        " next_attempt_at = finished_at, finished_at = NULL WHERE delivery_key = 6",
    )
    before = sink.read_bytes()

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    left = (
        "note: ledger: 1 deliveries were left by a process that ended; the next command"
        " that delivers makes them.\n"
    )
    six = list_ids(sink)[5]
    assert ends == [
        (
            0,
            f"{left}note: sinks: {sink} has a line for {six}, which is yet to be"
            " recorded as made; the next attempt finds it.\nNo findings.\n",
            "",
        ),
        (0, f"{left}repaired: sinks: {six} is recorded as made.\nNo findings.\n", ""),
        CLEAN,
    ]
    assert sink.read_bytes() == before
    with closing(open_context(str(state_directory))) as ctx:
        states = [(d.state, d.attempts) for d in ctx.store.ledger.list_deliveries()]
    assert states == [(DELIVERED, 1)] * 6


def test_a_delivery_that_somebody_is_at_is_nothing(
    evcli_command: Run, sink: Path, state_directory: Path
) -> None:
    alive = Owner(str(state_directory))
    change(
        state_directory,
        f"UPDATE deliveries SET state = '{PENDING}', owner = {alive.claim()},"
        " next_attempt_at = finished_at, finished_at = NULL WHERE delivery_key = 6",
    )

    end = evcli_command("local", "check", "--repair")
    alive.release()

    assert end == CLEAN


def test_a_line_of_a_failed_delivery_is_a_finding(
    evcli_command: Run, sink: Path, state_directory: Path
) -> None:
    change(
        state_directory, "UPDATE deliveries SET state = 'FAILED' WHERE delivery_key = 2"
    )

    end = evcli_command("local", "check", "--repair")

    text = f"{sink} has a line for {list_ids(sink)[1]}, which the ledger has as FAILED."
    assert end == (1, f"finding: sinks: {text}\n", "")


@pytest.mark.usefixtures("sink")
def test_only_deliveries_to_files_are_looked_for(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared.jsonl"
    (state_directory / "config.toml").write_text(
        '[[sinks]]\narn = "*:none"\nkind = "null"\n'
        f'[[sinks]]\narn = "*:p*"\nkind = "file"\npath = "{shared}"\n'
    )
    base = OTHER_QUEUE.removesuffix("p")
    with closing(open_context(str(state_directory))) as ctx:
        call(ctx, "CreateEventBus", {"Name": "next"})
        arns = [base + "none", base + "p1", base + "p2"]
        arns.append(ctx.event_bus_arn("next"))
        targets = [{"Id": f"t{i}", "Arn": arn} for i, arn in enumerate(arns)]
        targets[-1]["RoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/r"
        call(ctx, "PutRule", {"Name": "s", "EventPattern": '{"source":["shop"]}'})
        call(ctx, "PutTargets", {"Rule": "s", "Targets": targets})
        put_events(ctx, 3)
        states = {d.state for d in ctx.store.ledger.list_deliveries()}

    assert states == {DELIVERED}
    assert len(shared.read_text().splitlines()) == 6
    assert evcli_command("local", "check") == CLEAN
    shared.write_text("".join(read_lines(shared)[:-1]))
    assert evcli_command("local", "check").code == 1


# -- files


def test_files_that_are_open_to_others_are_closed(
    evcli_command: Run, sink: Path, state_directory: Path
) -> None:
    state_directory.chmod(0o755)
    sink.chmod(0o666)
    (state_directory / "config.toml").write_text("")
    (state_directory / "config.toml").chmod(0o644)

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    assert ends[0] == (
        1,
        f"finding: files: {state_directory} is open to others: its mode is 0755.\n"
        f"finding: files: {sink} is open to others: its mode is 0666.\n",
        "",
    )
    assert (ends[1].code, ends[2]) == (0, CLEAN)
    assert (state_directory.stat().st_mode & 0o777, sink.stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_what_leads_elsewhere_is_named(
    evcli_command: Run, sink: Path, tmp_path: Path
) -> None:
    link = sink.with_name("link.jsonl")
    link.symlink_to(tmp_path / "elsewhere")

    end = evcli_command("local", "check")

    text = f"{link} leads elsewhere: {tmp_path}/elsewhere."
    assert end == (1, f"finding: files: {text}\n", "")


@pytest.mark.usefixtures("sink")
def test_what_a_killed_process_left_is_removed_and_of_a_living_one_not(
    evcli_command: Run, state_directory: Path
) -> None:
    # No process has a number as high as that.
    left = state_directory / "state.db.restored-99999999"
    mine = state_directory / f"state.db.{os.getpid()}"
    for file in (left, mine):
        file.write_bytes(b"x")
        file.chmod(0o600)

    ends = [evcli_command("local", "check", *words) for words in ([], ["--repair"], [])]

    assert [end.stdout for end in ends] == [
        f"note: files: {left} was left by a process that ended.\nNo findings.\n",
        f"repaired: files: {left} was removed.\nNo findings.\n",
        "No findings.\n",
    ]
    assert (left.exists(), mine.exists()) == (False, True)


def test_what_cannot_be_mended_is_told_and_stays_a_finding(
    evcli_command: Run, sink: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.chmod(0o644)

    def refuse(path: str, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    end = evcli_command("local", "check", "--repair")

    text = f"{sink} is open to others: its mode is 0644."
    assert end == (
        1,
        f"finding: files: {text}\n",
        f"{text} That could not be mended: [Errno 1] Operation not permitted\n",
    )


def test_findings_are_one_value_where_a_format_is_asked_for(
    evcli_command: Run, sink: Path
) -> None:
    sink.chmod(0o644)

    end = evcli_command("local", "check", "--output", "json")

    text = f"{sink} is open to others: its mode is 0644."
    assert end.code == 1
    assert json.loads(end.stdout) == [
        {"Kind": "finding", "Area": "files", "Text": text}
    ]
