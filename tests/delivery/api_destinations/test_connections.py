"""Which connection an ARN names. States are tested with the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evcli.delivery.api_destinations.connections import get_by_arn
from evcli.store.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]


@pytest.fixture
def arn(call: Call) -> str:
    """The ARN of a connection."""
    response = call(
        "CreateConnection",
        Name="hooks",
        AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
    )
    return str(response["ConnectionArn"])


def test_an_arn_finds_its_connection_from_every_account_and_region(
    ctx: Context, arn: str
) -> None:
    elsewhere = ctx.act_as("1" * 12, "eu-west-1")

    connection = get_by_arn(elsewhere, Connection, arn)

    assert connection is not None
    assert connection.arn == arn


@pytest.mark.parametrize(
    "change",
    [
        lambda arn: arn.rpartition("/")[0],
        lambda arn: f"{arn}0",
        lambda arn: arn.replace("hooks", "nope"),
        lambda arn: arn.replace("us-east-1", "us-east-2"),
        lambda arn: arn.replace("connection/", "api-destination/"),
        lambda arn: arn.replace("arn:aws:", "arn:aws-cn:"),
        lambda arn: "hooks",
    ],
    ids=["no id", "other id", "name", "region", "resource", "partition", "no arn"],
)
def test_any_other_arn_finds_nothing(
    ctx: Context, arn: str, change: Callable[[str], str]
) -> None:
    assert get_by_arn(ctx, Connection, change(arn)) is None
