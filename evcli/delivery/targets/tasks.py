"""Requests of services that start work: containers, jobs, builds, pipelines, statements.

Most take their parameters from the target and little or nothing from the payload.

Source: [doc] which fields of the payload count; [peer] both spellings for Batch;
[guess] what does not fit fails without retry, `startedBy`, tokens.
"""

from __future__ import annotations

from evcli.arns import parse_arn, split_rule_resource
from evcli.delivery.event_paths import fill_paths, read_envelope
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.ids import derive_uuid, name_by_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery

# The members of a TaskOverride and their types. Source: [doc] RunTask.
TASK_OVERRIDE: dict[str, type] = {
    "containerOverrides": list,
    "cpu": str,
    "memory": str,
    "executionRoleArn": str,
    "taskRoleArn": str,
    "ephemeralStorage": dict,
    "inferenceAcceleratorOverrides": list,
}

# Members of EcsParameters that RunTask spells otherwise than by a small first letter.
RUN_TASK_NAMES = {"TaskDefinitionArn": "taskDefinition", "TaskCount": "count"}

CONTAINER_OVERRIDES = ("command", "environment", "memory", "vcpus")

# The members of StartBuild that a payload may set. Source: [doc] StartBuild.
START_BUILD_MEMBERS = (
    "secondarySourcesOverride",
    "secondarySourcesVersionOverride",
    "sourceVersion",
    "artifactsOverride",
    "secondaryArtifactsOverride",
    "environmentVariablesOverride",
    "sourceTypeOverride",
    "sourceLocationOverride",
    "sourceAuthOverride",
    "gitCloneDepthOverride",
    "gitSubmodulesConfigOverride",
    "buildspecOverride",
    "insecureSslOverride",
    "reportBuildStatusOverride",
    "buildStatusConfigOverride",
    "environmentTypeOverride",
    "imageOverride",
    "computeTypeOverride",
    "certificateOverride",
    "cacheOverride",
    "serviceRoleOverride",
    "privilegedModeOverride",
    "timeoutInMinutesOverride",
    "queuedTimeoutInMinutesOverride",
    "encryptionKeyOverride",
    "idempotencyToken",
    "logsConfigOverride",
    "registryCredentialOverride",
    "imagePullCredentialsTypeOverride",
    "debugSessionEnabled",
    "fleetOverride",
    "autoRetryLimitOverride",
    "hostKernelOverride",
)

START_PIPELINE_MEMBERS = ("variables", "sourceRevisions")


def read_parameters(delivery: Delivery, member: str) -> dict[str, Any]:
    """Read a parameter member of the target, its paths filled from the event."""
    given = delivery.target.get(member, {})
    filled: dict[str, Any] = fill_paths(given, read_envelope(delivery.event))
    return filled


