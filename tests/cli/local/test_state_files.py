"""`evcli local export` and `evcli local import`: out, in, and what differs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context
from evcli.delivery.api_destinations.connections import DEAUTHORIZED
from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.formats import ReadOptions
from evcli.infrastructure.reading import read_files
from evcli.infrastructure.state import format_state
from evcli.operations import call as call_operation
from evcli.store.epoch import to_epoch_ms
from evcli.store.records import ApiDestination, Archive, Connection, Endpoint, Rule
from evcli.store.store import open_store
from tests.server.story import ENDPOINT as STORY_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.context import VirtualClock
    from evcli.infrastructure.description import Description
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

PATTERN = '{"source":["shop"]}'
PARTNER, OTHER = "111122223333", "444455556666"
ARN = "arn:aws:events:us-east-1:000000000000:"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
SOURCE = "aws.partner/shop.example/orders"
PAUSED = "aws.partner/shop.example/paused"
WAITING = "aws.partner/shop.example/waiting"
GONE = "aws.partner/shop.example/gone"
OAUTH = {
    "OAuthParameters": {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s3cret-oauth"},
        "AuthorizationEndpoint": "https://example.com/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {
            "BodyParameters": [
                {"Key": "scope", "Value": "write", "IsValueSecret": False},
                {"Key": "pin", "Value": "s3cret-pin", "IsValueSecret": True},
            ]
        },
    }
}
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "s3cret-key"}}
BASIC = {"BasicAuthParameters": {"Username": "u", "Password": "s3cret-basic"}}
ENDPOINT = {
    "RoutingConfig": STORY_ENDPOINT["RoutingConfig"],
    "RoleArn": "arn:aws:iam::000000000000:role/r",
    "EventBuses": [
        {"EventBusArn": f"arn:aws:events:{region}:000000000000:event-bus/orders"}
        for region in ("us-east-1", "eu-west-1")
    ],
}

# One of everything that a file holds, and what it looks like there.
SCENE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("", "", "CreateEventBus", {
        "Name": "orders", "Description": "d", "KmsKeyIdentifier": "alias/k",
        "DeadLetterConfig": {"Arn": QUEUE},
        "LogConfig": {"Level": "INFO", "IncludeDetail": "FULL"},
        "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
    }),
    ("", "", "PutPermission", {
        "EventBusName": "orders", "Action": "events:PutEvents",
        "Principal": "*", "StatementId": "s",
    }),
    ("", "", "TagResource", {
        "ResourceARN": f"{ARN}event-bus/default", "Tags": [{"Key": "x", "Value": "y"}],
    }),
    ("", "", "PutRule", {
        "Name": "big", "EventBusName": "orders", "EventPattern": PATTERN,
        "Description": "d", "RoleArn": "arn:aws:iam::000000000000:role/r",
        "Tags": [{"Key": "k", "Value": ""}],
    }),
    (PARTNER, "", "PutRule", {
        "Name": "theirs", "EventBusName": f"{ARN}event-bus/orders", "EventPattern": PATTERN,
    }),
    ("", "", "PutRule", {
        "Name": "late", "ScheduleExpression": "rate(1 day)", "State": "DISABLED",
        "EventPattern": '{\n  "source": ["a\'b"]\n}',
    }),
    ("", "", "CreateArchive", {
        "ArchiveName": "a", "EventSourceArn": f"{ARN}event-bus/orders",
        "EventPattern": PATTERN, "RetentionDays": 7, "Description": "d",
    }),
    ("", "", "CreateArchive", {
        "ArchiveName": "plain", "EventSourceArn": f"{ARN}event-bus/default",
    }),
    ("", "", "CreateConnection", {
        "Name": "oauth", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
        "AuthParameters": OAUTH, "Description": "d",
    }),
    ("", "", "CreateConnection", {
        "Name": "key", "AuthorizationType": "API_KEY", "AuthParameters": KEY,
    }),
    ("", "", "CreateConnection", {
        "Name": "off", "AuthorizationType": "BASIC", "AuthParameters": BASIC,
    }),
    ("", "", "DeauthorizeConnection", {"Name": "off"}),
    ("", "", "CreateEndpoint", {"Name": "e", **ENDPOINT}),
    ("", "eu-west-1", "CreateEventBus", {"Name": "orders"}),
    (PARTNER, "", "CreatePartnerEventSource", {"Name": SOURCE, "Account": OTHER}),
    (PARTNER, "", "CreatePartnerEventSource", {"Name": PAUSED, "Account": OTHER}),
    (PARTNER, "", "CreatePartnerEventSource", {"Name": WAITING, "Account": OTHER}),
    (OTHER, "", "CreateEventBus", {"Name": SOURCE, "EventSourceName": SOURCE}),
    (OTHER, "", "CreateEventBus", {"Name": PAUSED, "EventSourceName": PAUSED}),
    (OTHER, "", "DeactivateEventSource", {"Name": PAUSED}),
]  # fmt: skip

EXPORTED = f"""\
# State of evcli, without secrets; `evcli local import` reads it.

