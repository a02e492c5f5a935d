"""What holds for every operation, by `INDEX`: known everywhere, answers and errors as
declared, nothing half done.

Two ways: a table of requests for each operation, which must reach every error that can
happen offline, and a few thousand random requests in a row. That the examples of an
operation run, and that its page, its options and the server's clients say the same, has
tests of its own: `cli/help/test_pages.py`, `cli/test_commands.py`,
`cli/completion/test_candidates.py`, `server/test_clients.py`.
"""

from __future__ import annotations

import io
import json
import os
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run as run_command
from evcli.errors import ParamValidationError, ServiceError
from evcli.model import INDEX, find_operation, shapes
from evcli.model.names import to_kebab_case, to_snake_case
from evcli.operations import call as call_operation
from evcli.operations import load_handlers
from evcli.server.protocol import respond
from evcli.store.records import Connection, EventSource
from tests.responses import check_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context
    from evcli.model.shapes import Operation, Shape

FAMILIES = sorted({family for family, _ in INDEX.values()})
each_operation = pytest.mark.parametrize("name", INDEX)

# Declared, but there is nobody offline who could cause them.
NEVER = {
    "ConcurrentModificationException",
    "InternalException",
    "OperationDisabledException",
    "ThrottlingException",
}
# Any operation may answer these, so the model declares them nowhere.
ALWAYS = {"InvalidToken", "SerializationException", "ValidationException"}
# [guess] Too many tags are too many of something, and an event bus's policy may keep
# anybody out, though the model declares no code.
UNDECLARED = {
    "PutEvents": {"AccessDeniedException"},
    "TagResource": {"LimitExceededException"},
}
# Declared, but evcli never answers these: no recording or documentation says when, or it
# is about what evcli never looks up or counts, such as customer keys, private networks,
# and event sources that one partner offers.
UNREACHED = {
    "CreateArchive": {"LimitExceededException"},
    "DescribeArchive": {"ResourceAlreadyExistsException"},
    "UpdateArchive": {"LimitExceededException"},
    "StartReplay": {"InvalidEventPatternException"},
    "CreateConnection": {"AccessDeniedException", "ResourceNotFoundException"},
    "UpdateConnection": {"AccessDeniedException", "LimitExceededException"},
    "CreatePartnerEventSource": {"LimitExceededException"},
}

ARN = "arn:aws:events:us-east-1:000000000000:"
ELSEWHERE = "arn:aws:events:us-east-1:222222222222:"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q"
SOURCE = "aws.partner/shop.example/orders/eu"
GONE = "aws.partner/shop.example/orders/gone"
PATTERN = '{"source":["shop"]}'
TARGET = {"Id": "1", "Arn": QUEUE_ARN}
TAGS = [{"Key": "k", "Value": "v"}]
TOO_MANY_TAGS = [{"Key": f"k{i}", "Value": ""} for i in range(51)]
STATEMENT = {"Action": "events:PutEvents", "Principal": "*", "StatementId": "s"}

BUS_ARN = f"{ARN}event-bus/default"
START = {
    "ReplayName": "new",
    "EventSourceArn": f"{ARN}archive/a",
    "EventStartTime": 0,
    "EventEndTime": 60,
    "Destination": {"Arn": BUS_ARN},
}

BASIC = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
ROUTING = {
    "FailoverConfig": {
        "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/0a"},
        "Secondary": {"Route": "us-west-2"},
    }
}
BUSES = [
    {"EventBusArn": f"arn:aws:events:{region}:000000000000:event-bus/b"}
    for region in ("us-east-1", "us-west-2")
]
ENDPOINT = {
    "RoutingConfig": ROUTING,
    "EventBuses": BUSES,
    "ReplicationConfig": {"State": "DISABLED"},
}
CONNECTION_ID = "00000000-0000-4000-8000-000000000000"
CONNECTION_ARN = f"{ARN}connection/one/{CONNECTION_ID}"
NO_ARN = f"{ARN}connection/nope/{CONNECTION_ID}"
SOURCES = "aws.partner/example.com/shop/"
ACCOUNT = {"Account": "0" * 12}
PREFIX = {"NamePrefix": SOURCES}
ENTRY = {"Source": "shop", "DetailType": "t", "Detail": "{}"}
EVENT = {
    "id": "1",
    "account": "0" * 12,
    "source": "shop",
    "time": "2024-05-14T11:23:22Z",
    "region": "us-east-1",
    "detail-type": "t",
}
NAMED = [{"Name": "one"}, {"Name": "nope"}]
PAGED: list[dict[str, Any]] = [{}, {"Limit": 1}, {"NextToken": "bad"}]


