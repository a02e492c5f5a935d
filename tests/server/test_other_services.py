"""Requests of other services that came here by mistake: told so, as their SDK reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.conftest import Answer, Running

    Post = Callable[..., Answer]

CALLS = [
    ("s3", "list_buckets", {}, "s3"),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}, "s3"),
    ("route53", "list_hosted_zones", {}, "route53"),
    ("cloudfront", "list_distributions", {}, "cloudfront"),
    ("sts", "get_caller_identity", {}, "sts"),
    ("sns", "list_topics", {}, "sns"),
    ("iam", "list_users", {}, "iam"),
    ("ec2", "describe_instances", {}, "ec2"),
    ("sqs", "list_queues", {}, "sqs"),
    ("dynamodb", "list_tables", {}, "dynamodb"),
    ("stepfunctions", "list_state_machines", {}, "states"),
    ("logs", "describe_log_groups", {}, "logs"),
    ("cloudwatch", "list_metrics", {}, "monitoring"),
    ("lambda", "list_functions", {}, "lambda"),
    ("scheduler", "list_schedules", {}, "scheduler"),
    ("apigateway", "get_rest_apis", {}, "apigateway"),
]


def say(service: str) -> str:
    """The message that names the right variable."""
    return (
        f"This request is for {service}, and evcli answers for Amazon EventBridge alone."
        " Set AWS_ENDPOINT_URL_EVENTBRIDGE in place of AWS_ENDPOINT_URL, and other"
        " services are called where they are."
    )


@pytest.mark.parametrize(("name", "operation", "request_", "service"), CALLS)
def test_boto3_shows_which_variable_to_set(
    running: Running, name: str, operation: str, request_: dict[str, Any], service: str
) -> None:
    client: Any = boto3.Session().client(
        name,
        endpoint_url=running.url,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )

    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request_)
    client.close()

    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "UnknownOperationException",
        say(service),
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def sign(service: str) -> dict[str, str]:
    """The header of a request that is signed for a service."""
    scope = f"k/20240514/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}


XML = "text/xml"
JSON = '{"__type": "UnknownOperationException", "message": "%s"}'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.mark.parametrize(
    ("headers", "kind", "form"),
    [
        (
            {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0"},
            "application/x-amz-json-1.0",
            JSON % say("AmazonSQS"),
        ),
        (
            {"X-Amz-Target": "Logs_20140328.DescribeLogGroups"},
            "application/x-amz-json-1.1",
            JSON % say("Logs_20140328"),
        ),
        (
            {**sign("lambda"), "Content-Type": "application/json"}, "application/json",
            JSON % say("lambda"),
        ),
        (
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, XML,
            HEAD + "<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException"
            "</Code><Message>" + say("another service") + "</Message></Error>"
            "<RequestId>@</RequestId></ErrorResponse>",
        ),
        (
            {**sign("ec2"), "Content-Type": "application/x-www-form-urlencoded"}, XML,
            HEAD + "<Response><Errors><Error><Code>UnknownOperationException</Code>"
            "<Message>" + say("ec2") + "</Message></Error></Errors><RequestID>@</RequestID></Response>",
        ),
        (
            sign("s3"), XML,
            HEAD + "<Error><Code>UnknownOperationException</Code><Message>" + say("s3") + "</Message>"
            "<RequestId>@</RequestId></Error>",
        ),
        (
            sign("a&b<c"), "application/json",
            JSON % say("a&b<c"),
        ),
    ],
)  # fmt: skip
def test_each_protocol_has_its_form(
    post: Post, headers: dict[str, str], kind: str, form: str
) -> None:
    answer = post(None, b"", headers)

    form = form.replace("@", answer.headers["x-amzn-requestid"])
    assert (answer.status, answer.headers["content-type"], answer.body.decode()) == (
        400,
        kind,
        form,
    )


def test_cbor_is_answered_in_cbor(post: Post) -> None:
    answer = post(
        None,
        b"\xa0",
        {**sign("monitoring"), "Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"},
        path="/service/GraniteServiceVersion20100801/operation/ListMetrics",
    )  # fmt: skip

    text = say("monitoring").encode()
    assert (answer.status, answer.headers["content-type"]) == (400, "application/cbor")
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert answer.body == (
        b"\xa2\x66__type\x78\x19UnknownOperationException"
        b"\x67message\x78" + bytes((len(text),)) + text
    )


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        (sign("s3"), "/"),
        ({}, "/?Action=GetCallerIdentity&Version=2011-06-15"),
        ({}, "/b?X-Amz-Credential=k%2F20240514%2Fus-east-1%2Fs3%2Faws4_request"),
    ],
)
def test_a_get_for_another_service_is_no_question_of_health(
    post: Post, headers: dict[str, str], path: str
) -> None:
    answer = post(None, b"", headers, method="GET", path=path)

    assert (answer.status, answer.headers["content-type"]) == (400, XML)
    assert b"AWS_ENDPOINT_URL_EVENTBRIDGE" in answer.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_is_told_without_a_query_only(post: Post, method: str) -> None:
    asked = [
        post(None, b"", method=method, path=path).status for path in ("/", "/?x=1")
    ]

    assert asked == [200, 404]


def test_a_request_signed_for_eventbridge_is_none_of_another_service(
    post: Post,
) -> None:
    assert post("ListRules", {}, sign("events")).status == 200
