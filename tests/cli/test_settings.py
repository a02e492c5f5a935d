"""Which of option, environment, profile and config.toml decides."""

from __future__ import annotations

import io
from configparser import Error as ConfigParserError
from configparser import RawConfigParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evcli.cli.errors import GeneralError
from evcli.cli.ini import parse_sections
from evcli.cli.output import FORMATTERS
from evcli.cli.output.error_output import find_error_format
from evcli.cli.session import (
    CliSettings,
    Session,
    has_profile,
    list_profiles,
    read_profile,
)
from evcli.errors import ConfigurationError
from evcli.store.directory.configuration_schema import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

CONFIG = """\
# A comment, and a line that is neither.
; another
[default]
region = eu-west-1
output=text

[profile work]
Region = eu-west-2
output : table
cli_pager =
s3 =
    max_concurrent_requests = 20
    region = nested
cli_timestamp_format = wire
cli_error_format = json
[profile "two words"]
region = ap-south-1
[profile]
region = no-name
[sso-session x]
  [profile indented] and more
    region = eu-west-3
    output = yaml
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a configuration file of the official client."""
    path = tmp_path / "config"
    path.write_text(CONFIG, encoding="utf-8")
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[only-here]\naws_secret_access_key = never-read\n", encoding="utf-8"
    )
    return {
        "AWS_CONFIG_FILE": str(path),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "HOME": str(tmp_path),
    }


def test_profiles_are_read_as_the_official_client_does(environ: dict[str, str]) -> None:
    assert read_profile(environ, "default") == {
        "region": "eu-west-1",
        "output": "text",
    }
    assert read_profile(environ, "work") == {
        "region": "eu-west-2",
        "output": "table",
        "cli_pager": "",
        "s3": "",
        "cli_timestamp_format": "wire",
        "cli_error_format": "json",
    }
    assert read_profile(environ, "indented") == {
        "region": "eu-west-3",
        "output": "yaml",
    }
    assert read_profile(environ, "two words") == {"region": "ap-south-1"}
    assert read_profile(environ, "x") is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "name", ["default", "work", "two words", "indented", "x", "only-here"]
)
def test_profiles_agree_with_botocore(
    name: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import botocore.session

    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)

    profiles = botocore.session.Session().full_config["profiles"]

    theirs = profiles.get(name)
    assert has_profile(environ, name) == (theirs is not None)
    if theirs is not None and name != "only-here":
        ours = read_profile(environ, name)
        assert ours == {k: "" if k == "s3" else v for k, v in theirs.items()}


# Texts whose lines are all that configparser tells apart, indented or not.
TEXTS = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "\t", "    "]),
        st.sampled_from(
            [
                "[a]",
                "[b]",
                "[",
                "[]",
                "[c] # x",
                "[d]]",
                "[e",
                "k = v",
                "K: w",
                "l=",
                "= v",
                "",
                "#",
                "; k = v",
                "word",
                "k == v",
                "m = a ; b",
                "n:=",
                "o\x0c= p",
            ]
        ),
    ).map("".join),
    max_size=7,
).map("\n".join)


@given(TEXTS)
@example(" region = no heading")
@example("[a]\n  k = v\n  l = w")
@example("[a]\nk =\n  l = nested\n\n  m = nested\nn = o")
@example("[a]\n[a]")
@example("[a]\nk = v\nK = w")
def test_files_are_parted_and_refused_as_by_configparser(text: str) -> None:
    peer = RawConfigParser(default_section="")
    try:
        peer.read_string(text)
        expected = {
            heading: {k: v.partition("\n")[0] for k, v in peer.items(heading)}
            for heading in peer.sections()
        }
    except ConfigParserError:
        expected = None

    try:
        found = parse_sections(text)
    except ValueError:
        found = None

    assert found == expected


@pytest.mark.parametrize("text", ["garbage", "[default]\nregion", "[a]\n[a]\n"])
def test_a_file_of_another_form_is_refused(
    text: str, tmp_path: Path, evcli_command: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tmp_path / "config"
    path.write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))

    assert evcli_command("list-rules") == (
        255,
        "",
        f"\nevcli: [ERROR]: Unable to parse config file: {path}\n",
    )