def make_destination(arn: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "ConnectionArn": arn,
        "InvocationEndpoint": "https://hooks.example.test/",
        "HttpMethod": "POST",
        **changes,
    }


def make_connection(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "AuthorizationType": "BASIC",
        "AuthParameters": BASIC,
        **changes,
    }


# Requests in the world of `world`, by operation.
REQUESTS: dict[str, list[dict[str, Any]]] = {
    "CreateEventBus": [
        {"Name": "new", "Description": "d", "Tags": TAGS},
        {"Name": SOURCE, "EventSourceName": SOURCE},
        {"Name": "b"},
        {"Name": GONE, "EventSourceName": GONE},
        {"Name": f"{SOURCE}/x", "EventSourceName": f"{SOURCE}/x"},
        {"Name": "newer", "Tags": TOO_MANY_TAGS},
        {"Name": "aws.x"},
    ],
    "DeleteEventBus": [{"Name": "empty"}, {"Name": "b"}, {"Name": "nope"}],
    "DescribeEventBus": [{}, {"Name": "b"}, {"Name": "nope"}],
    "ListEventBuses": [{}, {"Limit": 1}, {"NextToken": "bad"}],
    "UpdateEventBus": [
        {"Description": "d", "LogConfig": {"Level": "INFO", "IncludeDetail": "NONE"}},
        {"Name": "nope"},
    ],
    "PutPermission": [
        STATEMENT,
        {"Policy": "{}"},
        {"Policy": '{"Id":"' + "x" * 10_240 + '"}'},
        {**STATEMENT, "EventBusName": "nope"},
        {"Policy": "{"},
    ],
    "RemovePermission": [
        {"StatementId": "there", "EventBusName": "b"},
        {"RemoveAllPermissions": True, "EventBusName": "b"},
        {"StatementId": "nope"},
        {},
    ],
    "PutRule": [
        {"Name": "new", "EventPattern": PATTERN, "Tags": TAGS},
        {"Name": "r", "ScheduleExpression": "rate(1 hour)"},
        {"Name": "new", "EventPattern": "{"},
        {"Name": "new", "EventPattern": PATTERN, "EventBusName": "nope"},
        {"Name": "managed", "EventPattern": PATTERN},
        {"Name": "newer", "EventPattern": PATTERN, "Tags": TOO_MANY_TAGS},
        {"Name": "new"},
    ],
    "DescribeRule": [{"Name": "r"}, {"Name": "managed"}, {"Name": "nope"}],
    "ListRules": [{}, {"Limit": 1}, {"EventBusName": "nope"}, {"NextToken": "bad"}],
    "ListRuleNamesByTarget": [
        {"TargetArn": QUEUE_ARN},
        {"TargetArn": QUEUE_ARN, "Limit": 1},
        {"TargetArn": QUEUE_ARN, "EventBusName": "nope"},
    ],
    "EnableRule": [{"Name": "r"}, {"Name": "nope"}, {"Name": "managed"}],
    "DisableRule": [{"Name": "r"}, {"Name": "nope"}, {"Name": "managed"}],
    "DeleteRule": [
        {"Name": "bare"},
        {"Name": "r"},
        {"Name": "managed"},
        {"Name": "r", "EventBusName": "nope"},
    ],
    "PutTargets": [
        {"Rule": "r", "Targets": [TARGET]},
        {"Rule": "r", "Targets": [{**TARGET, "Id": str(i)} for i in range(6)]},
        {"Rule": "nope", "Targets": [TARGET]},
        {"Rule": "managed", "Targets": [TARGET]},
        {"Rule": "r", "Targets": [{**TARGET, "Input": "{"}]},
    ],
    "RemoveTargets": [
        {"Rule": "r", "Ids": ["1"]},
        {"Rule": "nope", "Ids": ["1"]},
        {"Rule": "managed", "Ids": ["1"]},
    ],
    "ListTargetsByRule": [{"Rule": "r"}, {"Rule": "r", "Limit": 1}, {"Rule": "nope"}],
    "TagResource": [
        {"ResourceARN": f"{ARN}rule/r", "Tags": TAGS},
        {"ResourceARN": f"{ARN}rule/nope", "Tags": TAGS},
        {"ResourceARN": f"{ARN}rule/managed", "Tags": TAGS},
        {"ResourceARN": f"{ARN}rule/r", "Tags": TOO_MANY_TAGS},
    ],
    "UntagResource": [
        {"ResourceARN": f"{ARN}rule/r", "TagKeys": ["k"]},
        {"ResourceARN": f"{ARN}rule/nope", "TagKeys": ["k"]},
        {"ResourceARN": f"{ARN}rule/managed", "TagKeys": ["k"]},
    ],
    "ListTagsForResource": [
        {"ResourceARN": f"{ARN}event-bus/b"},
        {"ResourceARN": f"{ARN}event-bus/nope"},
        {"ResourceARN": "nope"},
    ],
    "CreateArchive": [
        {
            "ArchiveName": "new",
            "EventSourceArn": BUS_ARN,
            "EventPattern": PATTERN,
            "RetentionDays": 1,
        },
        {"ArchiveName": "a", "EventSourceArn": BUS_ARN},
        {"ArchiveName": "newer", "EventSourceArn": f"{ARN}event-bus/nope"},
        {"ArchiveName": "newer", "EventSourceArn": BUS_ARN, "EventPattern": "{"},
    ],
    "DescribeArchive": [{"ArchiveName": "a"}, {"ArchiveName": "nope"}],
    "ListArchives": [
        {},
        {"EventSourceArn": BUS_ARN, "Limit": 1},
        {"EventSourceArn": f"{ARN}event-bus/nope"},
        {"NextToken": "bad"},
        {"NamePrefix": "a", "State": "ENABLED"},
    ],
    "UpdateArchive": [
        {"ArchiveName": "a", "EventPattern": PATTERN, "RetentionDays": 1},
        {"ArchiveName": "a", "EventPattern": "{"},
        {"ArchiveName": "nope", "RetentionDays": 1},
        {"ArchiveName": "a"},
    ],
    "DeleteArchive": [{"ArchiveName": "a"}, {"ArchiveName": "nope"}],
    "StartReplay": [
        START,
        {**START, "EventEndTime": 0},
        {**START, "ReplayName": "p"},
        {**START, "Destination": {"Arn": f"{ARN}event-bus/nope"}},
        # The third one under way.
        {**START, "ReplayName": "newer"},
    ],
    "DescribeReplay": [{"ReplayName": "p"}, {"ReplayName": "nope"}],
    "ListReplays": [
        {},
        {"EventSourceArn": f"{ARN}archive/a", "Limit": 1},
        {"NextToken": "bad"},
        {"NamePrefix": "p", "State": "STARTING"},
    ],
    "CancelReplay": [{"ReplayName": "p"}, {"ReplayName": "p"}, {"ReplayName": "nope"}],
    "CreateConnection": [
        make_connection("two"),
        make_connection("one"),
        make_connection("three"),
        make_connection("two", AuthParameters={}),
    ],
    "UpdateConnection": [
        {"Name": "one", "AuthParameters": BASIC},
        {"Name": "nope", "Description": "d"},
        {"Name": "one"},
    ],
    "DescribeConnection": NAMED,
    "DeauthorizeConnection": NAMED,
    "DeleteConnection": NAMED,
    "ListConnections": PAGED,
    "CreateApiDestination": [
        make_destination(CONNECTION_ARN, "two"),
        make_destination(CONNECTION_ARN, "one"),
        make_destination(NO_ARN, "three"),
        make_destination(CONNECTION_ARN, "three"),
        make_destination(CONNECTION_ARN, "three", InvocationEndpoint="ftp://x/"),
    ],
    "UpdateApiDestination": [
        {"Name": "one", "HttpMethod": "GET"},
        {"Name": "nope"},
        {"Name": "one", "ConnectionArn": NO_ARN},
        {"Name": "one", "InvocationRateLimitPerSecond": 301},
    ],
    "DescribeApiDestination": NAMED,
    "DeleteApiDestination": NAMED,
    "ListApiDestinations": [
        *PAGED,
        {"NamePrefix": "o", "ConnectionArn": CONNECTION_ARN},
    ],
    "CreateEndpoint": [
        {"Name": "two", **ENDPOINT},
        {"Name": "one", **ENDPOINT},
        {"Name": "three", **ENDPOINT},
        {"Name": "two", **ENDPOINT, "ReplicationConfig": {}},
    ],
    "UpdateEndpoint": [*NAMED, {"Name": "one", "ReplicationConfig": {}}],
    "DescribeEndpoint": NAMED,
    "DeleteEndpoint": NAMED,
    "ListEndpoints": [{}, {"MaxResults": 1}, {"NextToken": "bad"}],
    "CreatePartnerEventSource": [
        {"Name": f"{SOURCES}new", **ACCOUNT},
        {"Name": f"{SOURCES}waits", **ACCOUNT},
    ],
    "DeletePartnerEventSource": [
        {"Name": f"{SOURCES}active", **ACCOUNT},
        {"Name": f"{SOURCES}nope", **ACCOUNT},
    ],
    "DescribePartnerEventSource": [
        {"Name": f"{SOURCES}active"},
        {"Name": f"{SOURCES}nope"},
    ],
    "ListPartnerEventSources": [
        PREFIX,
        {**PREFIX, "Limit": 1},
        {**PREFIX, "NextToken": "bad"},
    ],
    "ListPartnerEventSourceAccounts": [
        {"EventSourceName": f"{SOURCES}gone"},
        {"EventSourceName": f"{SOURCES}nope"},
    ],
    "DescribeEventSource": [
        {"Name": f"{SOURCES}waits"},
        {"Name": f"{SOURCES}nope"},
    ],
    "ListEventSources": PAGED,
    "ActivateEventSource": [
        {"Name": f"{SOURCES}active"},
        {"Name": f"{SOURCES}waits"},
        {"Name": f"{SOURCES}gone"},
    ],
    "DeactivateEventSource": [
        {"Name": f"{SOURCES}active"},
        {"Name": f"{SOURCES}waits"},
        {"Name": f"{SOURCES}gone"},
    ],
    "PutEvents": [
        {"Entries": [ENTRY, {**ENTRY, "Detail": "["}]},
        {"Entries": [ENTRY], "EndpointId": "abcde.veo"},
        {"Entries": [{**ENTRY, "EventBusName": f"{ELSEWHERE}event-bus/default"}]},
    ],
    "PutPartnerEvents": [
        {"Entries": [{**ENTRY, "Source": f"{SOURCES}active"}]},
        {"Entries": [{**ENTRY, "Source": SOURCE, "Detail": "x" * 1_048_577}]},
    ],
    "TestEventPattern": [
        {"EventPattern": PATTERN, "Event": json.dumps(EVENT)},
        {"EventPattern": "{", "Event": json.dumps(EVENT)},
        {"EventPattern": PATTERN, "Event": "{}"},
    ],
}


