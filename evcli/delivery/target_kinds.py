"""The kinds of targets: what each one asks for, and the request that its service gets.

A kind is a row of `TARGET_KINDS`. The first one that fits an ARN is the target's kind; a
service that no row names cannot be a target. What the service is called with is built by
the function that the row names, in `requests/`.

Source: [doc] the guide's catalogue of targets and ARN forms; [field] roles of states,
codebuild, codepipeline, batch and API destinations, [aws] of event buses of another
account or region, [guess] so of custom event buses, [doc] the other roles; [field]
BatchParameters, [peer] SqsParameters, [guess] the other needed members; [doc] [inf] what
of the payload counts.
"""

from __future__ import annotations

import json
import re

from evcli.arns import parse_arn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.ledger import Delivery

    Builder = Callable[[Delivery], "dict[str, Any] | InvalidRequest"]

# When PutTargets insists on a RoleArn.
NEVER = "never"
ALWAYS = "always"
ELSEWHERE = "elsewhere"  # in another account or region than the rule

# What a kind makes of the payload, and what its builder gets of it.
TEXT = "text"  # any text will do: nothing
JSON = "json"  # it must be JSON, any value: the value, None for the whole event
OBJECT = "object"  # it must be a JSON object: the object
SETTINGS = "settings"  # likewise, but only what input settings made: that, or None
FIELDS = "fields"  # some keys of an object count, nothing else: an object
IGNORED = "ignored"  # nothing counts: nothing

ALL_INPUTS = frozenset({"Input", "InputPath", "InputTransformer"})
NO_INPUTS: frozenset[str] = frozenset()
TRANSFORMER_ONLY = frozenset({"InputTransformer"})


class InvalidRequest:
    """Why a target's service would refuse a delivery: a failure that no retry mends.

    `error_code` is one of EventBridge's delivery error codes.
    """

    __slots__ = ("error_code", "message")

    def __init__(self, error_code: str, message: str) -> None:
        self.error_code = error_code
        self.message = message


class TargetKind:
    """One kind of target.

    `resource` is a regex for the whole resource of the ARN. `builder` names the function
    that builds the request, `module:function` below `requests/`, and `payload` what it
    gets of the payload. `needs` is the path of the member without which the target makes
    no sense, such as `("SqsParameters", "MessageGroupId")`; empty where there is none.
    `inputs` are the input settings that the kind knows. `template_keys`, where there are
    any, are the keys that its input template has to have.
    """

    __slots__ = (
        "builder",
        "inputs",
        "needs",
        "needs_role",
        "payload",
        "resource",
        "service",
        "template_keys",
    )

    def __init__(
        self,
        service: str,
        resource: str,
        builder: str,
        payload: str,
        *,
        needs_role: str = NEVER,
        needs: tuple[str, ...] = (),
        inputs: frozenset[str] = ALL_INPUTS,
        template_keys: frozenset[str] = frozenset(),
    ) -> None:
        self.service = service
        self.resource = resource
        self.builder = builder
        self.payload = payload
        self.needs_role = needs_role
        self.needs = needs
        self.inputs = inputs
        self.template_keys = template_keys

    def fits(self, arn: Arn) -> bool:
        """Say whether an ARN names a target of this kind."""
        return (
            arn.service == self.service
            and re.fullmatch(self.resource, arn.resource, re.DOTALL) is not None
        )


