"""The kinds of targets: what each one asks for, and the request that its service gets.

A kind is a row of `TARGET_KINDS`. The first one that fits an ARN is the target's kind; a
service that no row names cannot be a target. Another kind is another row, and a function
beside it that builds the request.

Source: [doc] the guide's catalogue of targets and ARN forms; [aws] roles of states,
codebuild, codepipeline, batch and API destinations, [aws] of event buses of another
account or region, [guess] so of custom event buses, [doc] the other roles; [aws]
BatchParameters, [peer] SqsParameters, [guess] the other needed members; [doc] [guess] what
of the payload counts; [doc] the limits, each with its page in `payload_limits.py`.
"""

from __future__ import annotations

from evcli import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery

    # (delivery, ARN of the target, what the kind reads the payload as) -> call
    Builder = Callable[[Delivery, Arn, Any], "dict[str, Any] | InvalidRequest"]

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

# Who carries a delivery, see `delivery/worker.py`.
SINK = "sink"  # a sink gets the request
CALL = "call"  # `api_destinations.calls.call` makes a real call, where it may
FORWARD = "forward"  # `forwarding.forward` changes the store alone

# Where the trace header of an event goes.
AS_HEADER = "as header"  # an HTTP header of the call, beside the request
IN_REQUEST = "in request"  # a part of the request, which the builder puts there

KIB, MIB = 1024, 1024 * 1024

ALL_INPUTS = frozenset({"Input", "InputPath", "InputTransformer"})
NO_INPUTS: frozenset[str] = frozenset()
TRANSFORMER_ONLY = frozenset({"InputTransformer"})


# The HTTP header that carries what X-Ray wants to know of a call.
TRACE_HEADER = "X-Amzn-Trace-Id"

# The error code of what is more than a service takes. [guess] by the names of SQS's and
# SNS's own errors; a recorded dead letter of such a delivery would settle it.
TOO_LARGE = "INVALID_PARAMETER"


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

    `resource` is how the resource of the ARN reads: `*` in it stands for any text but an
    empty one; `resource_regex` says what that cannot, for the whole resource. `builder`
    names the function that builds the request, `module:function` in this package, and
    `payload` what it gets of the payload; `carrier` says who brings the request where it
    goes. `needs` is the path of the member without which the target makes no sense, such as `("SqsParameters", "MessageGroupId")`; empty where there is none.
    `inputs` are the input settings that the kind knows. `template_keys`, where there are
    any, are the keys that its input template has to have. `limit` is the most that the
    service takes, `None` where no page says; of what and in which unit says
    `payload_limits.py`. `trace_header` says where the header of that name goes. Where
    `repeats`, the requests of a target are all alike, but for the payload and that header.
    """

    __slots__ = (
        "builder",
        "carrier",
        "inputs",
        "limit",
        "needs",
        "needs_role",
        "payload",
        "repeats",
        "resource",
        "resource_regex",
        "service",
        "template_keys",
        "trace_header",
    )

    def __init__(
        self,
        service: str,
        resource: str,
        builder: str,
        payload: str,
        *,
        resource_regex: str = "",
        carrier: str = SINK,
        needs_role: str = NEVER,
        needs: tuple[str, ...] = (),
        inputs: frozenset[str] = ALL_INPUTS,
        template_keys: frozenset[str] = frozenset(),
        limit: int | None = None,
        trace_header: str = AS_HEADER,
        repeats: bool = False,
    ) -> None:
        self.service = service
        self.resource = resource
        self.resource_regex = resource_regex
        self.builder = builder
        self.payload = payload
        self.carrier = carrier
        self.needs_role = needs_role
        self.needs = needs
        self.inputs = inputs
        self.template_keys = template_keys
        self.limit = limit
        self.trace_header = trace_header
        self.repeats = repeats

    def load_builder(self) -> Builder:
        """Import the function that builds the kind's requests, once one is due."""
        module, _, name = self.builder.partition(":")
        return load(f"evcli.delivery.targets.{module}", name)  # type: ignore[no-any-return]

    def fits(self, arn: Arn) -> bool:
        """Say whether an ARN names a target of this kind."""
        if arn.service != self.service or not _reads_as(self.resource, arn.resource):
            return False
        if not self.resource_regex:
            return True
        import re  # most kinds do without

        return re.fullmatch(self.resource_regex, arn.resource, re.DOTALL) is not None


def _reads_as(form: str, text: str) -> bool:
    start, star, end = form.partition("*")
    if not star:
        return text == form
    return (
        len(text) > len(start) + len(end)
        and text.startswith(start)
        and text.endswith(end)
    )


