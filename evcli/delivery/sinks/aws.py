"""The aws sink: the request itself, to whatever speaks the API of the target's service.

It is what moto_server, ElasticMQ, LocalStack and their like are given, so reading queues,
topics and streams is left to them. botocore makes the call, an extra of the package, which
is loaded for the first delivery.

Nothing of this machine's AWS settings counts: no variable, no file of ~/.aws, no proxy.
The access key is the account of the target, twelve digits, which emulators take for the
account, and the secret is `evcli`: real credentials are not even read.

Source: [doc] which errors are retried and the codes, see `outcomes.py`; [guess] the
pairing of errors to codes, by their names.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from evcli.arns import parse_arn
from evcli.context import DEFAULT_ACCOUNT_ID, DEFAULT_REGION, Outcome
from evcli.delivery.api_destinations.urls import require_allowed_url
from evcli.delivery.processes import OUTPUT_BYTES, replace_nul
from evcli.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

    from evcli.store.deliveries import Delivery

LIMIT_SECONDS = 5.0

# Services whose actions botocore files under another name.
CLIENT_NAMES = {"states": "stepfunctions"}

# What a part of an error's code means: EventBridge's code, and whether it is retried.
# The first part that is found counts.
ERRORS = {
    "Throttl": ("THROTTLING", True),
    "TooManyRequests": ("THROTTLING", True),
    "ThroughputExceeded": ("THROTTLING", True),
    "RequestLimitExceeded": ("THROTTLING", True),
    "SlowDown": ("THROTTLING", True),
    "LimitExceeded": ("RESOURCE_LIMIT_EXCEEDED", True),
    "ServiceUnavailable": ("INTERNAL_ERROR", True),
    "Internal": ("INTERNAL_ERROR", True),
    "AccessDenied": ("NO_PERMISSIONS", False),
    "AuthorizationError": ("NO_PERMISSIONS", False),
    "Unauthorized": ("NO_PERMISSIONS", False),
    "NotAuthorized": ("NO_PERMISSIONS", False),
    "InvalidClientTokenId": ("NO_PERMISSIONS", False),
    "UnrecognizedClient": ("NO_PERMISSIONS", False),
    "NotFound": ("NO_RESOURCE", False),
    "NonExistent": ("NO_RESOURCE", False),
    "DoesNotExist": ("NO_RESOURCE", False),
    "AlreadyExists": ("RESOURCE_ALREADY_EXISTS", False),
    "Conflict": ("RESOURCE_MODIFICATION_COLLISION", False),
    "InvalidRequestContent": ("INVALID_JSON", False),
    "Invalid": ("INVALID_PARAMETER", False),
    "Validation": ("INVALID_PARAMETER", False),
    "MissingParameter": ("INVALID_PARAMETER", False),
}
# What a status means where the code says nothing.
STATUSES = {401: "NO_PERMISSIONS", 403: "NO_PERMISSIONS", 404: "NO_RESOURCE"}


class AwsSink:
    """Makes each call at one endpoint.

    Args:
        endpoint_url: of the emulator, for all services.
        clients: what makes the calls; others may share it.
        allowed_hosts: hosts beside the loopback ones.

    Raises: ConfigurationError: the URL or its host is none to call, or botocore is missing.
    """

    is_buffered = False
    is_exactly_once = False

    def __init__(
        self,
        endpoint_url: str,
        clients: Clients,
        *,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        require_allowed_url(endpoint_url, allowed_hosts)
        require_botocore()
        self._clients = clients

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Call the service, and say what its answer means."""
        from botocore import xform_name
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            UnknownServiceError,
        )

        service, _, action = request["action"].partition(":")
        try:
            client = self._clients.get(service, delivery.target_arn)
            if action not in client.meta.service_model.operation_names:
                return _refuse(request["action"])
            with self._clients.sending(request.get("headers", {})):
                prepare = PREPARATIONS.get(request["action"], _leave)
                members = prepare(client, request["request"])
                response = getattr(client, xform_name(action))(**members)
        except ClientError as error:
            return judge_error(error.response)
        except UnknownServiceError:
            return _refuse(request["action"])
        except BotoCoreError as error:
            return judge_failure(error)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # What botocore does with some answers that are none of the service's.
            message = f"The answer cannot be read: {type(error).__name__}: {error}"
            return Outcome("ERROR_FROM_TARGET", message, retry=True)
        return judge_response(response)

    def flush(self) -> None:
        """Nothing to do."""


def require_botocore() -> None:
    """See that the extra is there. Raises: ConfigurationError: it is not."""
    from importlib.util import find_spec

    if find_spec("botocore") is None:
        raise ConfigurationError(
            "the sink kind 'aws' needs botocore: pip install 'evcli[aws]'"
        )


def _refuse(action: str) -> Outcome:
    message = f"{action} is no call of an API that botocore knows."
    return Outcome("INVALID_PARAMETER", message)


# -- what a call needs before it