[000000000000.eu-west-1.event_buses.orders]

[000000000000.us-east-1.event_buses.default.tags]
x = "y"

[000000000000.us-east-1.event_buses.default.rules.http]
EventPattern = '{PATTERN}'

[000000000000.us-east-1.event_buses.default.rules.http.targets.d]
Arn = "{ARN}api-destination/d"
RoleArn = "arn:aws:iam::000000000000:role/r"

[000000000000.us-east-1.event_buses.default.rules.http.targets.q]
Arn = "{QUEUE}"

[000000000000.us-east-1.event_buses.default.rules.http.targets.q.InputTransformer]
InputTemplate = '{{"s": <s>}}'

[000000000000.us-east-1.event_buses.default.rules.http.targets.q.InputTransformer.InputPathsMap]
s = "$.source"

[000000000000.us-east-1.event_buses.default.rules.late]
ScheduleExpression = "rate(1 day)"
EventPattern = '''
{{
  "source": ["a'b"]
}}'''
State = "DISABLED"

[000000000000.us-east-1.event_buses.orders]
Description = "d"
KmsKeyIdentifier = "alias/k"
Policy = '{{"Version":"2012-10-17","Statement":[{{"Sid":"s","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"{ARN}event-bus/orders"}}]}}'

[000000000000.us-east-1.event_buses.orders.DeadLetterConfig]
Arn = "{QUEUE}"

[000000000000.us-east-1.event_buses.orders.LogConfig]
IncludeDetail = "FULL"
Level = "INFO"

[000000000000.us-east-1.event_buses.orders.tags]
a = "1"
b = "2"

[000000000000.us-east-1.event_buses.orders.rules.big]
EventPattern = '{PATTERN}'
Description = "d"
RoleArn = "arn:aws:iam::000000000000:role/r"

[000000000000.us-east-1.event_buses.orders.rules.big.tags]
k = ""

[000000000000.us-east-1.event_buses.orders.rules.theirs]
EventPattern = '{PATTERN}'
CreatedBy = "{PARTNER}"

[000000000000.us-east-1.connections.key]
AuthorizationType = "API_KEY"

[000000000000.us-east-1.connections.key.AuthParameters.ApiKeyAuthParameters]
ApiKeyName = "k"

[000000000000.us-east-1.connections.oauth]
AuthorizationType = "OAUTH_CLIENT_CREDENTIALS"
Description = "d"

[000000000000.us-east-1.connections.oauth.AuthParameters.OAuthParameters]
AuthorizationEndpoint = "https://example.com/token"
HttpMethod = "POST"

[000000000000.us-east-1.connections.oauth.AuthParameters.OAuthParameters.ClientParameters]
ClientID = "id"

[000000000000.us-east-1.connections.oauth.AuthParameters.OAuthParameters.OAuthHttpParameters]
BodyParameters = [
    {{ Key = "scope", Value = "write", IsValueSecret = false }},
    {{ Key = "pin", IsValueSecret = true }},
]

[000000000000.us-east-1.connections.off]
AuthorizationType = "BASIC"
ConnectionState = "DEAUTHORIZED"

[000000000000.us-east-1.api_destinations.d]
ConnectionArn = "{ARN}connection/key"
InvocationEndpoint = "https://example.com/"
HttpMethod = "POST"

[000000000000.us-east-1.endpoints.e]
EventBuses = [
    {{ EventBusArn = "{ARN}event-bus/orders" }},
    {{ EventBusArn = "arn:aws:events:eu-west-1:000000000000:event-bus/orders" }},
]
RoleArn = "arn:aws:iam::000000000000:role/r"

[000000000000.us-east-1.endpoints.e.RoutingConfig.FailoverConfig.Primary]
HealthCheck = "arn:aws:route53:::healthcheck/1"