@pytest.fixture
def world(
    ctx: Context,
    call: Callable[..., dict[str, Any]],
    manage: Callable[[str], None],
) -> Context:
    """Some of everything, room for one more, and rules of which one is managed."""
    for quota in ("concurrent_replays", "connections", "api_destinations", "endpoints"):
        ctx.quotas[quota] = 2
    call("CreateEventBus", Name="b", Tags=TAGS)
    call("CreateEventBus", Name="empty")
    call("PutPermission", EventBusName="b", **{**STATEMENT, "StatementId": "there"})
    call("PutRule", Name="r", EventBusName="b", EventPattern=PATTERN)
    for name in ("r", "r2", "bare", "managed"):
        call("PutRule", Name=name, EventPattern=PATTERN)
    for name in ("r", "r2"):
        call("PutTargets", Rule=name, Targets=[TARGET, {**TARGET, "Id": "2"}])
    manage("managed")
    for name in ("a", "a2"):
        call("CreateArchive", ArchiveName=name, EventSourceArn=BUS_ARN)
    call("PutEvents", Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])
    call("StartReplay", **{**START, "ReplayName": "p"})
    with ctx.store.transaction():
        for name, state in ((SOURCE, "PENDING"), (GONE, "DELETED")):
            ctx.store.put(
                EventSource(
                    region=ctx.region,
                    name=name,
                    account_id=ctx.account_id,
                    partner_account_id="9" * 12,
                    state=state,
                    created_at=datetime(2024, 5, 1, tzinfo=UTC),
                    expires_at=ctx.clock.now() + timedelta(days=1),
                )
            )
    _make_http(ctx, call)
    for name in ("waits", "active", "gone"):
        call("CreatePartnerEventSource", Name=f"{SOURCES}{name}", **ACCOUNT)
    for name in ("active", "gone"):
        full_name = f"{SOURCES}{name}"
        call("CreateEventBus", Name=full_name, EventSourceName=full_name)
    call("DeletePartnerEventSource", Name=f"{SOURCES}gone", **ACCOUNT)
    return ctx


