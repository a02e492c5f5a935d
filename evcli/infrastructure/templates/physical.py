"""What CloudFormation would call a resource: the results of `Ref` and `Fn::GetAtt`.

Source: [doc] the resource schemas' primary identifiers and read-only properties.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ARN = "arn:{partition}:{service}:{region}:{account}:"


class ForeignType:
    """How resources of a type are named.

    `name_property` holds the name, of at most `limit` characters; without it one is made
    up. `ref` and `attributes` are texts with `{name}`, `{partition}`, `{region}`,
    `{account}`, `{suffix}` (of domains), `{id}`, `{uuid}`, and properties in their own
    spelling; `{arn}` is `attributes["Arn"]`.
    """

    __slots__ = ("attributes", "limit", "name_property", "ref")

    def __init__(
        self,
        name_property: str,
        limit: int,
        ref: str,
        arn: str = "",
        **attributes: str,
    ) -> None:
        self.name_property = name_property
        self.limit = limit
        self.attributes = {"Arn": arn} if arn else {}
        self.attributes |= {
            name.replace("__", "."): text.replace("{arn}", arn)
            for name, text in attributes.items()
        }
        self.ref = ref.replace("{arn}", arn)


def _arn(service: str, resource: str) -> str:
    return f"{_ARN.replace('{service}', service)}{resource}"


_QUEUE_URL = "https://sqs.{region}.{suffix}/{account}/{name}"
_FUNCTION = ForeignType("FunctionName", 64, "{name}", _arn("lambda", "function:{name}"))
_STATE_MACHINE = ForeignType(
    "StateMachineName", 80, "{arn}", _arn("states", "stateMachine:{name}"), Name="{name}"
)  # fmt: skip
_TABLE = ForeignType(
    "TableName", 255, "{name}", _arn("dynamodb", "table/{name}"),
    StreamArn=_arn("dynamodb", "table/{name}/stream/2015-01-01T00:00:00.000"),
)  # fmt: skip

TYPES: dict[str, ForeignType] = {
    "AWS::SQS::Queue": ForeignType(
        "QueueName", 80, _QUEUE_URL, _arn("sqs", "{name}"),
        QueueName="{name}", QueueUrl=_QUEUE_URL,
    ),
    "AWS::SNS::Topic": ForeignType(
        "TopicName", 256, _arn("sns", "{name}"),
        TopicArn=_arn("sns", "{name}"), TopicName="{name}",
    ),
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Lambda::Alias": ForeignType(
        "Name", 128, _arn("lambda", "function:{FunctionName}:{name}"),
        AliasArn=_arn("lambda", "function:{FunctionName}:{name}"),
    ),
    "AWS::Lambda::Version": ForeignType(
        "", 64, _arn("lambda", "function:{FunctionName}:1"),
        FunctionArn=_arn("lambda", "function:{FunctionName}:1"), Version="1",
    ),
    "AWS::StepFunctions::StateMachine": _STATE_MACHINE,
    "AWS::Serverless::StateMachine": _STATE_MACHINE,
    "AWS::Kinesis::Stream": ForeignType(
        "Name", 128, "{name}", _arn("kinesis", "stream/{name}")
    ),
    "AWS::KinesisFirehose::DeliveryStream": ForeignType(
        "DeliveryStreamName", 64, "{name}", _arn("firehose", "deliverystream/{name}")
    ),
    "AWS::ECS::Cluster": ForeignType(
        "ClusterName", 255, "{name}", _arn("ecs", "cluster/{name}")
    ),
    "AWS::ECS::TaskDefinition": ForeignType(
        "Family", 255, _arn("ecs", "task-definition/{name}:1"),
        TaskDefinitionArn=_arn("ecs", "task-definition/{name}:1"),
    ),
    "AWS::Batch::JobQueue": ForeignType(
        "JobQueueName", 128, _arn("batch", "job-queue/{name}"),
        JobQueueArn=_arn("batch", "job-queue/{name}"),
    ),
    "AWS::Batch::JobDefinition": ForeignType(
        "JobDefinitionName", 128, _arn("batch", "job-definition/{name}:1")
    ),
    "AWS::Logs::LogGroup": ForeignType(
        "LogGroupName", 512, "{name}", _arn("logs", "log-group:{name}:*")
    ),
    "AWS::ApiGateway::RestApi": ForeignType(
        "", 64, "{id}", RestApiId="{id}", RootResourceId="{id}"
    ),
    "AWS::Serverless::Api": ForeignType(
        "", 64, "{id}", RestApiId="{id}", RootResourceId="{id}"
    ),
    "AWS::ApiGatewayV2::Api": ForeignType(
        "", 64, "{id}", ApiId="{id}", ExecuteApiArn=_arn("execute-api", "{id}"),
        ApiEndpoint="https://{id}.execute-api.{region}.{suffix}",
    ),
    "AWS::Serverless::HttpApi": ForeignType("", 64, "{id}", ApiId="{id}"),
    "AWS::CodeBuild::Project": ForeignType(
        "Name", 255, "{name}", _arn("codebuild", "project/{name}")
    ),
    "AWS::CodePipeline::Pipeline": ForeignType(
        "Name", 100, "{name}", _arn("codepipeline", "{name}")
    ),
    "AWS::SageMaker::Pipeline": ForeignType(
        "PipelineName", 256, "{name}", _arn("sagemaker", "pipeline/{name}")
    ),
    "AWS::SSM::Document": ForeignType(
        "Name", 128, "{name}", _arn("ssm", "document/{name}")
    ),
    "AWS::Redshift::Cluster": ForeignType(
        "ClusterIdentifier", 63, "{name}", _arn("redshift", "cluster:{name}")
    ),
    "AWS::RedshiftServerless::Workgroup": ForeignType(
        "WorkgroupName", 64, "{name}", _arn("redshift-serverless", "workgroup/{uuid}"),
        Workgroup__WorkgroupArn="{arn}",
    ),
    "AWS::AppSync::GraphQLApi": ForeignType(
        "", 64, _arn("appsync", "apis/{id}"), _arn("appsync", "apis/{id}"),
        ApiId="{id}", GraphQLEndpointArn=_arn("appsync", "endpoints/graphql-api/{id}"),
    ),
    "AWS::Glue::Workflow": ForeignType(
        "Name", 255, "{name}", _arn("glue", "workflow/{name}")
    ),
    "AWS::SSMIncidents::ResponsePlan": ForeignType(
        "Name", 200, "{arn}",
        "arn:{partition}:ssm-incidents::{account}:response-plan/{name}",
    ),
    "AWS::Inspector::AssessmentTemplate": ForeignType(
        "", 64, "{arn}", _arn("inspector", "target/0-{id}/template/0-{id}")
    ),
    "AWS::IAM::Role": ForeignType(
        "RoleName", 64, "{name}", "arn:{partition}:iam::{account}:role{Path}{name}",
        RoleId="AROA{id}",
    ),
    "AWS::KMS::Key": ForeignType(
        "", 64, "{uuid}", _arn("kms", "key/{uuid}"), KeyId="{uuid}"
    ),
    "AWS::KMS::Alias": ForeignType("AliasName", 256, "{name}"),
    "AWS::S3::Bucket": ForeignType(
        "BucketName", 63, "{name}", "arn:{partition}:s3:::{name}",
        DomainName="{name}.s3.{suffix}",
    ),
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::Serverless::SimpleTable": _TABLE,
    "AWS::SecretsManager::Secret": ForeignType(
        "", 64, _arn("secretsmanager", "secret:{name}-{id}"),
        Id=_arn("secretsmanager", "secret:{name}-{id}"),
    ),
    # evcli's own: ids at the end of ARNs are filled in once the store knows them.
    "AWS::Events::EventBus": ForeignType(
        "Name", 256, "{name}", _arn("events", "event-bus/{name}"), Name="{name}"
    ),
    "AWS::Events::Rule": ForeignType(
        "Name", 64, "{bus|}{name}", _arn("events", "rule/{bus/}{name}"),
        RuleName="{name}",
    ),
    "AWS::Events::Archive": ForeignType(
        "ArchiveName", 48, "{name}", _arn("events", "archive/{name}"),
        ArchiveName="{name}",
    ),
    "AWS::Events::Connection": ForeignType(
        "Name", 64, "{name}", _arn("events", "connection/{name}"),
        ArnForPolicy="{arn}",
        SecretArn=_arn("secretsmanager", "secret:events!connection/{name}/{uuid}-{id}"),
    ),
    "AWS::Events::ApiDestination": ForeignType(
        "Name", 64, "{name}", _arn("events", "api-destination/{name}"),
        ArnForPolicy="{arn}",
    ),
    "AWS::Events::Endpoint": ForeignType(
        "Name", 64, "{name}", _arn("events", "endpoint/{name}"),
        EndpointId="{id}.veo", State="ACTIVE", StateReason="",
        EndpointUrl="https://{id}.veo.endpoint.events.{suffix}",
    ),
}  # fmt: skip

_FIELD = re.compile(r"\{([^{}]+)\}")


def find_type(name: str) -> ForeignType:
    """How a type is named; one that nobody wrote down as most are. [guess]"""
    if name in TYPES:
        return TYPES[name]
    parts = name.split("::")
    if len(parts) != 3:
        return ForeignType("", 64, "{name}")
    _, service, kind = parts
    resource = f"{kind[0].lower()}{kind[1:]}/{{name}}"
    return ForeignType("", 64, "{name}", _arn(service.lower(), resource))


def fill(text: str, values: Any) -> str:
    """Put values in for the names in braces; `values` is asked for each."""
    return _FIELD.sub(lambda found: str(values(found.group(1))), text)