[000000000000.us-east-1.endpoints.e.RoutingConfig.FailoverConfig.Secondary]
Route = "us-east-1"

[000000000000.us-east-1.archives.a]
EventSourceArn = "{ARN}event-bus/orders"
Description = "d"
EventPattern = '{PATTERN}'
RetentionDays = 7

[000000000000.us-east-1.archives.plain]
EventSourceArn = "{ARN}event-bus/default"

[{PARTNER}.us-east-1.partner_event_sources."{SOURCE}"]
Account = "{OTHER}"
State = "ACTIVE"

[{PARTNER}.us-east-1.partner_event_sources."{PAUSED}"]
Account = "{OTHER}"
State = "PENDING"

[{PARTNER}.us-east-1.partner_event_sources."{WAITING}"]
Account = "{OTHER}"

[{OTHER}.us-east-1.event_buses."{SOURCE}"]
EventSourceName = "{SOURCE}"

[{OTHER}.us-east-1.event_buses."{PAUSED}"]
EventSourceName = "{PAUSED}"
"""


@pytest.fixture
def scene(ctx: Context) -> Context:
    """A state directory with one of everything, on a clock that stands."""
    ctx.store.meta.put("clock", to_epoch_ms(ctx.clock.now()))
    for account_id, region, name, request in SCENE:
        owner = ctx.act_as(account_id or ctx.account_id, region or ctx.region)
        call_operation(owner, name, request)
    connection = call_operation(ctx, "DescribeConnection", {"Name": "key"})
    destination = call_operation(
        ctx,
        "CreateApiDestination",
        {
            "Name": "d",
            "ConnectionArn": connection["ConnectionArn"],
            "InvocationEndpoint": "https://example.com/",
            "HttpMethod": "POST",
        },
    )
    call_operation(ctx, "PutRule", {"Name": "http", "EventPattern": PATTERN})
    targets = [
        {
            "Id": "d",
            "Arn": destination["ApiDestinationArn"],
            "RoleArn": "arn:aws:iam::000000000000:role/r",
        },
        {
            "Id": "q",
            "Arn": QUEUE,
            "InputTransformer": {
                "InputPathsMap": {"s": "$.source"},
                "InputTemplate": '{"s": <s>}',
            },
        },
    ]
    call_operation(ctx, "PutTargets", {"Rule": "http", "Targets": targets})
    return ctx


@pytest.fixture
def fresh(tmp_path: Path, clock: VirtualClock) -> Iterator[Context]:
    """Another, empty state directory."""
    other = Context(store=open_store(str(tmp_path / "fresh")), clock=clock)
    yield other
    other.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a file of state goes."""
    return tmp_path / "state.toml"


def write(file: Path, text: str) -> str:
    """Write a file of state; its path."""
    file.write_text(text, encoding="utf-8")
    return str(file)


def read(path: str) -> Description:
    """What a file of state describes."""
    return read_files([path], ReadOptions("0" * 12, "us-east-1"), io.StringIO())


def dump(ctx: Context) -> list[str]:
    """Everything in a store, as SQL."""
    return list(ctx.store.database.connection.iterdump())


# -- out


def test_an_export_is_text_that_people_can_read(scene: Context) -> None:
    assert format_state(scene) == EXPORTED
    assert scene.notices == []


def test_an_empty_state_is_an_empty_file(ctx: Context) -> None:
    text = format_state(ctx)

    assert (
        text == "# State of evcli, without secrets; `evcli local import` reads it.\n\n"
    )


def test_what_is_of_a_withdrawn_event_source_is_left_out_and_told(ctx: Context) -> None:
    partner, customer = ctx.act_as(PARTNER, "us-east-1"), ctx.act_as(OTHER, "us-east-1")
    offer = {"Name": GONE, "Account": OTHER}
    call_operation(partner, "CreatePartnerEventSource", offer)
    call_operation(customer, "CreateEventBus", {"Name": GONE, "EventSourceName": GONE})
    call_operation(partner, "DeletePartnerEventSource", offer)

    text = format_state(ctx)

    assert text.count("\n") == 2
    assert ctx.notices == [
        f"The event bus arn:aws:events:us-east-1:{OTHER}:event-bus/{GONE} is left out:"
        " its partner event source was withdrawn."
    ]