def _make_http(ctx: Context, call: Callable[..., dict[str, Any]]) -> None:
    """A connection of a known ARN, with an API destination, and an endpoint."""
    call("CreateConnection", **make_connection("one"))
    with ctx.store.transaction():
        connection = ctx.store.get(Connection, ctx.account_id, ctx.region, "one")
        assert connection is not None
        ctx.store.put(connection.replace(connection_id=CONNECTION_ID))
    call("CreateApiDestination", **make_destination(CONNECTION_ARN, "one"))
    call("CreateEndpoint", Name="one", **ENDPOINT)


def run(ctx: Context, operation: Operation, request: dict[str, Any]) -> str:
    """Run one request; say with which code it was refused, "" for an answer.

    An answer that the operation does not declare fails the test.
    """
    try:
        response = call_operation(ctx, operation.name, request)
    except ParamValidationError:
        return "ParamValidation"
    except ServiceError as error:
        return error.code
    assert check_response(operation, response) == []
    return ""


def dump(ctx: Context) -> list[str]:
    """Everything in the store, as text."""
    database = ctx.store.database
    if not database.is_shared:
        return list(database.connection.iterdump())
    names = database.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    ).fetchall()
    return [
        f"{name}: {row}"
        for (name,) in names
        for row in database.execute(f"SELECT * FROM {name} ORDER BY 1, 2")
    ]