TARGET_KINDS = {
    "lambda": TargetKind("lambda", "function:.+", "messages:build_lambda", JSON),
    "sqs-fifo": TargetKind(
        "sqs",
        r".+\.fifo",
        "messages:build_sqs_fifo",
        TEXT,
        needs=("SqsParameters", "MessageGroupId"),
    ),
    "sqs": TargetKind("sqs", ".+", "messages:build_sqs", TEXT),
    "sns": TargetKind("sns", ".+", "messages:build_sns", TEXT),
    "logs": TargetKind(
        "logs",
        "log-group:.+",
        "logs:build_logs",
        SETTINGS,
        inputs=TRANSFORMER_ONLY,
        template_keys=frozenset({"timestamp", "message"}),
    ),
    "event-bus": TargetKind(
        "events",
        "event-bus/.+",
        "event_buses:build_event_bus",
        IGNORED,
        needs_role=ELSEWHERE,
        inputs=NO_INPUTS,
    ),
    # The newer Custom Event Bus, whose subscribers evcli knows nothing of.
    "custom-event-bus": TargetKind(
        "events",
        "event-busv2/[^/]+/[^/]+",
        "event_buses:build_custom_event_bus",
        IGNORED,
        needs_role=ELSEWHERE,
        inputs=NO_INPUTS,
    ),
    "api-destination": TargetKind(
        "events",
        "api-destination/[^/]+/[^/]+",
        "http:build_api_destination",
        TEXT,
        needs_role=ALWAYS,
    ),
    "ec2": TargetKind(
        "events",
        "target/(reboot-instance|stop-instance|terminate-instance|create-snapshot)",
        "management:build_ec2",
        JSON,
        needs_role=ALWAYS,
    ),
    "kinesis": TargetKind(
        "kinesis", "stream/.+", "messages:build_kinesis", TEXT, needs_role=ALWAYS
    ),
    "firehose": TargetKind(
        "firehose",
        "deliverystream/.+",
        "messages:build_firehose",
        TEXT,
        needs_role=ALWAYS,
    ),
    "states": TargetKind(
        "states", "stateMachine:.+", "messages:build_states", JSON, needs_role=ALWAYS
    ),
    "ecs": TargetKind(
        "ecs",
        "cluster/.+",
        "tasks:build_ecs",
        SETTINGS,
        needs_role=ALWAYS,
        needs=("EcsParameters", "TaskDefinitionArn"),
    ),
    "batch": TargetKind(
        "batch",
        "job-queue/.+",
        "tasks:build_batch",
        FIELDS,
        needs_role=ALWAYS,
        needs=("BatchParameters", "JobDefinition"),
    ),
    "ssm-document": TargetKind(
        "ssm",
        "document/.+",
        "management:build_run_command",
        SETTINGS,
        needs_role=ALWAYS,
        needs=("RunCommandParameters", "RunCommandTargets"),
    ),
    "ssm-automation": TargetKind(
        "ssm",
        "automation-definition/.+",
        "management:build_automation",
        SETTINGS,
        needs_role=ALWAYS,
    ),
    "ssm-ops-item": TargetKind("ssm", "opsitem", "management:build_ops_item", SETTINGS),
    "ssm-incidents": TargetKind(
        "ssm-incidents",
        "response-plan/.+",
        "management:build_incident",
        TEXT,
        needs_role=ALWAYS,
    ),
    "codebuild": TargetKind(
        "codebuild", "project/.+", "tasks:build_codebuild", FIELDS, needs_role=ALWAYS
    ),
    "codepipeline": TargetKind(
        "codepipeline", ".+", "tasks:build_codepipeline", FIELDS, needs_role=ALWAYS
    ),
    "inspector": TargetKind(
        "inspector",
        "target/[^/]+/template/.+",
        "tasks:build_inspector",
        IGNORED,
        needs_role=ALWAYS,
    ),
    "api-gateway": TargetKind(
        "execute-api", "[^/]+/[^/]+/[^/]+(/.*)?", "http:build_api_gateway", TEXT
    ),
    "redshift": TargetKind(
        "redshift",
        "cluster:.+",
        "tasks:build_redshift",
        IGNORED,
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "redshift-serverless": TargetKind(
        "redshift-serverless",
        "workgroup/.+",
        "tasks:build_redshift",
        IGNORED,
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "sagemaker": TargetKind(
        "sagemaker", "pipeline/.+", "tasks:build_sagemaker", IGNORED, needs_role=ALWAYS
    ),
    "appsync": TargetKind(
        "appsync",
        "endpoints/graphql-api/.+",
        "http:build_appsync",
        OBJECT,
        needs_role=ALWAYS,
        needs=("AppSyncParameters", "GraphQLOperation"),
    ),
    "glue": TargetKind(
        "glue", "workflow/.+", "tasks:build_glue", IGNORED, needs_role=ALWAYS
    ),
    "imagebuilder": TargetKind(
        "imagebuilder",
        "image-pipeline/.+",
        "tasks:build_imagebuilder",
        IGNORED,
        needs_role=ALWAYS,
    ),
}


def find_target_kind(arn: Arn) -> TargetKind | None:
    """Tell the kind of a target by its ARN; `None` when no kind fits."""
    return next((kind for kind in TARGET_KINDS.values() if kind.fits(arn)), None)


def is_target_service(service: str) -> bool:
    """Say whether some kind of target belongs to a service."""
    return any(kind.service == service for kind in TARGET_KINDS.values())


def build_request(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
    """Build what the target's service is called with.

    Returns:
        `{"action": "sqs:SendMessage", "request": {…}}`; for an event bus `envelope` as
        well. Or why the service would refuse it. Never raises.
    """
    return find_builder(delivery.target_arn)(delivery)


def find_builder(target_arn: str) -> Builder:
    """Make the function that builds the requests of all deliveries to a target."""
    arn = parse_arn(target_arn)
    kind = None if arn is None else find_target_kind(arn)
    if arn is None or kind is None:
        refusal = InvalidRequest(
            "INVALID_PARAMETER", f"{target_arn} is no kind of target."
        )
        return lambda _: refusal
    read, build = READERS[kind.payload], load_builder(kind)

    def build_one(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
        payload = read(delivery)
        if isinstance(payload, InvalidRequest):
            return payload
        return build(delivery, arn, payload)

    return build_one


def load_builder(
    kind: TargetKind,
) -> Callable[[Delivery, Arn, Any], dict[str, Any] | InvalidRequest]:
    """Import the function that builds a kind's requests."""
    module, _, name = kind.builder.partition(":")
    family = __import__(f"evcli.delivery.requests.{module}", fromlist=[name])
    return getattr(family, name)  # type: ignore[no-any-return]


def _read_nothing(delivery: Delivery) -> None:
    return None


def _read_json(delivery: Delivery) -> Any:
    # The event itself is JSON, and most payloads are that: not worth reading again.
    if delivery.payload == delivery.event.envelope:
        return None
    return _parse_payload(delivery)


def _parse_payload(delivery: Delivery) -> Any:
    try:
        return json.loads(delivery.payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return InvalidRequest("INVALID_JSON", f"The payload is not JSON: {error}.")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _read_object(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
    value = _parse_payload(delivery)
    if isinstance(value, dict | InvalidRequest):
        return value
    return InvalidRequest("INVALID_JSON", "The payload is not a JSON object.")


def _read_settings(delivery: Delivery) -> dict[str, Any] | InvalidRequest | None:
    if ALL_INPUTS.isdisjoint(delivery.target):
        return None
    return _read_object(delivery)


def _read_fields(delivery: Delivery) -> dict[str, Any]:
    value = _read_object(delivery)
    return {} if isinstance(value, InvalidRequest) else value


READERS: dict[str, Callable[[Delivery], Any]] = {
    TEXT: _read_nothing,
    JSON: _read_json,
    OBJECT: _read_object,
    SETTINGS: _read_settings,
    FIELDS: _read_fields,
    IGNORED: _read_nothing,
}
