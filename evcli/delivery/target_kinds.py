"""The kinds of targets: how to tell them by their ARN, and what each one asks for.

A kind is a row of `TARGET_KINDS`. The first row whose service and resource fit an ARN is
the target's kind; a service that no row names cannot be a target.

Source: [doc] the guide's catalogue of targets and ARN forms; [field] roles of states,
codebuild, codepipeline, batch and API destinations, [doc] the other roles; [field]
BatchParameters, [peer] SqsParameters, [guess] the other needed members.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.arns import Arn

# When PutTargets insists on a RoleArn.
NEVER = "never"
ALWAYS = "always"
OTHER_REGION = "other region"

ALL_INPUTS = frozenset({"Input", "InputPath", "InputTransformer"})
NO_INPUTS: frozenset[str] = frozenset()
TRANSFORMER_ONLY = frozenset({"InputTransformer"})

# Headers that HttpParameters may not set; those that start so neither. Source: [doc].
FORBIDDEN_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "host",
        "max-forwards",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "www-authenticate",
        "x-forwarded-for",
    }
)
FORBIDDEN_HEADER_PREFIX = "x-amz"


class TargetKind:
    """One kind of target.

    `resource` is a regex for the whole resource of the ARN. `needs` is the path of the
    member without which the target makes no sense, such as `("SqsParameters",
    "MessageGroupId")`; empty where there is none. `inputs` are the input settings that
    the kind knows. `template_keys`, where there are any, are the keys that its input
    template has to have.
    """

    __slots__ = (
        "inputs",
        "needs",
        "needs_role",
        "resource",
        "service",
        "template_keys",
    )

    def __init__(
        self,
        service: str,
        resource: str,
        *,
        needs_role: str = NEVER,
        needs: tuple[str, ...] = (),
        inputs: frozenset[str] = ALL_INPUTS,
        template_keys: frozenset[str] = frozenset(),
    ) -> None:
        self.service = service
        self.resource = resource
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
    "lambda": TargetKind("lambda", "function:.+"),
    "sqs-fifo": TargetKind(
        "sqs", r".+\.fifo", needs=("SqsParameters", "MessageGroupId")
    ),
    "sqs": TargetKind("sqs", ".+"),
    "sns": TargetKind("sns", ".+"),
    "logs": TargetKind(
        "logs",
        "log-group:.+",
        inputs=TRANSFORMER_ONLY,
        template_keys=frozenset({"timestamp", "message"}),
    ),
    "event-bus": TargetKind(
        "events", "event-bus/.+", needs_role=OTHER_REGION, inputs=NO_INPUTS
    ),
    "api-destination": TargetKind("events", "api-destination/.+", needs_role=ALWAYS),
    "ec2": TargetKind("events", "target/.+", needs_role=ALWAYS),
    "kinesis": TargetKind("kinesis", "stream/.+", needs_role=ALWAYS),
    "firehose": TargetKind("firehose", "deliverystream/.+", needs_role=ALWAYS),
    "states": TargetKind("states", "stateMachine:.+", needs_role=ALWAYS),
    "ecs": TargetKind(
        "ecs",
        "cluster/.+",
        needs_role=ALWAYS,
        needs=("EcsParameters", "TaskDefinitionArn"),
    ),
    "batch": TargetKind(
        "batch",
        "job-queue/.+",
        needs_role=ALWAYS,
        needs=("BatchParameters", "JobDefinition"),
    ),
    "ssm-document": TargetKind(
        "ssm",
        "document/.+",
        needs_role=ALWAYS,
        needs=("RunCommandParameters", "RunCommandTargets"),
    ),
    "ssm-automation": TargetKind("ssm", "automation-definition/.+", needs_role=ALWAYS),
    "ssm-ops-item": TargetKind("ssm", "opsitem"),
    "ssm-incidents": TargetKind("ssm-incidents", "response-plan/.+", needs_role=ALWAYS),
    "codebuild": TargetKind("codebuild", "project/.+", needs_role=ALWAYS),
    "codepipeline": TargetKind("codepipeline", ".+", needs_role=ALWAYS),
    "inspector": TargetKind("inspector", "target/.+", needs_role=ALWAYS),
    "api-gateway": TargetKind("execute-api", ".+"),
    "redshift": TargetKind(
        "redshift",
        "cluster:.+",
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "redshift-serverless": TargetKind(
        "redshift-serverless",
        "workgroup/.+",
        needs_role=ALWAYS,
        needs=("RedshiftDataParameters", "Database"),
    ),
    "sagemaker": TargetKind("sagemaker", "pipeline/.+", needs_role=ALWAYS),
    "appsync": TargetKind(
        "appsync",
        "endpoints/graphql-api/.+",
        needs_role=ALWAYS,
        needs=("AppSyncParameters", "GraphQLOperation"),
    ),
    "glue": TargetKind("glue", "workflow/.+", needs_role=ALWAYS),
    "imagebuilder": TargetKind("imagebuilder", "image-pipeline/.+", needs_role=ALWAYS),
}


def find_target_kind(arn: Arn) -> TargetKind | None:
    """Tell the kind of a target by its ARN; `None` when no kind fits."""
    return next((kind for kind in TARGET_KINDS.values() if kind.fits(arn)), None)


def is_target_service(service: str) -> bool:
    """Say whether some kind of target belongs to a service."""
    return any(kind.service == service for kind in TARGET_KINDS.values())


def is_forbidden_header(name: str) -> bool:
    """Say whether a header is none of the target's business. Source: [doc]."""
    lowered = name.lower()
    return lowered in FORBIDDEN_HEADERS or lowered.startswith(FORBIDDEN_HEADER_PREFIX)