def run_over_http(ctx: Context, operation: Operation, request: dict[str, Any]) -> str:
    """Run one request as the server gets it; say with which code it was refused."""
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AWSEvents.{operation.name}",
    }
    body = json.dumps(request).encode()
    reply = respond(lambda *_: ctx, "POST", "/", headers, lambda: body)
    if reply.status == "200 OK":
        assert (reply.body == b"") == (operation.response is None)
        return ""
    return str(json.loads(reply.body)["__type"])


def run_evcli(*argv: str, **environ: str) -> str:
    """What a command prints that ends well."""
    stdout, stderr = io.StringIO(), io.StringIO()
    surroundings = {**os.environ, **environ}
    assert run_command(argv, io.StringIO(), stdout, stderr, surroundings) == 0
    return stdout.getvalue()


def test_there_are_requests_for_every_operation() -> None:
    assert sorted(REQUESTS) == sorted(INDEX)


@each_operation
def test_an_operation_is_known_wherever_operations_are(name: str) -> None:
    family, summary = INDEX[name]
    command = to_kebab_case(name)

    assert load_handlers(family)[name].__name__ == to_snake_case(name)
    assert run_evcli(command, "help").startswith(f"NAME\n    {command} - ")
    # What README points at for the list of operations.
    listed = run_evcli("help").split()
    assert command in listed
    assert " ".join(summary.split()) in " ".join(listed)
    candidates = run_evcli(command, EVCLI_COMPLETE="fish").splitlines()
    assert f"{command}\t{summary}" in candidates


@pytest.mark.parametrize("family", FAMILIES)
def test_handlers_and_index_are_equal(family: str) -> None:
    indexed = [name for name, (each, _) in INDEX.items() if each == family]

    assert sorted(load_handlers(family)) == sorted(indexed)


def test_an_unknown_operation_is_a_key_error(ctx: Context) -> None:
    with pytest.raises(KeyError, match="MakeCoffee"):
        call_operation(ctx, "MakeCoffee", {})


@pytest.mark.parametrize("run", [run, run_over_http], ids=["call", "HTTP"])
@each_operation
def test_errors_are_the_declared_ones_and_all_of_them(
    world: Context, name: str, run: Callable[..., str]
) -> None:
    operation = find_operation(name)

    codes = {run(world, operation, request) for request in REQUESTS[name]}

    assert "" in codes, "no request was answered"
    allowed = ALWAYS | UNDECLARED.get(name, set())
    declared = set(operation.errors) - NEVER - UNREACHED.get(name, set())
    assert codes - {""} - allowed == declared


@each_operation
def test_a_refused_request_changes_nothing(world: Context, name: str) -> None:
    operation = find_operation(name)

    for request in REQUESTS[name]:
        before = dump(world)
        if run(world, operation, request):
            assert dump(world) == before


@pytest.mark.parametrize(
    "name", [name for name in INDEX if find_operation(name).reads_only]
)
def test_an_operation_that_reads_only_writes_nothing(world: Context, name: str) -> None:
    before = dump(world)

    for request in REQUESTS[name]:
        run(world, find_operation(name), request)

    assert dump(world) == before


