"""Requests for services other than EventBridge: an error in the protocol of each.

With `AWS_ENDPOINT_URL` in place of `AWS_ENDPOINT_URL_EVENTBRIDGE` all of a program's
requests come here. An SDK shows an error only if that has the form its service uses:

    JSON 1.0, 1.1   the header X-Amz-Target           DynamoDB, SQS, Step Functions, Logs
    query, EC2      a form with an Action             STS, SNS, IAM; EC2
    REST XML        known by the signature's service  S3, Route 53, CloudFront
    RPC v2 CBOR     the header Smithy-Protocol        CloudWatch
    REST JSON       what is left                      Lambda, Scheduler, API Gateway

Source: [doc] the protocols as Smithy and botocore have them; [guess] code and text.
"""

from __future__ import annotations

from functools import partial
from html import escape
from urllib.parse import parse_qs

from evcli.server.protocol import (
    BAD_REQUEST,
    TARGET_PREFIX,
    ServerResponse,
    read_media_type,
    read_scope,
    refuse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CODE = "UnknownOperationException"
SERVICE = "events"
# How much of a service's name that was sent is repeated in the error.
SHOWN_CHARACTERS = 60
FORM = "application/x-www-form-urlencoded"
# By signing name, all services whose protocol is REST XML, and how they wrap an error.
# Source: [doc] of botocore.
S3_SERVICES = ("s3", "s3express", "s3-object-lambda", "s3-outposts")
REST_XML_SERVICES = ("cloudfront", "route53")


def refuse_other_service(
    query: str, headers: Mapping[str, str]
) -> ServerResponse | None:
    """Refuse a request that is for another service; `None`: it may be for EventBridge.

    Args:
        query: what stands behind the question mark, as it was sent.
        headers: by lower-case name.
    """
    service = find_signed_service(query, headers)
    target = headers.get("x-amz-target", "")
    write = _find_writer(service, target, query, headers)
    if write is None:
        return None
    name = service or target.partition(".")[0] or "another service"
    message = (
        f"This request is for {name[:SHOWN_CHARACTERS]}, and evcli answers for Amazon"
        " EventBridge alone. Set AWS_ENDPOINT_URL_EVENTBRIDGE in place of"
        " AWS_ENDPOINT_URL, and other services are called where they are."
    )
    return write(message, headers)


def find_signed_service(query: str, headers: Mapping[str, str]) -> str | None:
    """Read the service that a request, or a URL, is signed for; `None`: it is not."""
    scope = read_scope(headers.get("authorization", ""))
    if scope is None and "X-Amz-Credential=" in query:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        scope = read_scope(f"Credential={credential}")
    return None if scope is None else scope[-2]


def _find_writer(
    service: str | None, target: str, query: str, headers: Mapping[str, str]
) -> Callable[[str, Mapping[str, str]], ServerResponse] | None:
    """Find what writes errors in the caller's protocol; `None` for EventBridge's own."""
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return write_cbor
    if "." in target:
        return None if target.startswith(TARGET_PREFIX) else write_json
    if service == SERVICE:
        return None
    if read_media_type(headers) == FORM or "Action=" in query:
        return partial(write_xml, EC2_XML if service == "ec2" else QUERY_XML)
    if service in S3_SERVICES:
        return partial(write_xml, S3_XML)
    if service in REST_XML_SERVICES:
        return partial(write_xml, QUERY_XML)
    return None if service is None else write_rest_json


def write_json(message: str, headers: Mapping[str, str]) -> ServerResponse:
    """AWS JSON, in the version that the request has."""
    response = refuse(CODE, message)
    kind = read_media_type(headers)
    if kind.startswith("application/x-amz-json-"):
        response.content_type = kind
    return response


def write_rest_json(message: str, _headers: Mapping[str, str]) -> ServerResponse:
    """REST JSON: the code stands in a header."""
    response = refuse(CODE, message)
    response.content_type = "application/json"
    response.headers.append(("x-amzn-ErrorType", CODE))
    return response


# How the protocols in XML wrap an error.
# The query protocol, and REST XML but for S3's.
QUERY_XML = (
    "<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
    "<RequestId>{request_id}</RequestId></ErrorResponse>"
)
EC2_XML = (
    "<Response><Errors><Error>{error}</Error></Errors>"
    "<RequestID>{request_id}</RequestID></Response>"
)
S3_XML = "<Error>{error}<RequestId>{request_id}</RequestId></Error>"


def write_xml(form: str, message: str, _headers: Mapping[str, str]) -> ServerResponse:
    """One of the protocols in XML."""
    response = ServerResponse(b"", BAD_REQUEST, content_type="text/xml")
    text = escape(message, quote=False)
    error = f"<Code>{CODE}</Code><Message>{text}</Message>"
    document = form.format(error=error, request_id=response.request_id)
    response.body = f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()
    return response


def write_cbor(message: str, _headers: Mapping[str, str]) -> ServerResponse:
    """RPC v2 CBOR: a map of two texts."""
    texts = ("__type", CODE, "message", message)
    body = b"\xa2" + b"".join(map(format_cbor_text, texts))
    response = ServerResponse(body, BAD_REQUEST, content_type="application/cbor")
    response.headers.append(("Smithy-Protocol", "rpc-v2-cbor"))
    return response


def format_cbor_text(text: str) -> bytes:
    """Write a text of less than 64 KiB. Source: [doc] RFC 8949, major type 3."""
    data = text.encode()
    size = len(data)
    if size < 24:
        return bytes((0x60 + size,)) + data
    if size < 256:
        return bytes((0x78, size)) + data
    return b"\x79" + size.to_bytes(2, "big") + data
