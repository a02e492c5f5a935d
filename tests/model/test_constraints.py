"""The service's layer: what EventBridge answers to values that its model forbids.

Texts are those recorded from the service [aws] wherever the mark says so; the
others follow the phrases that AWS services share [guess].
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.errors import SerializationException, ValidationException
from evcli.model import INDEX, find_operation
from evcli.model.check import check_request
from tests.responses import check_response

NAME = r"[\.\-_A-Za-z0-9]+"
BUS_NAME = r"[/\.\-_A-Za-z0-9]+"
CONNECTION_ARN = (
    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?"
    r":connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$"
)
ENTRY_BUS = (
    r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?"
    r"[\.\-_A-Za-z0-9]+"
)
HEADER_NAME = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$"
HEADER_VALUE = r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$"
HEADER_KEY = r"^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$"
AUTHORIZATION_TYPES = "[BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/default"
DESTINATION = {
    "Name": "d",
    "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/c/1-2",
    "InvocationEndpoint": "https://example.test/",
    "HttpMethod": "POST",
}
TARGET = {"Id": "1", "Arn": "arn:x"}


def say(value: str, path: str, phrase: str) -> str:
    return (
        f"Value {value} at '{path}' failed to satisfy constraint: Member must {phrase}"
    )


def match(regex: str) -> str:
    return f"satisfy regular expression pattern: {regex}"


def basic(username: str, password: str) -> dict[str, Any]:
    parameters = {"Username": username, "Password": password}
    return {
        "Name": "c",
        "AuthorizationType": "BASIC",
        "AuthParameters": {"BasicAuthParameters": parameters},
    }


ITEMS: list[tuple[str, dict[str, Any], list[str]]] = [
    # [aws] regex
    (
        "CreateConnection",
        {**basic("u", "p"), "Name": "Invalid Name With Spaces!"},
        [say("'Invalid Name With Spaces!'", "name", match(NAME))],
    ),
    # [aws] regex before length, enum of a later member last
    (
        "CreateConnection",
        {**basic("u", "p"), "Name": "!" * 65, "AuthorizationType": "X"},
        [
            say(f"'{'!' * 65}'", "name", match(NAME)),
            say(f"'{'!' * 65}'", "name", "have length less than or equal to 64"),
            say(
                "'X'",
                "authorizationType",
                f"satisfy enum value set: {AUTHORIZATION_TYPES}",
            ),
        ],
    ),
    # [aws] the order of this enum is the service's own
    (
        "CreateApiDestination",
        {
            **DESTINATION,
            "HttpMethod": "INVALID_METHOD",
            "ConnectionArn": "invalid-connection-arn",
            "InvocationEndpoint": "invalid-endpoint",
        },
        [
            say("'invalid-connection-arn'", "connectionArn", match(CONNECTION_ARN)),
            say(
                "'INVALID_METHOD'",
                "httpMethod",
                "satisfy enum value set: "
                "[HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]",
            ),
        ],
    ),
    # [peer] and this one too
    (
        "ListReplays",
        {"State": "BAD"},
        [
            say(
                "'BAD'",
                "state",
                "satisfy enum value set: "
                "[CANCELLED, CANCELLING, COMPLETED, FAILED, RUNNING, STARTING]",
            )
        ],
    ),
    # [aws] list of structures
    (
        "PutTargets",
        {"Rule": "r", "Targets": [{**TARGET, "Id": "!"}]},
        [say("'!'", "targets.1.member.id", match(NAME))],
    ),
    # [aws]
    (
        "PutTargets",
        {"Rule": "r", "Targets": [TARGET, {**TARGET, "Id": "i" * 65}]},
        [
            say(
                f"'{'i' * 65}'",
                "targets.2.member.id",
                "have length less than or equal to 64",
            )
        ],
    ),
    # [aws] a rule ARN as rule
    (
        "PutTargets",
        {"Rule": "arn:aws:events:us-east-1:1:rule/R", "Targets": [TARGET]},
        [say("'arn:aws:events:us-east-1:1:rule/R'", "rule", match(NAME))],
    ),
    # [doc] with [aws]
    (
        "DeleteEventBus",
        {"Name": BUS_ARN},
        [say(f"'{BUS_ARN}'", "name", match(BUS_NAME))],
    ),
    # [aws]
    (
        "PutEvents",
        {"Entries": [{"EventBusName": "aws.partner/a/b"}]},
        [say("'aws.partner/a/b'", "entries.1.member.eventBusName", match(ENTRY_BUS))],
    ),
    # [aws]
    (
        "PutPermission",
        {"StatementId": "s" * 65},
        [say(f"'{'s' * 65}'", "statementId", "have length less than or equal to 64")],
    ),
    # [guess] values
    (
        "ListRules",
        {"Limit": 101},
        [say("'101'", "limit", "have value less than or equal to 100")],
    ),
    # [guess] nested structures
    (
        "PutTargets",
        {
            "Rule": "r",
            "Targets": [{**TARGET, "RetryPolicy": {"MaximumRetryAttempts": 186}}],
        },
        [
            say(
                "'186'",
                "targets.1.member.retryPolicy.maximumRetryAttempts",
                "have value less than or equal to 185",
            )
        ],
    ),
    # [guess] list of scalars
    (
        "RemoveTargets",
        {"Rule": "r", "Ids": ["ok", "!", "?"]},
        [
            say(
                "'[ok, !, ?]'",
                "ids",
                "satisfy constraint: [Member must have length less than or equal to 64,"
                " Member must have length greater than or equal to 1,"
                f" Member must {match(NAME)}]",
            )
        ],
    ),
    # [guess] a list's own length, then its elements
    (
        "RemoveTargets",
        {"Rule": "r", "Ids": ["!"] * 101},
        [
            say(
                f"'[{', '.join('!' * 101)}]'",
                "ids",
                "have length less than or equal to 100",
            ),
            say(
                f"'[{', '.join('!' * 101)}]'",
                "ids",
                "satisfy constraint: [Member must have length less than or equal to 64,"
                " Member must have length greater than or equal to 1,"
                f" Member must {match(NAME)}]",
            ),
        ],
    ),
    # [guess] maps
    (
        "PutTargets",
        {
            "Rule": "r",
            "Targets": [
                {**TARGET, "HttpParameters": {"HeaderParameters": {"a:b": "é"}}}
            ],
        },
        [
            "Value '{a:b=é}' at 'targets.1.member.httpParameters.headerParameters' "
            "failed to satisfy constraint: Map keys must satisfy constraint: "
            "[Member must have length less than or equal to 512, "
            f"Member must {match(HEADER_KEY)}]",
            "Value '{a:b=é}' at 'targets.1.member.httpParameters.headerParameters' "
            "failed to satisfy constraint: Map value must satisfy constraint: "
            "[Member must have length less than or equal to 512, "
            f"Member must {match(HEADER_VALUE)}]",
        ],
    ),
    # secrets
    (
        "CreateConnection",
        basic("a:b", "c:d"),
        [
            say(
                "'a:b'",
                "authParameters.basicAuthParameters.username",
                match(HEADER_NAME),
            ),
            say(
                "'***'",
                "authParameters.basicAuthParameters.password",
                match(HEADER_NAME),
            ),
        ],
    ),
    # [doc] a line end is no character of a description
    (
        "UpdateArchive",
        {"ArchiveName": "a", "Description": "a\nb"},
        [say("'a\nb'", "description", match(".*"))],
    ),
]

# What only a caller without a client can send.
BARE_ITEMS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("PutRule", {}, [say("null", "name", "not be null")]),
    ("PutRule", {"Name": None}, [say("null", "name", "not be null")]),
    (
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "1"}, None]},
        [
            say("null", "targets.1.member.arn", "not be null"),
            say("null", "targets.2.member", "not be null"),
        ],
    ),
    (
        "PutEvents",
        {"Entries": []},
        [say("'[]'", "entries", "have length greater than or equal to 1")],
    ),
    (
        "PutRule",
        {"Name": ""},
        [
            say("''", "name", match(NAME)),
            say("''", "name", "have length greater than or equal to 1"),
        ],
    ),
    (
        "ListRules",
        {"Limit": 0},
        [say("'0'", "limit", "have value greater than or equal to 1")],
    ),
    (
        "RemoveTargets",
        {"Rule": "r", "Ids": [None]},
        [
            say(
                "'[null]'",
                "ids",
                "satisfy constraint: [Member must have length less than or equal to 64,"
                " Member must have length greater than or equal to 1,"
                f" Member must {match(NAME)}]",
            )
        ],
    ),
]

WRONG_TYPES = [
    ("PutRule", {"Name": 1}, "NUMBER_VALUE can not be converted to a String"),
    ("PutRule", {"Name": True}, "TRUE_VALUE can not be converted to a String"),
    ("PutRule", {"Name": []}, "Start of list found where not expected"),
    (
        "PutRule",
        {"Name": {}},
        "Start of structure or map found where not expected.",
    ),
    ("PutRule", {"Name": "\ud800"}, "STRING_VALUE can not be converted to UTF-8"),
    ("ListRules", {"Limit": "1"}, "STRING_VALUE can not be converted to an Integer"),
    ("ListRules", {"Limit": False}, "FALSE_VALUE can not be converted to an Integer"),
    ("ListRules", {"Limit": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
    (
        "ListRules",
        {"Limit": float("nan")},
        "NUMBER_VALUE can not be converted to an Integer",
    ),
    (
        "DeleteRule",
        {"Name": "r", "Force": 1},
        "NUMBER_VALUE can not be converted to a Boolean",
    ),
    (
        "PutEvents",
        {"Entries": [{"Time": "soon"}]},
        "STRING_VALUE can not be converted to a Timestamp",
    ),
    (
        "PutEvents",
        {"Entries": {}},
        "Start of structure or map found where not expected.",
    ),
    ("PutEvents", {"Entries": "x"}, "STRING_VALUE can not be converted to a List"),
    ("PutEvents", {"Entries": [1]}, "NUMBER_VALUE can not be converted to a Structure"),
    (
        "PutTargets",
        {
            "Rule": "r",
            "Targets": [{**TARGET, "HttpParameters": {"HeaderParameters": "x"}}],
        },
        "STRING_VALUE can not be converted to a Map",
    ),
    ("PutRule", "x", "STRING_VALUE can not be converted to a Structure"),
    ("PutRule", ["x"], "Start of list found where not expected"),
]

ACCEPTED: list[tuple[str, Any, dict[str, Any]]] = [
    ("ListRules", {}, {}),
    ("ListRules", {"Limit": 5.0, "NamePrefix": None}, {"Limit": 5}),
    (
        "PutEvents",
        {"Entries": [{"Source": "s", "Time": 1704067200.999, "Nope": 1}], "Nope": 2},
        {"Entries": [{"Time": datetime(2024, 1, 1, tzinfo=UTC), "Source": "s"}]},
    ),
    (
        "PutRule",
        {"EventBusName": BUS_ARN, "Description": "a\nb é", "Name": "n" * 64},
        {"Name": "n" * 64, "Description": "a\nb é", "EventBusName": BUS_ARN},
    ),
    (
        "TagResource",
        {"ResourceARN": "x", "Tags": ({"Value": "", "Key": "k"},)},
        {"ResourceARN": "x", "Tags": [{"Key": "k", "Value": ""}]},
    ),
]


def refuse(name: str, request: Any, *, client: bool) -> str:
    with pytest.raises(ValidationException) as raised:
        check_request(find_operation(name), request, client=client)
    return raised.value.message


def detect(items: list[str]) -> str:
    plural = "s" if len(items) > 1 else ""
    return f"{len(items)} validation error{plural} detected: {'; '.join(items)}"


@pytest.mark.parametrize("client", [True, False], ids=["client", "bare"])
@pytest.mark.parametrize(("name", "request_", "items"), ITEMS)
def test_all_violations_stand_in_one_message(
    name: str, request_: dict[str, Any], items: list[str], client: bool
) -> None:
    message = refuse(name, request_, client=client)

    assert message == detect(items)


@pytest.mark.parametrize(("name", "request_", "items"), BARE_ITEMS)
def test_bare_request_is_checked_for_null_and_minimum_too(
    name: str, request_: dict[str, Any], items: list[str]
) -> None:
    message = refuse(name, request_, client=False)

    assert message == detect(items)


def test_too_many_entries_are_printed_as_java_does() -> None:
    """Recorded with eleven entries: [aws]; list and date inside are [guess]."""
    entry = {
        "Source": "S",
        "DetailType": "DT",
        "Detail": '{"a": 1}',
        "EventBusName": "B",
    }
    full = {"Resources": ["a", "b"], "Time": "2024-01-01T00:00:00.5Z"}

    message = refuse("PutEvents", {"Entries": [entry] * 10 + [full]}, client=True)

    nulls = "traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null"
    one = (
        "PutEventsRequestEntry(time=null, source=S, resources=null, detailType=DT, "
        f'detail={{"a": 1}}, eventBusName=B, {nulls})'
    )
    last = (
        "PutEventsRequestEntry(time=Mon Jan 01 00:00:00 UTC 2024, source=null, "
        f"resources=[a, b], detailType=null, detail=null, eventBusName=null, {nulls})"
    )
    assert message == detect(
        [
            say(
                f"'[{', '.join([one] * 10 + [last])}]'",
                "entries",
                "have length less than or equal to 10",
            )
        ]
    )


def test_secrets_inside_a_printed_list_are_masked() -> None:
    header = {"Key": "k", "Value": "secret", "IsValueSecret": True}
    request = basic("u", "p")
    request["AuthParameters"]["InvocationHttpParameters"] = {
        "HeaderParameters": [header] * 101
    }

    message = refuse("CreateConnection", request, client=True)

    printed = "ConnectionHeaderParameter(key=k, value=***, isValueSecret=true)"
    assert message == detect(
        [
            say(
                f"'[{', '.join([printed] * 101)}]'",
                "authParameters.invocationHttpParameters.headerParameters",
                "have length less than or equal to 100",
            )
        ]
    )


def test_oauth_method_is_taken_in_small_letters() -> None:
    """A recorded connection was made with `put`: [aws]."""
    oauth = {
        "ClientParameters": {"ClientID": "i", "ClientSecret": "s"},
        "AuthorizationEndpoint": "replace_this",
        "HttpMethod": "put",
    }
    request = {
        "Name": "c",
        "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
        "AuthParameters": {"OAuthParameters": oauth},
    }

    accepted = check_request(find_operation("CreateConnection"), request)

    assert accepted == request


def test_method_of_a_destination_is_not_taken_in_small_letters() -> None:
    message = refuse(
        "CreateApiDestination", {**DESTINATION, "HttpMethod": "put"}, client=True
    )

    assert message.startswith(
        "1 validation error detected: Value 'put' at 'httpMethod'"
    )


@pytest.mark.parametrize(("name", "request_", "message"), WRONG_TYPES)
def test_value_of_another_json_type_cannot_be_read(
    name: str, request_: Any, message: str
) -> None:
    with pytest.raises(SerializationException) as raised:
        check_request(find_operation(name), request_, client=False)

    assert raised.value.message == message


@pytest.mark.parametrize(("name", "request_", "accepted"), ACCEPTED)
def test_request_comes_back_as_the_service_reads_it(
    name: str, request_: Any, accepted: dict[str, Any]
) -> None:
    read = check_request(find_operation(name), request_, client=False)

    assert read == accepted
    assert list(read) == list(accepted)


def test_missing_day_is_taken_from_now() -> None:
    now = datetime(2024, 5, 14, 11, 23, tzinfo=UTC)

    read = check_request(
        find_operation("PutEvents"), {"Entries": [{"Time": "10:30"}]}, now=now
    )

    assert read == {"Entries": [{"Time": datetime(2024, 5, 14, 10, 30, tzinfo=UTC)}]}


@pytest.mark.parametrize("name", INDEX)
def test_bare_empty_request_lacks_what_is_required(name: str) -> None:
    operation = find_operation(name)
    members = operation.request.members.items()
    paths = [
        member_name[0].lower() + member_name[1:]
        for member_name, member in members
        if member.required
    ]

    try:
        check_request(operation, {}, client=False)
        message = ""
    except ValidationException as error:
        message = error.message

    items = [say("null", path, "not be null") for path in paths]
    assert message == (detect(items) if items else "")


RULE = {"Name": "r", "Arn": "arn:r", "State": "ENABLED"}


@pytest.mark.parametrize(
    ("name", "response", "problems"),
    [
        ("ListRules", {"Rules": [RULE], "NextToken": "t"}, []),
        ("ListRules", {"Rules": []}, []),
        ("DeleteRule", {}, []),
        ("DeleteRule", None, []),
        ("DeleteRule", {"Name": "r"}, ["the operation has no response"]),
        (
            "ListRules",
            {"Rules": [{**RULE, "CreatedBy": "1"}]},
            ["ListRules.Rules[0]: CreatedBy is not declared"],
        ),
        (
            "ListRules",
            {"Rules": None},
            ["ListRules.Rules: None is no list"],
        ),
        (
            "DescribeRule",
            {"Arn": "arn:r", "Name": "r"},
            ["DescribeRule: members out of order: Arn, Name"],
        ),
        (
            "PutEvents",
            {"FailedEntryCount": False, "Entries": [{"EventId": 1}]},
            [
                "PutEvents.FailedEntryCount: False is no integer",
                "PutEvents.Entries[0].EventId: 1 is no string",
            ],
        ),
        (
            "TestEventPattern",
            {"Result": 1},
            ["TestEventPattern.Result: 1 is no boolean"],
        ),
        (
            "DescribeEventBus",
            {"Name": "b", "CreationTime": 1.5},
            ["DescribeEventBus.CreationTime: 1.5 is no timestamp"],
        ),
        ("DescribeEventBus", {"CreationTime": datetime(2024, 1, 1, tzinfo=UTC)}, []),
        (
            "ListTargetsByRule",
            {"Targets": [{"HttpParameters": {"HeaderParameters": {"k": 1}}}]},
            [
                "ListTargetsByRule.Targets[0].HttpParameters.HeaderParameters.k: "
                "1 is no string"
            ],
        ),
    ],
)
def test_response_is_held_against_its_declaration(
    name: str, response: Any, problems: list[str]
) -> None:
    found = check_response(find_operation(name), response)

    assert found == problems
