"""The same stack, written in every format, is the same description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.changes import list_changes
from evcli.infrastructure.state import omit_defaults
from tests.infrastructure.conftest import ACCOUNT, REGION, SAMPLES, read, to_table

if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.infrastructure.description import Description

SCOPE = f"{ACCOUNT} {REGION}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:same-resize"
# Format → file, and which stack of it.
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "cloudformation": ("same/template.yaml", {}),
    "sam": ("same/sam.yaml", {}),
    "cdk": ("cdk/cdk.out", {"stack_name": "Same"}),
    "terraform": ("same/plan.json", {}),
    "serverless": ("same/serverless", {}),
    "toml": ("same/state.toml", {}),
}
EXPECTED = {
    f"{SCOPE} event_bus same-orders": {"Description": "What customers order"},
    f"{SCOPE} archive same-archive": {
        "EventSourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/same-orders",
        "Description": "A week of orders",
        "EventPattern": {"source": ["shop"]},
        "RetentionDays": 7,
    },
    f"{SCOPE} rule same-orders/same-big": {
        "EventPattern": {
            "source": ["shop"],
            "detail-type": ["order placed"],
            "detail": {"total": [{"numeric": [">=", 10]}]},
        },
    },
    f"{SCOPE} target same-orders/same-big/Target0": {
        "Arn": FUNCTION,
        "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:same-dead"},
        "RetryPolicy": {
            "MaximumRetryAttempts": 3,
            "MaximumEventAgeInSeconds": 3600,
        },
    },
    f"{SCOPE} rule default/same-often": {
        "ScheduleExpression": "rate(5 minutes)",
        "State": "DISABLED",
    },
    f"{SCOPE} target default/same-often/Target0": {
        "Arn": FUNCTION,
        "Input": '{"job":"often"}',
    },
}


def read_format(name: str) -> Description:
    file, options = FORMATS[name]
    return read(SAMPLES / file, **options)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_description(name: str) -> None:
    description = read_format(name)

    table = {
        key: omit_defaults(key.split()[2], members)
        for key, members in to_table(description).items()
        # Only a file of state says of the policies and of the default event bus.
        if members or key.split()[2] not in ("policy", "event_bus")
    }
    assert table == EXPECTED
    assert (description.notes, description.remarks) == ([], [])


@pytest.mark.parametrize("name", FORMATS)
def test_what_one_format_made_no_other_would_change(ctx: Context, name: str) -> None:
    carry_out(ctx, read_format("cloudformation"))

    assert list_changes(ctx, read_format(name)) == []