def test_an_arn_of_what_was_deleted_and_made_again_keeps_its_id(ctx: Context) -> None:
    made = {"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": KEY}
    arn = call_operation(ctx, "CreateConnection", made)["ConnectionArn"]
    destination = {
        "Name": "d",
        "ConnectionArn": arn,
        "InvocationEndpoint": "https://example.com/",
        "HttpMethod": "POST",
    }
    call_operation(ctx, "CreateApiDestination", destination)
    call_operation(ctx, "DeleteConnection", {"Name": "c"})
    call_operation(ctx, "CreateConnection", made)

    assert f'ConnectionArn = "{arn}"\n' in format_state(ctx)


def test_export_writes_the_file_and_dash_is_standard_output(
    scene: Context, file: Path, evcli_command: Command
) -> None:
    written = evcli_command("local", "export", str(file))
    shown = evcli_command("local", "export", "-")

    assert (written, shown) == ((0, "", ""), (0, EXPORTED, ""))
    assert file.read_text(encoding="utf-8") == EXPORTED
    assert sorted(each.name for each in file.parent.iterdir() if each.is_file()) == [
        "state.toml"
    ]


def test_export_names_a_file_that_it_cannot_write(
    tmp_path: Path, evcli_command: Command
) -> None:
    path = tmp_path / "nope" / "state.toml"

    outcome = evcli_command("local", "export", str(path))

    assert outcome == (
        255,
        "",
        f"\nevcli: [ERROR]: {path} cannot be written: No such file or directory.\n",
    )


# -- in


def test_what_was_exported_imports_to_the_same(
    scene: Context, fresh: Context, file: Path
) -> None:
    carry_out(fresh, read(write(file, EXPORTED)))

    assert format_state(fresh) == EXPORTED
    rule = fresh.store.get(
        Rule, "0" * 12, "us-east-1", "default", "Events-Archive-plain"
    )
    assert rule is not None
    destination = fresh.store.get(ApiDestination, "0" * 12, "us-east-1", "d")
    connection = fresh.store.get(Connection, "0" * 12, "us-east-1", "key")
    assert destination is not None
    assert connection is not None
    assert destination.connection_arn == connection.arn
    (target, _) = call_operation(fresh, "ListTargetsByRule", {"Rule": "http"})[
        "Targets"
    ]
    assert target["Arn"] == destination.arn


def test_a_file_without_secrets_gets_placeholders_and_says_so(
    file: Path, evcli_command: Command, ctx: Context
) -> None:
    outcome = evcli_command("local", "import", write(file, EXPORTED), "--quiet")

    connection = ctx.store.get(Connection, "0" * 12, "us-east-1", "oauth")
    assert connection is not None
    assert (outcome.code, outcome.stdout) == (0, "")
    assert outcome.stderr.splitlines() == [
        f"The connection {name} has 'placeholder' for AuthParameters.{member}, which is"
        " not in the file; `evcli update-connection` sets the secret."
        for name, member in (
            ("key", "ApiKeyAuthParameters.ApiKeyValue"),
            ("oauth", "OAuthParameters.ClientParameters.ClientSecret"),
            ("oauth", "OAuthParameters.OAuthHttpParameters.BodyParameters.pin"),
        )
    ]
    assert connection.auth_parameters["OAuthParameters"]["ClientParameters"] == {
        "ClientID": "id",
        "ClientSecret": "placeholder",
    }


def test_secrets_in_a_file_are_taken_and_never_shown(
    file: Path, evcli_command: Command, ctx: Context
) -> None:
    text = EXPORTED.replace(
        'ApiKeyName = "k"', 'ApiKeyName = "k"\nApiKeyValue = "s3cret"'
    )

    imported = evcli_command("local", "import", write(file, text))
    difference = evcli_command("local", "diff", str(file))
    exported = evcli_command("local", "export", "-")

    connection = ctx.store.get(Connection, "0" * 12, "us-east-1", "key")
    assert connection is not None
    assert connection.auth_parameters["ApiKeyAuthParameters"]["ApiKeyValue"] == "s3cret"
    assert imported.stderr.count("The connection key ") == 0
    assert difference == (0, "", "")
    assert "s3cret" not in exported.stdout


