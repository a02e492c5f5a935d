"""`evcli local status`: the screen, and where settings come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.state.status import format_counts, format_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

CONFIGURATION = """
account = "111122223333"
region = "eu-central-1"

[profiles.partner]
account = "444455556666"
region = "eu-north-1"

[[sinks]]
arn = "arn:aws:sqs:*:orders"
kind = "null"
"""


def test_the_screen_says_where_things_are_and_how_they_stand(
    state_directory: Path,
    call: Callable[..., Any],
    evcli_command: Callable[..., Outcome],
    run_on_terminal: Callable[..., list[str]],
) -> None:
    call("PutRule", Name="r", ScheduleExpression="rate(1 hour)")
    evcli_command("local", "clock", "set", "2024-05-14T11:23:22Z")

    lines = run_on_terminal("local", "status", columns=120)

    assert [line for line in lines if "SizeBytes" not in line and " bytes" not in line][
        2:12
    ] == [
        "account          000000000000  from the default",
        "region           us-east-1  from the default",
        "clock            2024-05-14T11:23:22Z  virtual: it stands",
        "here             1 event bus, 1 rule",
        "events           0",
        "deliveries       0",
        "queue            0 deliveries wait",
        "                 schedules due in 1 h, 2024-05-14T12:23:22Z",
        "worker           none: `evcli local run` starts one",
        "sinks            all targets → files below sinks/",
    ]
    assert lines[0] == f"state directory  {state_directory}"
    assert lines[1].startswith("                 from EVCLI_STATE_DIR, ")


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal(
    run_on_terminal: Callable[..., list[str]], columns: int
) -> None:
    lines = run_on_terminal("local", "status", columns=columns)

    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize(
    ("words", "environ", "account", "region"),
    [
        ([], {}, "config.toml", "config.toml"),
        (
            ["--profile", "partner"],
            {},
            "profile partner of config.toml",
            "profile partner of config.toml",
        ),
        (
            ["--profile", "partner", "--region", "us-west-2"],
            {"EVCLI_ACCOUNT_ID": "777788889999", "AWS_REGION": "x"},
            "EVCLI_ACCOUNT_ID",
            "--region",
        ),
        ([], {"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "x"}, "config.toml", "AWS_REGION"),
        ([], {"AWS_DEFAULT_REGION": "us-west-1"}, "config.toml", "AWS_DEFAULT_REGION"),
        (["--profile", "o"], {}, "config.toml", "profile o of ~/.aws/config"),
    ],
)  # fmt: skip
def test_sources_are_named_as_settings_are_found(
    state_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    evcli_command: Callable[..., Outcome],
    words: list[str],
    environ: dict[str, str],
    account: str,
    region: str,
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "config.toml").write_text(CONFIGURATION)
    (tmp_path / "home" / ".aws").mkdir()
    (tmp_path / "home" / ".aws" / "config").write_text(
        "[profile o]\nregion = ca-west-1\n"
    )
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    status = json.loads(evcli_command("local", "status", *words).stdout)

    values = {
        "EVCLI_ACCOUNT_ID": "777788889999",
        "profile partner of config.toml": "444455556666",
        "config.toml": "111122223333",
    }
    regions = {
        "--region": "us-west-2",
        "AWS_REGION": "us-west-1",
        "AWS_DEFAULT_REGION": "us-west-1",
        "profile o of ~/.aws/config": "ca-west-1",
        "profile partner of config.toml": "eu-north-1",
        "config.toml": "eu-central-1",
    }
    assert (status["Account"], status["Region"]) == (values[account], regions[region])
    assert status["Sources"] == {
        "StateDirectory": "EVCLI_STATE_DIR",
        "Account": account,
        "Region": region,
    }
    assert status["Sinks"] == [{"Arn": "arn:aws:sqs:*:orders", "Kind": "null"}]


def test_a_found_directory_is_told_from_a_named_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    evcli_command: Callable[..., Outcome],
) -> None:
    def find(*words: str) -> str:
        outcome = evcli_command(
            "local", "status", *words, "--query", "Sources.StateDirectory"
        )
        return str(json.loads(outcome.stdout))

    monkeypatch.delenv("EVCLI_STATE_DIR")
    monkeypatch.chdir(tmp_path)

    assert find() == "the user's own"
    assert find("--state-dir", str(tmp_path / "there")) == "--state-dir"
    (tmp_path / ".evcli").mkdir(mode=0o700)
    assert find() == "the nearest .evcli"


def test_counts_and_sizes_are_written_for_people() -> None:
    counts = {"EventBuses": 1, "Rules": 1_200, "ApiDestinations": 1, "Replays": 0}

    assert format_counts(counts) == "1 event bus, 1,200 rules, 1 API destination"
    assert format_counts({"EventBuses": 2}) == "2 event buses"
    assert format_counts({"Rules": 0}) == "nothing yet"
    assert [format_size(each) for each in (12, 3_400_000)] == ["12 bytes", "3.4 MB"]