def test_a_profile_may_stand_in_the_credentials_file(environ: dict[str, str]) -> None:
    assert has_profile(environ, "only-here")
    assert not has_profile(environ, "nowhere")
    assert list_profiles(environ) == [
        "default", "work", "two words", "indented", "only-here",
    ]  # fmt: skip


def test_the_default_profile_needs_no_file(tmp_path: Path) -> None:
    assert has_profile({"HOME": str(tmp_path)}, "default")


def test_files_are_looked_for_at_home(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nregion = r\n")

    assert read_profile({"HOME": str(tmp_path)}, "default") == {"region": "r"}


@pytest.mark.parametrize(
    ("options", "variables", "region"),
    [
        ({}, {}, "eu-west-1"),
        ({"profile": "work"}, {}, "eu-west-2"),
        ({}, {"AWS_PROFILE": "work"}, "eu-west-2"),
        ({}, {"AWS_DEFAULT_PROFILE": "work"}, "eu-west-2"),
        ({"profile": "two words"}, {"AWS_PROFILE": "work"}, "ap-south-1"),
        ({"profile": "only-here"}, {}, None),
        ({}, {"AWS_DEFAULT_REGION": "d"}, "d"),
        ({}, {"AWS_REGION": "r", "AWS_DEFAULT_REGION": "d"}, "r"),
        ({}, {"AWS_REGION": ""}, "eu-west-1"),
        ({"region": "o"}, {"AWS_REGION": "r"}, "o"),
        ({"region": ""}, {"AWS_REGION": "r"}, "r"),
    ],
)
def test_region_is_taken_from_the_first_that_says_one(
    options: dict[str, str],
    variables: dict[str, str],
    region: str | None,
    environ: dict[str, str],
) -> None:
    settings = CliSettings(options, {**environ, **variables})

    assert settings.region == region


@pytest.mark.parametrize(
    ("options", "variables", "output"),
    [
        ({}, {}, "text"),
        ({}, {"AWS_DEFAULT_OUTPUT": "yaml"}, "yaml"),
        ({"output": "json"}, {"AWS_DEFAULT_OUTPUT": "yaml"}, "json"),
        ({"profile": "two words"}, {"AWS_OUTPUT": "yaml"}, None),
    ],
)
def test_output_is_taken_from_the_first_that_says_one(
    options: dict[str, str],
    variables: dict[str, str],
    output: str | None,
    environ: dict[str, str],
) -> None:
    assert CliSettings(options, {**environ, **variables}).output == output


@pytest.mark.parametrize(
    ("options", "variables", "error_format"),
    [
        ({}, {}, "enhanced"),
        ({"profile": "work"}, {}, "json"),
        ({"profile": "work"}, {"AWS_CLI_ERROR_FORMAT": "text"}, "text"),
        ({"cli_error_format": "yaml"}, {"AWS_CLI_ERROR_FORMAT": "text"}, "yaml"),
        ({}, {"AWS_CLI_ERROR_FORMAT": "xml"}, "enhanced"),
    ],
)
def test_error_format_is_taken_from_the_first_that_says_one(
    options: dict[str, str],
    variables: dict[str, str],
    error_format: str,
    environ: dict[str, str],
) -> None:
    assert find_error_format(options, {**environ, **variables}) == error_format


def test_the_profile_says_how_times_and_pages_look(environ: dict[str, str]) -> None:
    settings = CliSettings({"profile": "work"}, environ)

    assert (settings.timestamp_format, settings.pager) == ("wire", "")


def test_an_unknown_timestamp_format_is_a_setting_error(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("[default]\ncli_timestamp_format = foo\n")

    with pytest.raises(ConfigurationError) as caught:
        CliSettings({}, {"AWS_CONFIG_FILE": str(path)})

    assert caught.value.message == (
        'Unknown cli_timestamp_format value: foo, valid values are "wire" or "iso8601"'
    )


def test_an_account_has_twelve_digits(environ: dict[str, str]) -> None:
    assert (
        CliSettings({}, {**environ, "EVCLI_ACCOUNT_ID": "1" * 12}).account_id
        == "1" * 12
    )
    with pytest.raises(ConfigurationError, match="12 digits"):
        CliSettings({}, {**environ, "EVCLI_ACCOUNT_ID": "12"})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(GeneralError) as caught:
        read_profile({"AWS_CONFIG_FILE": str(path)}, "default")

    assert caught.value.message == f"Unable to parse config file: {path}"


@pytest.mark.parametrize("name", ["a", "a-b-1", "A", "x" * 63])
def test_regions_of_one_label_pass(name: str) -> None:
    CliSettings({"region": name}, {}).check_region()


@pytest.mark.parametrize(
    "name", ["a b", "-a", "a-", "123", "x" * 64, "a.b", "ä", "a\n"]
)
def test_regions_that_no_host_could_have_are_refused(name: str) -> None:
    with pytest.raises(GeneralError) as caught:
        CliSettings({"region": name}, {}).check_region()

    assert caught.value.message == (
        f"Provided region_name '{name}' doesn't match a supported format."
    )


def make_session(environ: dict[str, str], options: dict[str, Any]) -> Session:
    session = Session(io.StringIO(), io.StringIO(), io.StringIO(), environ)
    session.options = options
    session.load_settings()
    return session


def test_a_profile_of_config_toml_is_known_and_acts_as_its_account(
    state_directory: Path, environ: dict[str, str]
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "config.toml").write_text(
        '[profiles.partner]\naccount = "111122223333"\nregion = "us-west-2"\n'
        'output = "yaml"\n'
    )
    environ["EVCLI_STATE_DIR"] = str(state_directory)
    session = make_session(environ, {"profile": "partner"})

    session.check_profile()
    ctx = session.open_context()
    output = session.find_output(ctx.configuration)
    ctx.close()

    assert (ctx.account_id, ctx.region, output) == ("111122223333", "us-west-2", "yaml")


def test_a_profile_that_no_file_knows_is_refused(
    state_directory: Path, environ: dict[str, str]
) -> None:
    environ["EVCLI_STATE_DIR"] = str(state_directory)
    session = make_session(environ, {"profile": "nope"})

    with pytest.raises(GeneralError) as caught:
        session.check_profile()

    assert caught.value.message == "The config profile (nope) could not be found"
    assert not state_directory.exists()


def test_the_option_goes_before_config_toml(
    state_directory: Path, environ: dict[str, str]
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "config.toml").write_text(
        'account = "111122223333"\nregion = "us-west-2"\n'
    )
    environ["EVCLI_STATE_DIR"] = str(state_directory)
    environ["EVCLI_ACCOUNT_ID"] = "4" * 12
    session = make_session(environ, {"region": "eu-central-1"})

    ctx = session.open_context()
    ctx.close()

    assert (ctx.account_id, ctx.region) == ("4" * 12, "eu-central-1")


def test_without_any_setting_account_and_region_have_defaults(
    evcli_command: Callable[..., Outcome],
) -> None:
    outcome = evcli_command(
        "put-rule", "--name", "r", "--event-pattern", '{"source":["a"]}',
        "--query", "RuleArn", "--output", "text",
    )  # fmt: skip

    assert outcome == (0, "arn:aws:events:us-east-1:000000000000:rule/r\n", "")


def test_a_profile_may_leave_checks_to_the_service(
    evcli_command: Callable[..., Outcome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "config"
    path.write_text("[default]\nparameter_validation = false\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))

    outcome = evcli_command("put-rule", "--name", "")

    assert outcome.code == 254
    assert "(ValidationException) when calling the PutRule operation" in outcome.stderr


def test_config_toml_takes_the_formats_that_the_option_takes() -> None:
    assert OUTPUT["enum"] == [*FORMATTERS]