TARGET_KINDS = {
    "lambda": TargetKind(
        "lambda", "function:*", "messages:build_lambda", JSON, limit=MIB, repeats=True
    ),
    "sqs-fifo": TargetKind(
        "sqs",
        "*.fifo",
        "messages:build_sqs_fifo",
        TEXT,
        needs=("SqsParameters", "MessageGroupId"),
        limit=MIB,
        trace_header=IN_REQUEST,
        repeats=True,
    ),
    "sqs": TargetKind(
        "sqs",
        "*",
        "messages:build_sqs",
        TEXT,
        limit=MIB,
        trace_header=IN_REQUEST,
        repeats=True,
    ),
    "sns": TargetKind(
        "sns", "*", "messages:build_sns", TEXT, limit=256 * KIB, repeats=True
    ),
    "logs": TargetKind(
        "logs",
        "log-group:*",
        "logs:build_logs",
        SETTINGS,
        inputs=TRANSFORMER_ONLY,
        template_keys=frozenset({"timestamp", "message"}),
        limit=MIB,
    ),
    "event-bus": TargetKind(
        "events",
        "event-bus/*",
        "event_buses:build_event_bus",
        IGNORED,
        carrier=FORWARD,
        needs_role=ELSEWHERE,
        inputs=NO_INPUTS,
        trace_header=IN_REQUEST,
    ),
    # The newer Custom Event Bus, whose subscribers evcli knows nothing of.
    "custom-event-bus": TargetKind(
        "events",
        "event-busv2/*",
        "event_buses:build_custom_event_bus",
        IGNORED,
        resource_regex="event-busv2/[^/]+/[^/]+",
        needs_role=ELSEWHERE,
        inputs=NO_INPUTS,
        trace_header=IN_REQUEST,
    ),
    "api-destination": TargetKind(
        "events",
        "api-destination/*",
        "http:build_api_destination",
        TEXT,
        resource_regex="api-destination/[^/]+/[^/]+",
        carrier=CALL,
        needs_role=ALWAYS,
        trace_header=IN_REQUEST,
    ),
    "ec2": TargetKind(
        "events",
        "target/*",
        "management:build_ec2",
        JSON,
        resource_regex="target/(reboot-instance|stop-instance|terminate-instance|create-snapshot)",
        needs_role=ALWAYS,
    ),
    "kinesis": TargetKind(
        "kinesis",
        "stream/*",
        "messages:build_kinesis",
        TEXT,
        needs_role=ALWAYS,
        limit=MIB,
    ),
    "firehose": TargetKind(
        "firehose",
        "deliverystream/*",
        "messages:build_firehose",
        TEXT,
        needs_role=ALWAYS,
        limit=1000 * KIB,
    ),
    "states": TargetKind(
        "states",
        "stateMachine:*",
        "messages:build_states",
        JSON,
        needs_role=ALWAYS,
        limit=256 * KIB,
        trace_header=IN_REQUEST,
    ),
    "ecs": TargetKind(
        "ecs",
        "cluster/*",
        "tasks:build_ecs",
        SETTINGS,
        needs_role=ALWAYS,
        needs=("EcsParameters", "TaskDefinitionArn"),
        limit=8192,
    ),
    "batch": TargetKind(
        "batch",
        "job-queue/*",
        "tasks:build_batch",
        FIELDS,
        needs_role=ALWAYS,
        needs=("BatchParameters", "JobDefinition"),
        limit=30 * KIB,
    ),
    "ssm-document": TargetKind(
        "ssm",
        "document/*",
        "management:build_run_command",
        SETTINGS,
        needs_role=ALWAYS,
        needs=("RunCommandParameters", "RunCommandTargets"),
    ),
    "ssm-automation": TargetKind(
        "ssm",
        "automation-definition/*",
        "management:build_automation",
        SETTINGS,
        needs_role=ALWAYS,
    ),
    "ssm-ops-item": TargetKind("ssm", "opsitem", "management:build_ops_item", SETTINGS),
    "ssm-incidents": TargetKind(
        "ssm-incidents",
        "response-plan/*",
        "management:build_incident",
        TEXT,
        needs_role=ALWAYS,
        limit=10_000,
    ),
    "codebuild": TargetKind(
        "codebuild", "project/*", "tasks:build_codebuild", FIELDS, needs_role=ALWAYS
    ),
    "codepipeline": TargetKind(
        "codepipeline", "*", "tasks:build_codepipeline", FIELDS, needs_role=ALWAYS
    ),
    "inspector": TargetKind(
        "inspector",
        "target/*",
        "tasks:build_inspector",
        IGNORED,
        resource_regex="target/[^/]+/template/.+",
        needs_role=ALWAYS,
    ),
    "api-gateway": TargetKind(
        "execute-api",
        "*",
        "http:build_api_gateway",
        TEXT,
        resource_regex="[^/]+/[^/]+/[^/]+(/.*)?",
        trace_header=IN_REQUEST,
    ),
    "redshift": TargetKind(
        "redshift",
        "cluster:*",
        "tasks:build_redshift",
        IGNORED,
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "redshift-serverless": TargetKind(
        "redshift-serverless",
        "workgroup/*",
        "tasks:build_redshift",
        IGNORED,
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "sagemaker": TargetKind(
        "sagemaker", "pipeline/*", "tasks:build_sagemaker", IGNORED, needs_role=ALWAYS
    ),
    "appsync": TargetKind(
        "appsync",
        "endpoints/graphql-api/*",
        "http:build_appsync",
        OBJECT,
        needs_role=ALWAYS,
        needs=("AppSyncParameters", "GraphQLOperation"),
        trace_header=IN_REQUEST,
    ),
    "glue": TargetKind(
        "glue", "workflow/*", "tasks:build_glue", IGNORED, needs_role=ALWAYS
    ),
    "imagebuilder": TargetKind(
        "imagebuilder",
        "image-pipeline/*",
        "tasks:build_imagebuilder",
        IGNORED,
        needs_role=ALWAYS,
    ),
}


def get_target_kind(arn: Arn) -> TargetKind | None:
    """Get the kind of a target by its ARN; `None` when no kind fits."""
    return next((kind for kind in TARGET_KINDS.values() if kind.fits(arn)), None)


def is_target_service(service: str) -> bool:
    """Say whether some kind of target belongs to a service."""
    return any(kind.service == service for kind in TARGET_KINDS.values())