def _leave(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    return request


def _find_queue(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Ask where the queue is: the URL of the request leads to AWS."""
    parts = urlsplit(request["QueueUrl"]).path.split("/")
    if len(parts) != 3:  # that of a dead letter whose queue has a strange ARN
        return request
    _, account_id, name = parts
    found = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account_id)
    return {**request, "QueueUrl": found["QueueUrl"]}


def _make_log_stream(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Make the stream of the delivery, which an attempt before may have made. [aws]"""
    try:
        client.create_log_stream(
            logGroupName=request["logGroupName"], logStreamName=request["logStreamName"]
        )
    except client.exceptions.ResourceAlreadyExistsException:
        return request
    return request


PREPARATIONS: dict[str, Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    "sqs:SendMessage": _find_queue,
    "logs:PutLogEvents": _make_log_stream,
}


# -- what an answer means


def judge_error(response: dict[str, Any]) -> Outcome:
    """Say what an error of a service means for a delivery."""
    error = response.get("Error", {})
    name = str(error.get("Code", "")) or "an error without a code"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, retry = _find_meaning(name, status)
    text = f"{name}: {error['Message']}" if error.get("Message") else name
    return Outcome(code, replace_nul(text[:OUTPUT_BYTES]), retry=retry)


def _find_meaning(name: str, status: int) -> tuple[str, bool]:
    for part, meaning in ERRORS.items():
        if part in name:
            return meaning
    if status == 429:
        return "THROTTLING", True
    if status >= 500:
        return "ERROR_FROM_TARGET", True
    return STATUSES.get(status, "SDK_CLIENT_ERROR"), False


def judge_failure(error: Exception) -> Outcome:
    """Say what it means that there was no answer, or no call."""
    from botocore import exceptions

    if isinstance(error, exceptions.ParamValidationError):
        return Outcome("INVALID_PARAMETER", str(error))
    code = "INTERNAL_ERROR"
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError):
        code = "TIMEOUT"
    elif isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        code = "CONNECTION_FAILURE"
    return Outcome(code, str(error), retry=True)


# Members of answers that say that nothing was done, and whether it is tried again.
# Source: [doc] of PutEvents, RunTask, and PutLogEvents for what is too old or too new.
REFUSALS = {"FailedEntryCount": True, "failures": True, "rejectedLogEventsInfo": False}


def judge_response(response: dict[str, Any]) -> Outcome:
    """Make an outcome of an answer; some say in it that nothing was done."""
    text = json.dumps(
        {
            name: value
            for name, value in response.items()
            if name != "ResponseMetadata" and not hasattr(value, "read")
        },
        default=str,
        ensure_ascii=False,
    )
    output = replace_nul(text[:OUTPUT_BYTES])
    for name, retry in REFUSALS.items():
        if response.get(name):
            message = f"The service took the call and not its content: {name}."
            return Outcome("ERROR_FROM_TARGET", message, retry=retry, output=output)
    return Outcome(output=None if output == "{}" else output)


# -- clients


class Clients:
    """The clients of one endpoint, by service, region and account; for many threads.

    Args:
        endpoint_url: of the emulator, for all services.
        limit_seconds: for connecting, and for each read of an answer.
    """

    def __init__(self, endpoint_url: str, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._endpoint_url = endpoint_url
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._session: Any = None
        self._local = threading.local()

    def get(self, service: str, arn: str) -> Any:
        """Get the client of a service, as the account and in the region of an ARN.

        Raises: botocore.exceptions.UnknownServiceError: botocore knows none.
        """
        parsed = parse_arn(arn)
        region = (parsed.region if parsed else "") or DEFAULT_REGION
        account_id = (parsed.account_id if parsed else "") or DEFAULT_ACCOUNT_ID
        key = service, region, account_id
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    def _make(self, service: str, region: str, account_id: str) -> Any:
        from botocore.config import Config

        if self._session is None:
            self._session = make_session()
        client = self._session.create_client(
            CLIENT_NAMES.get(service, service),
            region_name=region,
            endpoint_url=self._endpoint_url,
            aws_access_key_id=account_id,
            aws_secret_access_key="evcli",
            config=Config(
                connect_timeout=self._limit_seconds,
                read_timeout=self._limit_seconds,
                # The retries are evcli's.
                retries={"total_max_attempts": 1},
                # No proxies, and not those of the environment either.
                proxies={},
                # Nothing in front of the endpoint's own name.
                inject_host_prefix=False,
            ),
        )
        client.meta.events.register("before-call", self._add_headers)
        return client

    @contextmanager
    def sending(self, headers: dict[str, str]) -> Iterator[None]:
        """Send these headers with the calls that this thread makes meanwhile."""
        self._local.headers = headers
        try:
            yield
        finally:
            self._local.headers = {}

    def _add_headers(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"].update(getattr(self._local, "headers", {}))

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()


def make_session() -> Any:
    """Make a session of botocore that sees nothing of this machine's AWS settings."""
    from botocore.session import Session

    blind = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    nothing = (None, None, os.devnull, None)
    return Session({**blind, "config_file": nothing, "credentials_file": nothing})
