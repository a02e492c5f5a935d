"""`config.toml`: refusals that name the place, and a reading that is never stale."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.errors import ConfigurationError
from evcli.store.directory import configuration, configuration_file
from evcli.store.directory.configuration import QUOTAS
from evcli.store.directory.configuration_file import (
    change_sinks,
    read_configuration,
    write_configuration,
)

if TYPE_CHECKING:
    from pathlib import Path

    from evcli.store.store import Store


@pytest.fixture
def config(store: Store) -> Path:
    """Where `config.toml` of the open state directory is; it does not exist yet."""
    from pathlib import Path

    return Path(store.path) / "config.toml"


def load(store: Store) -> dict[str, Any]:
    return store.load_configuration(store.meta.all(), {})


def refuse(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(str(path))
    return caught.value.message.removeprefix(str(path))


FULL = """
account = "111122223333"
region = "eu-west-1"
organization = "o-abc123"
durability = "normal"
output = "table"

[profiles.partner]
account = "999999999999"
region = "us-gov-west-1"
organization = "o-1"
output = "text"

[quotas]
targets_per_rule = 7

[[sinks]]
arn = "arn:aws:lambda:*"
kind = "exec"
command = ["run", "this"]
"""


def test_without_a_file_there_is_nothing_configured(store: Store) -> None:
    assert load(store) == {}


def test_a_full_file_is_read(store: Store, config: Path) -> None:
    config.write_text(FULL)

    assert load(store) == {
        "account": "111122223333",
        "region": "eu-west-1",
        "organization": "o-abc123",
        "durability": "normal",
        "output": "table",
        "profiles": {
            "partner": {
                "account": "999999999999",
                "region": "us-gov-west-1",
                "organization": "o-1",
                "output": "text",
            }
        },
        "quotas": {"targets_per_rule": 7},
        "sinks": [
            {"arn": "arn:aws:lambda:*", "kind": "exec", "command": ["run", "this"]}
        ],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'account = "1"\nregion = \n',
            " is not TOML: Invalid value (at line 2, column 10).",
        ),
        (
            'acount = "111122223333"',
            ": unknown key 'acount'; allowed are: account, ",
        ),
        ('account = "12345"', ": account: '12345' does not fit 12 digits."),
        (
            'account = "\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661"',
            ": account: '",
        ),
        ("account = 111122223333", ": account: 111122223333 is not of type string."),
        (
            'durability = "none"',
            ": durability: 'none' is not one of: 'full', 'normal'.",
        ),
        (
            "[quotas]\ntargets_per_rule = 0",
            ": quotas.targets_per_rule: 0 is less than 1.",
        ),
        ("[quotas]\nfrogs = 1", ": quotas: unknown key 'frogs'; allowed are: "),
        (
            '[profiles.partner]\nregion = "Mars"',
            ": profiles.partner.region: 'Mars' does not fit ",
        ),
        (
            '[[sinks]]\narn = "*"\nkind = "null"\n[[sinks]]\narn = "*"',
            ": sinks[1]: 'kind' is missing.",
        ),
        (
            '[[sinks]]\narn = ""\nkind = "null"',
            ": sinks[0].arn: '' ",
        ),
    ],
)
def test_a_bad_file_is_refused_with_file_line_or_key(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)

    assert refuse(path).startswith(message)


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'account = "\xff"')

    assert refuse(path).startswith(" is not TOML: 'utf-8' codec can't decode")


def test_a_directory_in_its_place_is_refused(store: Store, config: Path) -> None:
    config.mkdir()

    with pytest.raises(ConfigurationError) as caught:
        load(store)

    assert caught.value.message == f"{config} cannot be read: Is a directory."


def test_a_pipe_in_its_place_is_refused_and_not_waited_for(
    store: Store, config: Path
) -> None:
    os.mkfifo(config)

    refusals = [refuse(config)]
    for read in (lambda: load(store), lambda: change_sinks(str(config), list.clear)):
        with pytest.raises(ConfigurationError) as caught:
            read()
        refusals.append(caught.value.message.removeprefix(str(config)))

    assert refusals == [" cannot be read: It is no regular file."] * 3


def test_a_link_to_a_file_is_read(store: Store, config: Path, tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text('region = "eu-west-1"')
    config.symlink_to(tmp_path / "shared.toml")

    assert load(store) == {"region": "eu-west-1"}


# -- the kept reading


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were really read, one entry for each time."""
    paths: list[str] = []

    def read(path: str) -> dict[str, Any]:
        paths.append(path)
        return read_configuration(path)

    monkeypatch.setattr(configuration_file, "read_configuration", read)
    return paths