def test_importing_again_changes_nothing_that_matters(
    scene: Context, file: Path, evcli_command: Command, clock: VirtualClock
) -> None:
    before = {
        kind: scene.store.list_records(kind)  # type: ignore[type-abstract]
        for kind in (ApiDestination, Archive, Connection, Endpoint, Rule)
    }

    outcome = evcli_command("local", "import", write(file, EXPORTED))

    assert outcome == (0, "", "Everything is as it was.\n")
    assert format_state(scene) == EXPORTED
    for kind, records in before.items():
        ids = [column for column in kind.COLUMNS if column.endswith("_id")]
        for one, other in zip(records, scene.store.list_records(kind), strict=True):
            assert [getattr(one, name) for name in ids] == [
                getattr(other, name) for name in ids
            ]
    # The secrets that were there are there.
    assert before[Connection] == scene.store.list_records(Connection)


CHANGES = [
    # Everything of the file's is set to what the file says, and what it does not say
    # goes back to the default.
    ('Description = "d"\nKmsKeyIdentifier = "alias/k"\n', ""),
    (f'[000000000000.us-east-1.event_buses.orders.DeadLetterConfig]\nArn = "{QUEUE}"\n\n', ""),
    ('IncludeDetail = "FULL"\nLevel = "INFO"', 'IncludeDetail = "NONE"\nLevel = "ERROR"'),
    ('a = "1"\nb = "2"', 'b = "3"\nc = "4"'),
    ('x = "y"', 'x = "z"'),
    ('State = "DISABLED"\n', ""),
    (f'Arn = "{QUEUE}"\n\n[000000000000.us-east-1.event_buses.default.rules.http.targets.q.InputTransformer]', f'Arn = "{QUEUE}2"\n\n[000000000000.us-east-1.event_buses.default.rules.http.targets.q.InputTransformer]'),
    (f'CreatedBy = "{PARTNER}"\n', ""),
    (f'Description = "d"\nEventPattern = \'{PATTERN}\'\nRetentionDays = 7\n', ""),
    ('AuthorizationType = "OAUTH_CLIENT_CREDENTIALS"\nDescription = "d"\n', 'AuthorizationType = "OAUTH_CLIENT_CREDENTIALS"\n'),
    ('ClientID = "id"', 'ClientID = "other"'),
    ('HttpMethod = "POST"\n\n[000000000000.us-east-1.endpoints', 'HttpMethod = "PUT"\nInvocationRateLimitPerSecond = 5\n\n[000000000000.us-east-1.endpoints'),
    ('"arn:aws:route53:::healthcheck/1"', '"arn:aws:route53:::healthcheck/2"'),
    ('State = "ACTIVE"', 'State = "PENDING"'),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0][-30:])
def test_what_a_file_names_becomes_what_it_says(
    scene: Context, file: Path, evcli_command: Command, change: tuple[str, str]
) -> None:
    assert EXPORTED.count(change[0]) == 1
    text = EXPORTED.replace(*change)
    endpoint = scene.store.get(Endpoint, "0" * 12, "us-east-1", "e")
    connection = scene.store.get(Connection, "0" * 12, "us-east-1", "oauth")
    assert endpoint is not None
    assert connection is not None

    outcome = evcli_command("local", "import", write(file, text))

    assert (outcome.code, outcome.stdout) == (0, "")
    assert " changed in " in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1
    assert format_state(scene) == text
    after = scene.store.get(Endpoint, "0" * 12, "us-east-1", "e")
    assert after is not None
    assert after.endpoint_id == endpoint.endpoint_id
    other = scene.store.get(Connection, "0" * 12, "us-east-1", "oauth")
    assert other is not None
    assert other.arn == connection.arn
    secrets = other.auth_parameters["OAuthParameters"]
    assert secrets["ClientParameters"]["ClientSecret"] == "s3cret-oauth"
    assert secrets["OAuthHttpParameters"]["BodyParameters"][1]["Value"] == "s3cret-pin"


def test_what_a_file_does_not_name_stays(
    scene: Context, file: Path, evcli_command: Command
) -> None:
    text = f'["000000000000".us-east-1.event_buses.new]\nDescription = "{"n" * 3}"\n'

    outcome = evcli_command("local", "import", write(file, text))

    said = "✔ event bus new added in 000000000000 us-east-1\n"
    assert (outcome.code, outcome.stdout) == (0, "")
    assert outcome.stderr.endswith(said)
    section = '[000000000000.us-east-1.event_buses.new]\nDescription = "nnn"\n\n'
    place = EXPORTED.index("[000000000000.us-east-1.event_buses.orders]")
    assert format_state(scene) == EXPORTED[:place] + section + EXPORTED[place:]