def lower_names(value: Any) -> Any:
    """Spell member names with a small first letter, at every depth."""
    if isinstance(value, dict):
        return {_lower(key): lower_names(each) for key, each in value.items()}
    return [lower_names(each) for each in value] if isinstance(value, list) else value


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def pick(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Copy the named fields, those that are there, in the order of the names."""
    return {name: fields[name] for name in names if name in fields}


def build_ecs(
    delivery: Delivery, arn: Arn, override: dict[str, Any] | None
) -> dict[str, Any] | InvalidRequest:
    """Run tasks; the payload counts only where input settings made it. [doc]"""
    request: dict[str, Any] = {"cluster": delivery.target_arn}
    parameters = read_parameters(delivery, "EcsParameters")
    defaults = {"TaskDefinitionArn": "", "TaskCount": 1}
    for name, value in (defaults | parameters).items():
        request[RUN_TASK_NAMES.get(name) or _lower(name)] = lower_names(value)
    if "capacityProviderStrategy" in request:
        request.pop("launchType", None)
    if override is not None:
        unfit = [
            name
            for name, value in override.items()
            if name not in TASK_OVERRIDE or not isinstance(value, TASK_OVERRIDE[name])
        ]
        if unfit:
            return InvalidRequest(
                "INVALID_PARAMETER",
                f"The payload is no TaskOverride because of {', '.join(unfit)}.",
            )
        request["overrides"] = override
    rule = parse_arn(delivery.rule_arn)
    rule_name = split_rule_resource(rule.resource)[1] if rule else ""
    request["startedBy"] = f"events-rule/{rule_name}"
    return {"action": "ecs:RunTask", "request": request}


def build_batch(
    delivery: Delivery, arn: Arn, fields: dict[str, Any]
) -> dict[str, Any] | InvalidRequest:
    """Submit a job; three fields of the payload count, in either spelling."""
    given = delivery.target.get("BatchParameters", {})
    spelled = {_lower(name): value for name, value in fields.items()}
    request = {
        "jobName": given.get("JobName", ""),
        "jobQueue": delivery.target_arn,
        "jobDefinition": given.get("JobDefinition", ""),
        **lower_names(pick(given, ("ArrayProperties", "RetryStrategy"))),
    }
    parameters = spelled.get("parameters")
    if parameters is not None:
        if not _is_string_map(parameters):
            return InvalidRequest(
                "INVALID_PARAMETER", "Parameters are no map of strings."
            )
        request["parameters"] = parameters
    overrides = lower_names(spelled.get("containerOverrides"))
    if isinstance(overrides, dict):
        request["containerOverrides"] = pick(overrides, CONTAINER_OVERRIDES)
    depends_on = lower_names(spelled.get("dependsOn"))
    if isinstance(depends_on, list):
        request["dependsOn"] = [
            pick(each, ("jobId",)) for each in depends_on if isinstance(each, dict)
        ]
    return {"action": "batch:SubmitJob", "request": request}


def _is_string_map(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(each, str) for each in value.values()
    )


def build_codebuild(
    delivery: Delivery, arn: Arn, fields: dict[str, Any]
) -> dict[str, Any]:
    """Start a build; fields of the payload that StartBuild knows pass one to one."""
    name = arn.resource.removeprefix("project/")
    return {
        "action": "codebuild:StartBuild",
        "request": {"projectName": name, **pick(fields, START_BUILD_MEMBERS)},
    }


def build_codepipeline(
    delivery: Delivery, arn: Arn, fields: dict[str, Any]
) -> dict[str, Any]:
    """Start an execution of a pipeline."""
    return {
        "action": "codepipeline:StartPipelineExecution",
        "request": {"name": arn.resource, **pick(fields, START_PIPELINE_MEMBERS)},
    }


def build_sagemaker(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start an execution of a pipeline; the event comes in by paths only."""
    parameters = read_parameters(delivery, "SageMakerPipelineParameters")
    request: dict[str, Any] = {
        "PipelineName": arn.resource.removeprefix("pipeline/"),
        "ClientRequestToken": derive_uuid(
            delivery.event.event_id, delivery.rule_arn, delivery.target_id
        ),
    }
    if "PipelineParameterList" in parameters:
        request["PipelineParameters"] = parameters["PipelineParameterList"]
    return {"action": "sagemaker:StartPipelineExecution", "request": request}


def build_redshift(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Execute one statement or a batch; the event comes in by paths only."""
    parameters = read_parameters(delivery, "RedshiftDataParameters")
    if arn.service == "redshift":
        where = {"ClusterIdentifier": arn.resource.removeprefix("cluster:")}
    else:
        where = {"WorkgroupName": arn.resource.removeprefix("workgroup/")}
    is_batch = bool(parameters.get("Sqls"))
    parameters["SecretArn"] = parameters.get("SecretManagerArn")
    names = ("Database", "DbUser", "SecretArn", "Sqls" if is_batch else "Sql")
    chosen = pick(parameters, (*names, "StatementName", "WithEvent"))
    action = "BatchExecuteStatement" if is_batch else "ExecuteStatement"
    return {
        "action": f"redshift-data:{action}",
        "request": where
        | {name: value for name, value in chosen.items() if value is not None},
    }


def build_glue(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start the event trigger of a workflow, by an action that no SDK has. [doc]"""
    return {
        "action": "glue:NotifyEvent",
        "request": {
            "workflow": arn.resource.removeprefix("workflow/"),
            "eventIds": [delivery.event.event_id],
        },
    }


def build_imagebuilder(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start an image pipeline."""
    return {
        "action": "imagebuilder:StartImagePipelineExecution",
        "request": {
            "imagePipelineArn": delivery.target_arn,
            "clientToken": name_by_id(delivery.event.event_id),
        },
    }


def build_inspector(delivery: Delivery, arn: Arn, payload: object) -> dict[str, Any]:
    """Start an assessment run."""
    return {
        "action": "inspector:StartAssessmentRun",
        "request": {"assessmentTemplateArn": delivery.target_arn},
    }