def test_a_file_is_read_once_until_it_changes(
    store: Store, config: Path, readings: list[str]
) -> None:
    config.write_text('region = "eu-west-1"')
    first = [load(store), load(store)]

    config.write_text('region = "eu-west-2" # longer')
    second = [load(store), load(store)]

    assert first == [{"region": "eu-west-1"}] * 2
    assert second == [{"region": "eu-west-2"}] * 2
    assert len(readings) == 2


def test_a_file_of_the_same_size_and_time_is_read_again_when_replaced(
    store: Store, config: Path
) -> None:
    config.write_text('region = "eu-west-1"')
    load(store)
    status = config.stat()
    draft = config.with_suffix(".new")
    draft.write_text('region = "eu-west-2"')
    os.utime(draft, ns=(status.st_atime_ns, status.st_mtime_ns))

    draft.replace(config)

    assert load(store) == {"region": "eu-west-2"}


def test_a_file_that_is_gone_configures_nothing_any_more(
    store: Store, config: Path
) -> None:
    config.write_text('region = "eu-west-1"')
    load(store)

    config.unlink()

    assert load(store) == {}


def test_a_bad_file_is_refused_each_time(store: Store, config: Path) -> None:
    config.write_text('region = "eu-west-1"')
    load(store)
    config.write_text("region = 1")

    for _ in range(2):
        with pytest.raises(ConfigurationError):
            load(store)


def test_another_evcli_reads_the_file_for_itself(
    store: Store, config: Path, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('region = "eu-west-1"')
    load(store)

    monkeypatch.setattr(configuration, "__version__", "99.0")
    load(store)

    assert len(readings) == 2


def test_dates_are_the_same_text_whether_read_or_kept(
    store: Store, config: Path
) -> None:
    config.write_text(
        '[[sinks]]\narn = "*"\nkind = "other"\nday = 2024-05-14\n'
        "instant = 2024-05-14T11:23:22Z"
    )

    readings = [load(store), load(store)]

    sink = {
        "arn": "*",
        "kind": "other",
        "day": "2024-05-14",
        "instant": "2024-05-14T11:23:22+00:00",
    }
    assert readings == [{"sinks": [sink]}] * 2


# -- writing


def test_what_is_written_is_read_back(config: Path) -> None:
    value = {"region": "eu-west-1", "sinks": [{"arn": "*", "kind": "null"}]}

    write_configuration(str(config), value)

    assert read_configuration(str(config)) == value
    assert config.stat().st_mode & 0o777 == 0o600


def test_a_value_that_does_not_fit_leaves_the_file_as_it_was(config: Path) -> None:
    config.write_text('region = "eu-west-1"')

    with pytest.raises(ConfigurationError):
        write_configuration(str(config), {"region": 1})

    assert config.read_text() == 'region = "eu-west-1"'


def test_a_file_that_cannot_be_replaced_is_an_error_and_leaves_no_draft(
    config: Path,
) -> None:
    config.mkdir()

    with pytest.raises(ConfigurationError) as caught:
        write_configuration(str(config), {})

    assert caught.value.message == f"{config} cannot be written: Is a directory."
    assert [path.name for path in config.parent.glob("config.toml*")] == ["config.toml"]


# -- what comes of it in a context


def open_as(state_directory: Path, **arguments: Any) -> tuple[str, str, str | None]:
    context = open_context(str(state_directory), **arguments)
    context.close()
    return context.account_id, context.region, context.organization_id


def test_account_and_region_come_from_arguments_profile_file_and_defaults(
    state_directory: Path, config: Path
) -> None:
    nothing = open_as(state_directory)
    config.write_text(FULL)

    assert nothing == ("000000000000", "us-east-1", None)
    assert open_as(state_directory) == ("111122223333", "eu-west-1", "o-abc123")
    assert open_as(state_directory, profile="partner") == (
        "999999999999",
        "us-gov-west-1",
        "o-1",
    )
    assert open_as(state_directory, profile="unknown")[0] == "111122223333"
    assert open_as(
        state_directory, profile="partner", account_id="2" * 12, region="x-y"
    ) == ("222222222222", "x-y", "o-1")


def test_quotas_of_the_file_come_before_the_regions_and_the_defaults(
    state_directory: Path, config: Path
) -> None:
    config.write_text("[quotas]\nrules_per_event_bus = 500\ntargets_per_rule = 7")
    context = open_context(str(state_directory), region="af-south-1")
    context.close()

    assert context.quotas == {
        **QUOTAS,
        "rules_per_event_bus": 500,
        "targets_per_rule": 7,
    }


@pytest.mark.sqlite_only
def test_relaxed_durability_reaches_the_database(
    state_directory: Path, config: Path
) -> None:
    config.write_text('durability = "normal"')

    context = open_context(str(state_directory))
    synchronous = context.store.database.execute("PRAGMA synchronous").fetchone()
    context.close()

    assert synchronous == (1,)