def test_a_connection_that_a_refused_call_deauthorised_keeps_its_parameters(
    ctx: Context, fresh: Context, file: Path
) -> None:
    made = {"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": BASIC}
    call_operation(ctx, "CreateConnection", made)
    connection = ctx.store.get(Connection, "0" * 12, "us-east-1", "c")
    assert connection is not None
    ctx.store.put(connection.replace(state=DEAUTHORIZED))
    text = format_state(ctx)

    carry_out(fresh, read(write(file, text)))

    assert "Username" in text
    assert format_state(fresh) == text


def test_archived_events_outlive_an_import(
    scene: Context, file: Path, evcli_command: Command
) -> None:
    entry = {
        "Source": "shop",
        "DetailType": "d",
        "Detail": "{}",
        "EventBusName": "orders",
    }
    call_operation(scene, "PutEvents", {"Entries": [entry]})

    evcli_command(
        "local", "import", write(file, EXPORTED.replace("Days = 7", "Days = 9"))
    )

    archive = call_operation(scene, "DescribeArchive", {"ArchiveName": "a"})
    assert (archive["EventCount"], archive["RetentionDays"]) == (1, 9)


def test_a_dash_is_standard_input(ctx: Context, evcli_command: Command) -> None:
    text = '["000000000000".us-east-1.event_buses.b]\n'

    outcome = evcli_command("local", "import", "-", "--quiet", stdin=text)

    assert outcome == (0, "", "")
    assert call_operation(ctx, "DescribeEventBus", {"Name": "b"})["Name"] == "b"


HERE = "000000000000.us-east-1"

# What is wrong with a file, and what is said behind its name.
MISTAKES = [
    ("a = ", " is not TOML: Invalid value (at end of document)."),
    ("[x.us-east-1]", ": 'x' does not fit 12 digits."),
    ("[000000000000.Here]", ": 000000000000: 'Here' does not fit ^[a-z0-9]+(-[a-z0-9]+)+$."),
    (
        f"[{HERE}.buses]",
        f": {HERE}: unknown key 'buses'; allowed are: api_destinations, archives,"
        " connections, endpoints, event_buses, partner_event_sources.",
    ),
    (
        f"[{HERE}.archives.a]\nRetention = 1",
        f": {HERE}.archives.a: unknown key 'Retention'; allowed are: Description,"
        " EventPattern, EventSourceArn, KmsKeyIdentifier, RetentionDays.",
    ),
    (
        f"[{HERE}.event_buses.b.rules.r.targets.t]\nArn = 1",
        f": {HERE}.event_buses.b.rules.r.targets.t.Arn: 1 is not of type string.",
    ),
    (
        f"[{HERE}.connections.c]\nConnectionState = 'AUTHORIZED'",
        f": {HERE}.connections.c.ConnectionState: 'AUTHORIZED' is not one of:"
        " 'DEAUTHORIZED'.",
    ),
    (
        f"[{HERE}.event_buses.b.rules.r]\nEventPattern = '{{'",
        f": {HERE}.event_buses.b.rules.r: Event pattern is not valid. Reason: Unexpected"
        " end-of-input: expected close marker for Object (start marker at [Source:"
        ' (String)"{"; line: 1, column: 1])\n at [Source: (String)"{"; line: 1, column: 2]',
    ),
    (
        f"[{HERE}.event_buses.b.rules.r]\nEventPattern = '{PATTERN}'\n"
        f"[{HERE}.event_buses.b.rules.r.targets.t]\nArn = 'q'",
        f": {HERE}.event_buses.b.rules.r.targets.t: Parameter q is not valid. Reason:"
        " Provided Arn is not in correct format.",
    ),
    (
        f"[{HERE}.event_buses.b.rules.r]\nEventPattern = '{PATTERN}'\n"
        f"[{HERE}.event_buses.b.rules.r.targets.t]\nInput = '1'",
        f": {HERE}.event_buses.b.rules.r.targets.t: Parameter validation failed:\n"
        'Missing required parameter in Targets[0]: "Arn"',
    ),
    (
        f"[{HERE}.event_buses.'a/b']",
        f": {HERE}.event_buses.a/b: Event bus name must not contain '/'.",
    ),
    (
        f"[{HERE}.connections.c]\nAuthorizationType = 'NONE'",
        f": {HERE}.connections.c: 1 validation error detected: Value 'NONE' at"
        " 'authorizationType' failed to satisfy constraint: Member must satisfy enum"
        " value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
    ),
    (
        f"[{HERE}.connections.c]\nConnectionState = 'DEAUTHORIZED'",
        f": {HERE}.connections.c: Parameter validation failed:\n"
        'Missing required parameter in input: "AuthorizationType"',
    ),
    (
        f"[{HERE}.archives.a]\nEventSourceArn = '{ARN}event-bus/nope'",
        f": {HERE}.archives.a: Event bus nope does not exist.",
    ),
    (
        f"[{HERE}.partner_event_sources.'{SOURCE}']\nState = 'ACTIVE'",
        f": {HERE}.partner_event_sources.{SOURCE}: Parameter validation failed:\n"
        'Missing required parameter in input: "Account"',
    ),
    (
        f"[{HERE}.partner_event_sources.'{SOURCE}']\nAccount = '{OTHER}'\nState = 'ACTIVE'",
        f": {HERE}.partner_event_sources.{SOURCE}: Event source {SOURCE} or event bus"
        f" {SOURCE} does not exist.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=lambda value: value[:40])
def test_a_mistake_is_named_with_file_and_key_and_nothing_happens(
    ctx: Context, file: Path, evcli_command: Command, text: str, said: str
) -> None:
    first = f'[{HERE}.event_buses.first]\nDescription = "d"\n'
    path = write(file, first + text)
    before = dump(ctx)

    outcome = evcli_command("local", "import", path)

    assert outcome == (
        253,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {path}{said}\n",
    )
    assert dump(ctx) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            (f'EventSourceArn = "{ARN}event-bus/default"', f'EventSourceArn = "{ARN}event-bus/orders"'),
            f"{HERE}.archives.plain: An archive cannot change its event bus.",
        ),
        (
            (f'EventSourceName = "{PAUSED}"', ""),
            f"{OTHER}.us-east-1.event_buses.{PAUSED}: An event bus cannot change its event source.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_change_is_refused_and_nothing_happens(
    scene: Context,
    file: Path,
    evcli_command: Command,
    change: tuple[str, str],
    said: str,
) -> None:
    before = dump(scene)
    text = EXPORTED.replace(*change).replace('x = "y"', 'x = "changed"')

    outcome = evcli_command("local", "import", write(file, text))

    assert outcome == (
        253,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {file}: {said}\n",
    )
    assert dump(scene) == before


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, evcli_command: Command
) -> None:
    path = tmp_path / "nope.toml"

    outcome = evcli_command("local", "import", str(path))

    assert outcome.code == 253
    assert f"{path} cannot be read: No such file or directory." in outcome.stderr


