"""The scanner against argparse itself, on random words."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.cli.errors import UsageError
from evcli.cli.parsing.scanner import (
    AT_MOST_ONE,
    EXPLICIT,
    MANY,
    NONE,
    Option,
    VersionRequested,
    scan,
)

OPTIONS = {
    option.name: option
    for option in (
        Option("--name"),
        Option("--name-prefix"),
        Option("--force", arity=NONE),
        Option("--no-force", "force", NONE, value=False),
        Option("--ids", arity=MANY),
        Option("--limit", is_integer=True),
        Option("--output", choices=("json", "text")),
        Option("--sample", arity=AT_MOST_ONE, value="input", choices=("input", "out")),
    )
}
# Later versions of Python treat the second `--` and values behind it otherwise.
DASHES = ["--"] if sys.version_info < (3, 12) else []
WORDS = st.sampled_from(
    [
        *OPTIONS, *DASHES, "a", "b c", "", "-", "-1", "-.5", "-1.5", "-1.", "-٣", "-1\n", "-x", "--x", "--x y", "=",
        "--na", "--name-", "--f", "--no", "--n", "--s", "--ids=1", "--ids=", "--force=",
        "--force=x", "--out=text", "--output=xml", "--limit=1", "--limit=x", "--lim",
        "json", "out", "help", "--=", "--unknown=1", "-5a", "--name=--name", "--sam=out",
    ]
)  # fmt: skip


class Refused(Exception):
    """What argparse says when it would leave the program."""


class Parser(argparse.ArgumentParser):
    """argparse as the official client uses it."""

    def error(self, message: str) -> NoReturn:
        raise Refused(message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"Found invalid choice '{value}'")


def run_argparse(words: list[str], nargs: str | None) -> Any:
    parser = Parser(add_help=False)
    parser.add_argument("--name")
    parser.add_argument("--name-prefix")
    parser.add_argument("--force", action="store_true", default=None)
    parser.add_argument("--no-force", action="store_false", dest="force", default=None)
    parser.add_argument("--ids", nargs="*")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--output", choices=("json", "text"))
    parser.add_argument("--sample", nargs="?", const="input", choices=("input", "out"))
    parser.add_argument("positional", nargs=nargs)
    try:
        found, extras = parser.parse_known_args(words)
    except Refused as error:
        message = str(error)
        if message.startswith("the following arguments are required"):
            return None
        return message.partition("\n")[0]
    values = {key: value for key, value in vars(found).items() if value is not None}
    return values.pop("positional", None), values, extras


def run_scanner(words: list[str], nargs: str | None) -> Any:
    try:
        found = scan(OPTIONS, words, is_optional=nargs == "?")
    except UsageError as error:
        return error.message.partition("\n")[0]
    if nargs is None and found.positional is None:
        return None
    return found.positional, found.values, found.extras


@pytest.mark.parametrize("nargs", ["?", None])
@settings(max_examples=1500)
@given(words=st.lists(WORDS, max_size=7))
def test_scanner_finds_what_argparse_finds(words: list[str], nargs: str | None) -> None:
    # argparse looks for the missing word last, as parse_command does.
    assert run_scanner(words, nargs) == run_argparse(words, nargs)


@settings(max_examples=500)
@given(words=st.lists(st.text(max_size=8) | WORDS, max_size=6))
def test_scanner_never_fails_otherwise_and_loses_no_word(words: list[str]) -> None:
    try:
        found = scan({}, words, is_optional=True)
    except UsageError:
        raise AssertionError("no option, nothing to refuse") from None

    kept = sorted([*found.extras, *([found.positional] if found.positional else [])])
    expected = sorted(word for word in words if word)
    expected_without_dashes = [word for word in expected if word != "--"]
    assert [word for word in kept if word and word != "--"] == expected_without_dashes


def test_exact_options_take_no_abbreviation() -> None:
    options = {"--state-dir": Option("--state-dir", exact=True)}

    found = scan(options, ["--state", "--state-dir=x", "--state-di"])

    assert (found.values, found.extras) == (
        {"state_dir": "x"},
        ["--state", "--state-di"],
    )


def test_explicit_options_take_no_word() -> None:
    options = {"--explain": Option("--explain", arity=EXPLICIT, choices=("json",))}

    found = scan(options, ["--explain", "json"])

    assert (found.values, found.positional) == ({"explain": True}, "json")


def test_version_ends_the_scan_before_later_mistakes() -> None:
    options = {
        "--version": Option("--version", arity=NONE),
        "--output": Option("--output", choices=("json",)),
    }

    with pytest.raises(VersionRequested):
        scan(options, ["--version", "--output", "xml"])


def test_a_mistake_before_version_counts() -> None:
    options = {
        "--version": Option("--version", arity=NONE),
        "--output": Option("--output", choices=("json",)),
    }

    with pytest.raises(UsageError):
        scan(options, ["--output", "xml", "--version"])
