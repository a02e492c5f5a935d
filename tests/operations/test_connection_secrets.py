"""Secrets of connections: where they are, who sees them, how they go.

Source: [doc] deauthorising removes them.
"""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import EvcliError
from evcli.operations import call as call_operation
from evcli.store.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]

SECRET = "correct-horse-battery-staple"


def item(name: str) -> dict[str, Any]:
    return {"Key": name, "Value": f"{SECRET}-{name}", "IsValueSecret": True}


HTTP_PARAMETERS = {
    "HeaderParameters": [item("h")],
    "QueryStringParameters": [item("q")],
    "BodyParameters": [item("b")],
}
PARAMETERS = {
    "BASIC": {"BasicAuthParameters": {"Username": "user", "Password": SECRET}},
    "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": SECRET}},
    "OAUTH_CLIENT_CREDENTIALS": {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": SECRET},
            "AuthorizationEndpoint": "https://auth.example.test/token",
            "HttpMethod": "POST",
            "OAuthHttpParameters": HTTP_PARAMETERS,
        }
    },
}


@pytest.fixture(params=PARAMETERS)
def create(call: Call, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Make a connection full of secrets, of each type in turn."""

    def run(name: str = "hooks") -> dict[str, Any]:
        parameters = PARAMETERS[request.param]
        return call(
            "CreateConnection",
            Name=name,
            AuthorizationType=request.param,
            AuthParameters={**parameters, "InvocationHttpParameters": HTTP_PARAMETERS},
        )

    return run


def find_secret(directory: Path) -> list[str]:
    """The files of a state directory in which the secret can be read."""
    return sorted(
        path.name
        for path in directory.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    )


def put_token(ctx: Context) -> None:
    key = (ctx.account_id, ctx.region, "hooks")
    connection = ctx.store.get(Connection, *key)
    assert connection is not None
    with ctx.store.transaction():
        ctx.store.put(connection.replace(token={"access_token": SECRET}))


def test_no_answer_holds_a_secret(call: Call, create: Callable[[str], Any]) -> None:
    answers = [
        create("hooks"),
        call("DescribeConnection", Name="hooks"),
        call("ListConnections"),
        call("UpdateConnection", Name="hooks", Description="d"),
        call("DeauthorizeConnection", Name="hooks"),
        call("DeleteConnection", Name="hooks"),
    ]

    text = json.dumps(answers, default=str)

    assert SECRET not in text


@pytest.mark.sqlite_only
def test_secrets_are_in_the_database_alone_and_only_the_owner_reads_it(
    create: Callable[[str], Any], state_directory: Path
) -> None:
    create("hooks")

    files = find_secret(state_directory)

    assert files
    assert set(files) <= {"state.db", "state.db-wal"}
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in state_directory.rglob("*")
        if path.is_file()
    }
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(state_directory.stat().st_mode) == 0o700


@pytest.mark.parametrize("operation", ["DeauthorizeConnection", "DeleteConnection"])
def test_removed_secrets_leave_the_disk(
    ctx: Context,
    call: Call,
    create: Callable[[str], Any],
    state_directory: Path,
    operation: str,
) -> None:
    create("hooks")
    put_token(ctx)

    call(operation, Name="hooks")

    assert find_secret(state_directory) == []


EMPTY = {"HeaderParameters": [], "QueryStringParameters": [], "BodyParameters": []}


def test_replaced_secrets_leave_the_disk(
    call: Call, create: Callable[[str], Any], state_directory: Path
) -> None:
    create("hooks")
    old_type = call("DescribeConnection", Name="hooks")["AuthorizationType"]
    new_type = "BASIC" if old_type != "BASIC" else "API_KEY"
    credentials = {
        "BASIC": {"BasicAuthParameters": {"Username": "u", "Password": "new"}},
        "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "new"}},
    }

    call(
        "UpdateConnection",
        Name="hooks",
        AuthorizationType=new_type,
        AuthParameters={**credentials[new_type], "InvocationHttpParameters": EMPTY},
    )

    assert find_secret(state_directory) == []


def test_a_key_that_is_changed_leaves_the_disk(
    call: Call, state_directory: Path
) -> None:
    call(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="API_KEY",
        AuthParameters=PARAMETERS["API_KEY"],
    )

    call(
        "UpdateConnection",
        Name="hooks",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyValue": "new"}},
    )

    assert find_secret(state_directory) == []


def test_many_secrets_leave_pages_that_others_use(
    call: Call, create: Callable[[str], Any], state_directory: Path
) -> None:
    names = [f"c{number:02}" for number in range(30)]
    for name in names:
        create(name)

    for name in names:
        call("DeleteConnection", Name=name)

    assert find_secret(state_directory) == []


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_a_reader_at_work_delays_the_cleaning_but_not_the_answer(
    call: Call,
    create: Callable[[str], Any],
    state_directory: Path,
    ctx: Context,
) -> None:
    create("hooks")
    with closing(sqlite3.connect(state_directory / "state.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT name FROM connections").fetchall()

        response = call("DeauthorizeConnection", Name="hooks")

        held = find_secret(state_directory)
        notices = list(ctx.notices)
    call("DeleteConnection", Name="hooks")

    assert response["ConnectionState"] == "DEAUTHORIZING"
    assert held  # The reader's snapshot still has it.
    assert notices == [
        f"{state_directory} is being read, so its files hold the removed secrets until"
        " the next change of a connection, or until nobody has it open."
    ]
    assert (find_secret(state_directory), ctx.notices) == ([], notices)


@pytest.fixture
def reader(state_directory: Path, ctx: Context) -> Iterator[sqlite3.Connection]:
    """The database, opened by somebody else."""
    with closing(sqlite3.connect(state_directory / "state.db")) as database:
        yield database


@pytest.mark.sqlite_only
def test_deauthorizing_clears_every_column_that_held_a_secret(
    ctx: Context,
    call: Call,
    create: Callable[[str], Any],
    reader: sqlite3.Connection,
) -> None:
    create("hooks")
    put_token(ctx)

    call("DeauthorizeConnection", Name="hooks")

    row = reader.execute(
        "SELECT auth_parameters, secret_arn, token FROM connections"
    ).fetchone()
    assert row == ("{}", None, None)


BROKEN = [
    {"BasicAuthParameters": {"Username": "user", "Password": f"{SECRET}:"}},
    {"BasicAuthParameters": {"Username": "user", "Password": SECRET * 20}},
    {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": f"{SECRET}\n"}},
    {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": f"{SECRET}:"},
            "AuthorizationEndpoint": "https://auth.example.test/token",
            "HttpMethod": "POST",
        }
    },
    *(
        {
            **PARAMETERS["BASIC"],
            "InvocationHttpParameters": {
                name: [{"Key": "k", "Value": f"{SECRET}\x00"}]
            },
        }
        for name in ("HeaderParameters", "QueryStringParameters")
    ),
]


@pytest.mark.parametrize("parameters", BROKEN)
@pytest.mark.parametrize("operation", ["CreateConnection", "UpdateConnection"])
def test_a_refusal_shows_stars_for_a_secret_that_breaks_the_rules(
    ctx: Context, operation: str, parameters: dict[str, Any]
) -> None:
    request = {
        "Name": "hooks",
        "AuthorizationType": "BASIC",
        "AuthParameters": parameters,
    }

    with pytest.raises(EvcliError) as caught:
        call_operation(ctx, operation, request)

    assert "Value '***' at 'authParameters." in caught.value.message
    assert SECRET not in caught.value.message


def test_the_clients_report_shows_stars_too(ctx: Context) -> None:
    request = {
        "Name": "hooks",
        "AuthorizationType": "BASIC",
        "AuthParameters": {
            "BasicAuthParameters": {"Username": "user", "Password": [SECRET]}
        },
    }

    with pytest.raises(EvcliError) as caught:
        call_operation(ctx, "CreateConnection", request)

    assert caught.value.message == (
        "Parameter validation failed:\nInvalid type for parameter"
        " AuthParameters.BasicAuthParameters.Password, value: ***, type:"
        " <class 'list'>, valid types: <class 'str'>"
    )


def test_a_list_that_is_too_long_is_printed_without_its_secrets(ctx: Context) -> None:
    request = {
        "Name": "hooks",
        "AuthorizationType": "BASIC",
        "AuthParameters": {
            **PARAMETERS["BASIC"],
            "InvocationHttpParameters": {"BodyParameters": [item("b")] * 101},
        },
    }

    with pytest.raises(EvcliError) as caught:
        call_operation(ctx, "CreateConnection", request)

    assert caught.value.message.endswith(  # [doc] the limit
        "failed to satisfy constraint: Member must have length less than or equal to 100"
    )
    assert "key=b, value=***, isValueSecret=true" in caught.value.message
    assert SECRET not in caught.value.message