# -- what differs


def test_another_spelling_is_no_difference(
    scene: Context, file: Path, evcli_command: Command
) -> None:
    before = dump(scene)
    text = EXPORTED.replace(
        'HttpMethod = "POST"\n\n[000000000000.us-east-1.endpoints',
        'HttpMethod = "POST"\nInvocationRateLimitPerSecond = 300\n\n[000000000000.us-east-1.endpoints',
    ).replace('a = "1"\nb = "2"', 'b = "2" # first\na = "1"')

    outcome = evcli_command("local", "diff", write(file, text))

    assert outcome == (0, "", "")
    assert dump(scene) == before
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("argv", "code"), [(("diff",), 1), (("import", "--dry-run"), 0)]
)
def test_a_difference_is_shown_and_nothing_is_changed(
    ctx: Context, file: Path, evcli_command: Command, argv: tuple[str, ...], code: int
) -> None:
    call_operation(ctx, "CreateEventBus", {"Name": "b", "Description": "state"})
    path = write(file, f'[{HERE}.event_buses.b]\nDescription = "file"\n')
    before = dump(ctx)

    outcome = evcli_command("local", *argv, path)

    assert outcome == (
        code,
        "account 000000000000, region us-east-1\n"
        f"~ event bus b  ({path}: {HERE}.event_buses.b)\n"
        '  - Description: "state"\n'
        '  + Description: "file"\n'
        "0 to add, 1 to change, 0 to remove\n",
        "",
    )
    assert dump(ctx) == before


def test_no_file_is_left_beside_one_that_could_not_be_replaced(
    tmp_path: Path, evcli_command: Command
) -> None:
    directory = tmp_path / "taken"
    directory.mkdir()

    outcome = evcli_command("local", "export", str(directory))

    assert outcome.code == 255
    assert f"{directory} cannot be written: Is a directory." in outcome.stderr
    assert list(tmp_path.glob("taken.*")) == []
