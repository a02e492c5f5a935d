"""What the AWS provider's attributes are in requests, as data.

Attribute → member, whose dots lead into structures. A block is (member, attributes); one
that may be repeated is (member, [attributes]). What is absent, `null`, empty text or an
empty list is not set, as for the provider. Source: [peer] the provider's code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Attributes = dict[str, Any]

# Type → (kind, attributes).
TYPES: dict[str, tuple[str, Attributes]] = {
    "aws_cloudwatch_event_bus": (
        "event_bus",
        {
            "event_source_name": "EventSourceName",
            "description": "Description",
            "kms_key_identifier": "KmsKeyIdentifier",
            "dead_letter_config": ("DeadLetterConfig", {"arn": "Arn"}),
            "log_config": (
                "LogConfig",
                {"include_detail": "IncludeDetail", "level": "Level"},
            ),
        },
    ),
    "aws_cloudwatch_event_bus_policy": ("policy", {"policy": "Policy"}),
    "aws_cloudwatch_event_permission": (
        "permission",
        {
            "action": "Action",
            "principal": "Principal",
            "condition": (
                "Condition",
                {"type": "Type", "key": "Key", "value": "Value"},
            ),
        },
    ),
    "aws_cloudwatch_event_connection": (
        "connection",
        {
            "description": "Description",
            "authorization_type": "AuthorizationType",
            "kms_key_identifier": "KmsKeyIdentifier",
            "auth_parameters": ("AuthParameters", {}),
            "invocation_connectivity_parameters": (
                "InvocationConnectivityParameters",
                {
                    "resource_parameters": (
                        "ResourceParameters",
                        {"resource_configuration_arn": "ResourceConfigurationArn"},
                    )
                },
            ),
        },
    ),
    "aws_cloudwatch_event_api_destination": (
        "api_destination",
        {
            "description": "Description",
            "connection_arn": "ConnectionArn",
            "invocation_endpoint": "InvocationEndpoint",
            "http_method": "HttpMethod",
            "invocation_rate_limit_per_second": "InvocationRateLimitPerSecond",
        },
    ),
    "aws_cloudwatch_event_endpoint": (
        "endpoint",
        {
            "description": "Description",
            "role_arn": "RoleArn",
            "event_bus": ("EventBuses", [{"event_bus_arn": "EventBusArn"}]),
            "replication_config": ("ReplicationConfig", {"state": "State"}),
            "routing_config": (
                "RoutingConfig",
                {
                    "failover_config": (
                        "FailoverConfig",
                        {
                            "primary": ("Primary", {"health_check": "HealthCheck"}),
                            "secondary": ("Secondary", {"route": "Route"}),
                        },
                    )
                },
            ),
        },
    ),
    "aws_cloudwatch_event_rule": (
        "rule",
        {
            "event_pattern": "EventPattern",
            "schedule_expression": "ScheduleExpression",
            "state": "State",
            "description": "Description",
            "role_arn": "RoleArn",
        },
    ),
    "aws_cloudwatch_event_target": (
        "target",
        {
            "arn": "Arn",
            "role_arn": "RoleArn",
            "input": "Input",
            "input_path": "InputPath",
            "input_transformer": (
                "InputTransformer",
                {"input_paths": "InputPathsMap", "input_template": "InputTemplate"},
            ),
            "dead_letter_config": ("DeadLetterConfig", {"arn": "Arn"}),
            "retry_policy": (
                "RetryPolicy",
                {
                    "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
                    "maximum_retry_attempts": "MaximumRetryAttempts",
                },
            ),
            "sqs_target": ("SqsParameters", {"message_group_id": "MessageGroupId"}),
            "kinesis_target": (
                "KinesisParameters",
                {"partition_key_path": "PartitionKeyPath"},
            ),
            "http_target": (
                "HttpParameters",
                {
                    "header_parameters": "HeaderParameters",
                    "query_string_parameters": "QueryStringParameters",
                    "path_parameter_values": "PathParameterValues",
                },
            ),
            "run_command_targets": (
                "RunCommandParameters.RunCommandTargets",
                [{"key": "Key", "values": "Values"}],
            ),
            "batch_target": (
                "BatchParameters",
                {
                    "job_definition": "JobDefinition",
                    "job_name": "JobName",
                    "array_size": "ArrayProperties.Size",
                    "job_attempts": "RetryStrategy.Attempts",
                },
            ),
            "redshift_target": (
                "RedshiftDataParameters",
                {
                    "database": "Database",
                    "db_user": "DbUser",
                    "secrets_manager_arn": "SecretManagerArn",
                    "sql": "Sql",
                    "statement_name": "StatementName",
                    "with_event": "WithEvent",
                },
            ),
            "sagemaker_pipeline_target": (
                "SageMakerPipelineParameters",
                {
                    "pipeline_parameter_list": (
                        "PipelineParameterList",
                        [{"name": "Name", "value": "Value"}],
                    )
                },
            ),
            "appsync_target": (
                "AppSyncParameters",
                {"graphql_operation": "GraphQLOperation"},
            ),
            "ecs_target": (
                "EcsParameters",
                {
                    "task_definition_arn": "TaskDefinitionArn",
                    "task_count": "TaskCount",
                    "launch_type": "LaunchType",
                    "platform_version": "PlatformVersion",
                    "group": "Group",
                    "enable_ecs_managed_tags": "EnableECSManagedTags",
                    "enable_execute_command": "EnableExecuteCommand",
                    "propagate_tags": "PropagateTags",
                    "tags": "Tags",
                    "network_configuration": (
                        "NetworkConfiguration.awsvpcConfiguration",
                        {
                            "subnets": "Subnets",
                            "security_groups": "SecurityGroups",
                            "assign_public_ip": "AssignPublicIp",
                        },
                    ),
                    "capacity_provider_strategy": (
                        "CapacityProviderStrategy",
                        [
                            {
                                "capacity_provider": "capacityProvider",
                                "weight": "weight",
                                "base": "base",
                            }
                        ],
                    ),
                    "placement_constraint": (
                        "PlacementConstraints",
                        [{"type": "type", "expression": "expression"}],
                    ),
                    "ordered_placement_strategy": (
                        "PlacementStrategy",
                        [{"type": "type", "field": "field"}],
                    ),
                },
            ),
        },
    ),
    "aws_cloudwatch_event_archive": (
        "archive",
        {
            "event_source_arn": "EventSourceArn",
            "description": "Description",
            "event_pattern": "EventPattern",
            "retention_days": "RetentionDays",
            "kms_key_identifier": "KmsKeyIdentifier",
        },
    ),
}

_PARAMETER = [{"key": "Key", "value": "Value", "is_value_secret": "IsValueSecret"}]
_HTTP_PARAMETERS = {
    "header": ("HeaderParameters", _PARAMETER),
    "query_string": ("QueryStringParameters", _PARAMETER),
    "body": ("BodyParameters", _PARAMETER),
}
TYPES["aws_cloudwatch_event_connection"][1]["auth_parameters"][1].update(
    {
        "api_key": (
            "ApiKeyAuthParameters",
            {"key": "ApiKeyName", "value": "ApiKeyValue"},
        ),
        "basic": (
            "BasicAuthParameters",
            {"username": "Username", "password": "Password"},
        ),
        "oauth": (
            "OAuthParameters",
            {
                "authorization_endpoint": "AuthorizationEndpoint",
                "http_method": "HttpMethod",
                "client_parameters": (
                    "ClientParameters",
                    {"client_id": "ClientID", "client_secret": "ClientSecret"},
                ),
                "oauth_http_parameters": ("OAuthHttpParameters", _HTTP_PARAMETERS),
            },
        ),
        "invocation_http_parameters": ("InvocationHttpParameters", _HTTP_PARAMETERS),
    }
)

# Type → (type of CloudFormation whose ARNs it has, attribute of the name).
PHYSICAL: dict[str, tuple[str, str]] = {
    "aws_sqs_queue": ("AWS::SQS::Queue", "name"),
    "aws_sns_topic": ("AWS::SNS::Topic", "name"),
    "aws_lambda_function": ("AWS::Lambda::Function", "function_name"),
    "aws_lambda_alias": ("AWS::Lambda::Alias", "name"),
    "aws_sfn_state_machine": ("AWS::StepFunctions::StateMachine", "name"),
    "aws_kinesis_stream": ("AWS::Kinesis::Stream", "name"),
    "aws_kinesis_firehose_delivery_stream": (
        "AWS::KinesisFirehose::DeliveryStream",
        "name",
    ),
    "aws_ecs_cluster": ("AWS::ECS::Cluster", "name"),
    "aws_ecs_task_definition": ("AWS::ECS::TaskDefinition", "family"),
    "aws_batch_job_queue": ("AWS::Batch::JobQueue", "name"),
    "aws_batch_job_definition": ("AWS::Batch::JobDefinition", "name"),
    "aws_cloudwatch_log_group": ("AWS::Logs::LogGroup", "name"),
    "aws_api_gateway_rest_api": ("AWS::ApiGateway::RestApi", ""),
    "aws_apigatewayv2_api": ("AWS::ApiGatewayV2::Api", ""),
    "aws_codebuild_project": ("AWS::CodeBuild::Project", "name"),
    "aws_codepipeline": ("AWS::CodePipeline::Pipeline", "name"),
    "aws_sagemaker_pipeline": ("AWS::SageMaker::Pipeline", "pipeline_name"),
    "aws_ssm_document": ("AWS::SSM::Document", "name"),
    "aws_redshift_cluster": ("AWS::Redshift::Cluster", "cluster_identifier"),
    "aws_redshiftserverless_workgroup": (
        "AWS::RedshiftServerless::Workgroup",
        "workgroup_name",
    ),
    "aws_appsync_graphql_api": ("AWS::AppSync::GraphQLApi", ""),
    "aws_glue_workflow": ("AWS::Glue::Workflow", "name"),
    "aws_ssmincidents_response_plan": ("AWS::SSMIncidents::ResponsePlan", "name"),
    "aws_inspector_assessment_template": ("AWS::Inspector::AssessmentTemplate", ""),
    "aws_iam_role": ("AWS::IAM::Role", "name"),
    "aws_kms_key": ("AWS::KMS::Key", ""),
    "aws_s3_bucket": ("AWS::S3::Bucket", "bucket"),
    "aws_dynamodb_table": ("AWS::DynamoDB::Table", "name"),
    "aws_secretsmanager_secret": ("AWS::SecretsManager::Secret", "name"),
    "aws_cloudwatch_event_bus": ("AWS::Events::EventBus", "name"),
    "aws_cloudwatch_event_rule": ("AWS::Events::Rule", "name"),
    "aws_cloudwatch_event_archive": ("AWS::Events::Archive", "name"),
    "aws_cloudwatch_event_connection": ("AWS::Events::Connection", "name"),
    "aws_cloudwatch_event_api_destination": ("AWS::Events::ApiDestination", "name"),
    "aws_cloudwatch_event_endpoint": ("AWS::Events::Endpoint", "name"),
}

# Type → attribute → text as in `templates/physical.py`, where it differs from there.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "aws_cloudwatch_log_group": {
        "arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"
    },
    "aws_cloudwatch_event_rule": {"id": "{bus/}{name}"},
    "aws_lambda_function": {
        "qualified_arn": "arn:{partition}:lambda:{region}:{account}:function:{name}:1",
        "id": "{name}",
    },
    "aws_lambda_alias": {
        "arn": "arn:{partition}:lambda:{region}:{account}"
        ":function:{function_name}:{name}"
    },
    "aws_api_gateway_rest_api": {
        "execution_arn": "arn:{partition}:execute-api:{region}:{account}:{id}",
        "id": "{id}",
    },
    "aws_apigatewayv2_api": {
        "execution_arn": "arn:{partition}:execute-api:{region}:{account}:{id}",
        "id": "{id}",
    },
    "aws_ecs_task_definition": {
        "arn_without_revision": "arn:{partition}:ecs:{region}:{account}"
        ":task-definition/{name}"
    },
    "aws_kms_key": {"key_id": "{uuid}"},
}