@pytest.mark.parametrize(
    "name", [name for name in INDEX if find_operation(name).response is None]
)
def test_an_operation_without_output_answers_nothing(world: Context, name: str) -> None:
    answer = call_operation(world, name, REQUESTS[name][0])

    assert answer == {}


# Values that mean something in `world`, or nearly, by the name of the member's shape.
POOLS: dict[str, list[Any]] = {
    "EventBusName": ["b", "default", "new", "nope", SOURCE, "a/b", "ü"],
    "EventBusNameOrArn": ["b", "default", "nope", f"{ARN}event-bus/b", "a b"],
    "NonPartnerEventBusName": ["b", "default", "nope", "a/b"],
    "EventSourceName": [SOURCE, GONE, "x"],
    "RuleName": ["r", "r2", "managed", "new", "bare", "n" * 65],
    "EventPattern": [PATTERN, '{"a":[{"prefix":"x"}]}', "{", "[]", "", "\udc80"],
    "ScheduleExpression": ["rate(1 hour)", "cron(0 1 * * ? *)", "rate(x)", ""],
    "TargetArn": [QUEUE_ARN, f"{QUEUE_ARN}.fifo", f"{ARN}event-bus/b", "q", "arn:"],
    "TargetInput": ["{}", "text", "\udc80"],
    "TargetInputPath": ["$.detail", "$["],
    "TransformerInput": ['"<a>"', "<a> x", '{"x": <aws.events.event>}', "\udc80"],
    "TargetId": ["1", "2", "3", "4", "5", "6", "!"],
    "Arn": [f"{ARN}rule/r", f"{ARN}rule/managed", f"{ARN}event-bus/b", ARN, "x", "ü:"],
    "ResourceArn": [QUEUE_ARN, "x"],
    "TagKey": ["k", "l", "aws:x", "k" * 129],
    "NextToken": ["x", "cnVsZXMKcg==", "ZXZlbnRfYnVzZXMKYg==", "dGFyZ2V0cwoxCg=="],
    "Principal": ["*", "222222222222", "x"],
    "Action": ["events:PutEvents", "events:PutRule", "x"],
    "StatementId": ["there", "s", "!"],
    "ArchiveName": ["a", "a2", "new", "nope", "n" * 49],
    "ReplayName": ["p", "q", "r", "nope", "n" * 65],
    "EventBusArn": [BUS_ARN, f"{ARN}event-bus/b", f"{ARN}event-bus/nope", "x"],
    "ArchiveArn": [f"{ARN}archive/a", f"{ARN}archive/nope", BUS_ARN, "x"],
    "Timestamp": [0, "1970-01-01", "2024-05-14T11:23:22Z", 4_000_000_000, "soon"],
    "String": ["{}", '{"Statement":[]}', "x", "\udc80", ""],
}


def make_value(chance: random.Random, shape: Shape) -> Any:
    """Make a value that has the shape's type, and often fits it."""
    if shape.kind == shapes.STRUCTURE:
        return {
            name: make_value(chance, member.shape)
            for name, member in shape.members.items()
            if chance.random() < (0.97 if member.required else 0.25)
        }
    if shape.kind == shapes.LIST:
        assert shape.element is not None
        count = chance.choice([0, 1, 1, 1, 2, 6])
        return [make_value(chance, shape.element) for _ in range(count)]
    if shape.kind == shapes.MAP:
        assert shape.value is not None
        names = chance.sample(["a", "b", "AWSx", "ü", "X-Amz-Date"], 2)
        return {name: make_value(chance, shape.value) for name in names}
    if shape.kind == shapes.BOOLEAN:
        return chance.random() < 0.5
    if shape.kind in (shapes.INTEGER, shapes.LONG):
        return chance.choice([0, 1, 2, 60, 101])
    return chance.choice(POOLS.get(shape.name) or [*shape.enum, "text"])


@pytest.mark.parametrize("seed", range(4))
def test_random_requests_meet_declared_answers_and_errors_only(
    world: Context, seed: int
) -> None:
    chance = random.Random(seed)
    answered = 0

    for _ in range(700):
        operation = find_operation(chance.choice(list(INDEX)))
        request = make_value(chance, operation.request)
        code = run(world, operation, request)
        answered += not code
        allowed = {*operation.errors, *ALWAYS, *UNDECLARED.get(operation.name, ())}
        assert code in {"", "ParamValidation", *allowed} - NEVER, request

    # Else the requests are so bad that the test says little.
    assert answered > 100
