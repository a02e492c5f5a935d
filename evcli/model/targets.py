"""What the operations on targets accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Member,
    Operation,
    Pagination,
    integer,
    list_of,
    map_of,
    string,
    structure,
)
from evcli.model.shared import (
    ARN,
    DEAD_LETTER_CONFIG,
    ERROR_CODE,
    ERROR_MESSAGE,
    EVENT_BUS_NAME_MEMBER,
    HEADER_KEY,
    LIMIT_MEMBER,
    NAME_REGEX,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    PLAIN_BOOLEAN,
    PLAIN_INTEGER,
    PLAIN_STRING,
    QUERY_STRING_KEY,
    ROLE_ARN,
    RULE_NAME,
    TAG_LIST,
    TARGET_ARN,
)

TARGET_ID = string("TargetId", 1, 64, regex=NAME_REGEX)
TARGET_INPUT = string("TargetInput", max=8192)
TARGET_INPUT_PATH = string("TargetInputPath", max=256)
INPUT_TRANSFORMER_PATH_KEY = string(
    "InputTransformerPathKey", 1, 256, regex=r"[A-Za-z0-9\_\-]+"
)
TRANSFORMER_INPUT = string("TransformerInput", 1, 8192)
TARGET_PARTITION_KEY_PATH = string("TargetPartitionKeyPath", max=256)
RUN_COMMAND_TARGET_KEY = string(
    "RunCommandTargetKey", 1, 128, regex=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"
)
RUN_COMMAND_TARGET_VALUE = string("RunCommandTargetValue", 1, 256)
LIMIT_MIN1 = integer("LimitMin1", 1)
LAUNCH_TYPE = string(
    "LaunchType",
    enum=(
        "EC2",
        "FARGATE",
        "EXTERNAL",
    ),
)
ASSIGN_PUBLIC_IP = string(
    "AssignPublicIp",
    enum=(
        "ENABLED",
        "DISABLED",
    ),
)
CAPACITY_PROVIDER = string("CapacityProvider", 1, 255)
CAPACITY_PROVIDER_STRATEGY_ITEM_WEIGHT = integer(
    "CapacityProviderStrategyItemWeight", 0, 1000
)
CAPACITY_PROVIDER_STRATEGY_ITEM_BASE = integer(
    "CapacityProviderStrategyItemBase", 0, 100_000
)
PLACEMENT_CONSTRAINT_TYPE = string(
    "PlacementConstraintType",
    enum=(
        "distinctInstance",
        "memberOf",
    ),
)
PLACEMENT_CONSTRAINT_EXPRESSION = string("PlacementConstraintExpression", max=2000)
PLACEMENT_STRATEGY_TYPE = string(
    "PlacementStrategyType",
    enum=(
        "random",
        "spread",
        "binpack",
    ),
)
PLACEMENT_STRATEGY_FIELD = string("PlacementStrategyField", max=255)
PROPAGATE_TAGS = string("PropagateTags", enum=("TASK_DEFINITION",))
REFERENCE_ID = string("ReferenceId", max=1024)
MESSAGE_GROUP_ID = string("MessageGroupId", max=100)
PATH_PARAMETER = string("PathParameter", regex=r"^(?!\s*$).+")
HEADER_VALUE = string(
    "HeaderValue", max=512, regex=r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$"
)
QUERY_STRING_VALUE = string(
    "QueryStringValue", max=512, regex=r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+"
)
REDSHIFT_SECRET_MANAGER_ARN = string(
    "RedshiftSecretManagerArn",
    1,
    1600,
    regex=r"(^arn:aws([a-z]|\-)*:secretsmanager:[a-z0-9-.]+:.*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)",
)
DATABASE = string("Database", 1, 64)
DB_USER = string("DbUser", 1, 128)
SQL = string("Sql", 1, 100_000, sensitive=True)
STATEMENT_NAME = string("StatementName", 1, 500)
SAGE_MAKER_PIPELINE_PARAMETER_NAME = string(
    "SageMakerPipelineParameterName", 1, 256, regex="^[a-zA-Z0-9](-*[a-zA-Z0-9])*$"
)
SAGE_MAKER_PIPELINE_PARAMETER_VALUE = string(
    "SageMakerPipelineParameterValue", max=1024
)
MAXIMUM_RETRY_ATTEMPTS = integer("MaximumRetryAttempts", 0, 185)
MAXIMUM_EVENT_AGE_IN_SECONDS = integer("MaximumEventAgeInSeconds", 60, 86_400)
GRAPHQL_OPERATION = string("GraphQLOperation", 1, 1_048_576, sensitive=True)

TRANSFORMER_PATHS = map_of(
    "TransformerPaths", INPUT_TRANSFORMER_PATH_KEY, TARGET_INPUT_PATH, max=100
)
INPUT_TRANSFORMER = structure(
    "InputTransformer",
    Member("InputPathsMap", TRANSFORMER_PATHS),
    Member("InputTemplate", TRANSFORMER_INPUT, required=True),
)
KINESIS_PARAMETERS = structure(
    "KinesisParameters",
    Member("PartitionKeyPath", TARGET_PARTITION_KEY_PATH, required=True),
)
RUN_COMMAND_TARGET_VALUES = list_of(
    "RunCommandTargetValues", RUN_COMMAND_TARGET_VALUE, 1, 50
)
RUN_COMMAND_TARGET = structure(
    "RunCommandTarget",
    Member("Key", RUN_COMMAND_TARGET_KEY, required=True),
    Member("Values", RUN_COMMAND_TARGET_VALUES, required=True),
)
RUN_COMMAND_TARGETS = list_of("RunCommandTargets", RUN_COMMAND_TARGET, 1, 5)
RUN_COMMAND_PARAMETERS = structure(
    "RunCommandParameters",
    Member("RunCommandTargets", RUN_COMMAND_TARGETS, required=True),
)
STRING_LIST = list_of("StringList", PLAIN_STRING)
AWS_VPC_CONFIGURATION = structure(
    "AwsVpcConfiguration",
    Member("Subnets", STRING_LIST, required=True),
    Member("SecurityGroups", STRING_LIST),
    Member("AssignPublicIp", ASSIGN_PUBLIC_IP),
)
NETWORK_CONFIGURATION = structure(
    "NetworkConfiguration",
    Member("awsvpcConfiguration", AWS_VPC_CONFIGURATION),
)
CAPACITY_PROVIDER_STRATEGY_ITEM = structure(
    "CapacityProviderStrategyItem",
    Member("capacityProvider", CAPACITY_PROVIDER, required=True),
    Member("weight", CAPACITY_PROVIDER_STRATEGY_ITEM_WEIGHT),
    Member("base", CAPACITY_PROVIDER_STRATEGY_ITEM_BASE),
)
CAPACITY_PROVIDER_STRATEGY = list_of(
    "CapacityProviderStrategy", CAPACITY_PROVIDER_STRATEGY_ITEM, max=6
)
PLACEMENT_CONSTRAINT = structure(
    "PlacementConstraint",
    Member("type", PLACEMENT_CONSTRAINT_TYPE),
    Member("expression", PLACEMENT_CONSTRAINT_EXPRESSION),
)
PLACEMENT_CONSTRAINTS = list_of("PlacementConstraints", PLACEMENT_CONSTRAINT, max=10)
PLACEMENT_STRATEGY = structure(
    "PlacementStrategy",
    Member("type", PLACEMENT_STRATEGY_TYPE),
    Member("field", PLACEMENT_STRATEGY_FIELD),
)
PLACEMENT_STRATEGIES = list_of("PlacementStrategies", PLACEMENT_STRATEGY, max=5)
ECS_PARAMETERS = structure(
    "EcsParameters",
    Member("TaskDefinitionArn", ARN, required=True),
    Member("TaskCount", LIMIT_MIN1),
    Member("LaunchType", LAUNCH_TYPE),
    Member("NetworkConfiguration", NETWORK_CONFIGURATION),
    Member("PlatformVersion", PLAIN_STRING),
    Member("Group", PLAIN_STRING),
    Member("CapacityProviderStrategy", CAPACITY_PROVIDER_STRATEGY),
    Member("EnableECSManagedTags", PLAIN_BOOLEAN),
    Member("EnableExecuteCommand", PLAIN_BOOLEAN),
    Member("PlacementConstraints", PLACEMENT_CONSTRAINTS),
    Member("PlacementStrategy", PLACEMENT_STRATEGIES),
    Member("PropagateTags", PROPAGATE_TAGS),
    Member("ReferenceId", REFERENCE_ID),
    Member("Tags", TAG_LIST),
)
BATCH_ARRAY_PROPERTIES = structure(
    "BatchArrayProperties",
    Member("Size", PLAIN_INTEGER),
)
BATCH_RETRY_STRATEGY = structure(
    "BatchRetryStrategy",
    Member("Attempts", PLAIN_INTEGER),
)
BATCH_PARAMETERS = structure(
    "BatchParameters",
    Member("JobDefinition", PLAIN_STRING, required=True),
    Member("JobName", PLAIN_STRING, required=True),
    Member("ArrayProperties", BATCH_ARRAY_PROPERTIES),
    Member("RetryStrategy", BATCH_RETRY_STRATEGY),
)
SQS_PARAMETERS = structure(
    "SqsParameters",
    Member("MessageGroupId", MESSAGE_GROUP_ID),
)
PATH_PARAMETER_LIST = list_of("PathParameterList", PATH_PARAMETER)
HEADER_PARAMETERS_MAP = map_of("HeaderParametersMap", HEADER_KEY, HEADER_VALUE)
QUERY_STRING_PARAMETERS_MAP = map_of(
    "QueryStringParametersMap", QUERY_STRING_KEY, QUERY_STRING_VALUE
)
HTTP_PARAMETERS = structure(
    "HttpParameters",
    Member("PathParameterValues", PATH_PARAMETER_LIST),
    Member("HeaderParameters", HEADER_PARAMETERS_MAP),
    Member("QueryStringParameters", QUERY_STRING_PARAMETERS_MAP),
)
SQLS = list_of("Sqls", SQL, 0, 40, sensitive=True)
REDSHIFT_DATA_PARAMETERS = structure(
    "RedshiftDataParameters",
    Member("SecretManagerArn", REDSHIFT_SECRET_MANAGER_ARN),
    Member("Database", DATABASE, required=True),
    Member("DbUser", DB_USER),
    Member("Sql", SQL),
    Member("StatementName", STATEMENT_NAME),
    Member("WithEvent", PLAIN_BOOLEAN),
    Member("Sqls", SQLS),
)
SAGE_MAKER_PIPELINE_PARAMETER = structure(
    "SageMakerPipelineParameter",
    Member("Name", SAGE_MAKER_PIPELINE_PARAMETER_NAME, required=True),
    Member("Value", SAGE_MAKER_PIPELINE_PARAMETER_VALUE, required=True),
)
SAGE_MAKER_PIPELINE_PARAMETER_LIST = list_of(
    "SageMakerPipelineParameterList", SAGE_MAKER_PIPELINE_PARAMETER, 0, 200
)
SAGE_MAKER_PIPELINE_PARAMETERS = structure(
    "SageMakerPipelineParameters",
    Member("PipelineParameterList", SAGE_MAKER_PIPELINE_PARAMETER_LIST),
)
RETRY_POLICY = structure(
    "RetryPolicy",
    Member("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS),
    Member("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_IN_SECONDS),
)
APP_SYNC_PARAMETERS = structure(
    "AppSyncParameters",
    Member("GraphQLOperation", GRAPHQL_OPERATION),
)
TARGET = structure(
    "Target",
    Member("Id", TARGET_ID, required=True),
    Member("Arn", TARGET_ARN, required=True),
    Member("RoleArn", ROLE_ARN),
    Member("Input", TARGET_INPUT),
    Member("InputPath", TARGET_INPUT_PATH),
    Member("InputTransformer", INPUT_TRANSFORMER),
    Member("KinesisParameters", KINESIS_PARAMETERS),
    Member("RunCommandParameters", RUN_COMMAND_PARAMETERS),
    Member("EcsParameters", ECS_PARAMETERS),
    Member("BatchParameters", BATCH_PARAMETERS),
    Member("SqsParameters", SQS_PARAMETERS),
    Member("HttpParameters", HTTP_PARAMETERS),
    Member("RedshiftDataParameters", REDSHIFT_DATA_PARAMETERS),
    Member("SageMakerPipelineParameters", SAGE_MAKER_PIPELINE_PARAMETERS),
    Member("DeadLetterConfig", DEAD_LETTER_CONFIG),
    Member("RetryPolicy", RETRY_POLICY),
    Member("AppSyncParameters", APP_SYNC_PARAMETERS),
)
TARGET_LIST = list_of("TargetList", TARGET, 1, 100)
PUT_TARGETS_RESULT_ENTRY = structure(
    "PutTargetsResultEntry",
    Member("TargetId", TARGET_ID),
    Member("ErrorCode", ERROR_CODE),
    Member("ErrorMessage", ERROR_MESSAGE),
)
PUT_TARGETS_RESULT_ENTRY_LIST = list_of(
    "PutTargetsResultEntryList", PUT_TARGETS_RESULT_ENTRY
)
TARGET_ID_LIST = list_of("TargetIdList", TARGET_ID, 1, 100)
REMOVE_TARGETS_RESULT_ENTRY = structure(
    "RemoveTargetsResultEntry",
    Member("TargetId", TARGET_ID),
    Member("ErrorCode", ERROR_CODE),
    Member("ErrorMessage", ERROR_MESSAGE),
)
REMOVE_TARGETS_RESULT_ENTRY_LIST = list_of(
    "RemoveTargetsResultEntryList", REMOVE_TARGETS_RESULT_ENTRY
)

PUT_TARGETS = Operation(
    "PutTargets",
    "",
    request=structure(
        "PutTargetsRequest",
        Member("Rule", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
        Member("Targets", TARGET_LIST, required=True),
    ),
    response=structure(
        "PutTargetsResponse",
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("FailedEntries", PUT_TARGETS_RESULT_ENTRY_LIST),
    ),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "LimitExceededException",
        "ManagedRuleException",
        "InternalException",
    ),
)

LIST_TARGETS_BY_RULE = Operation(
    "ListTargetsByRule",
    "",
    request=structure(
        "ListTargetsByRuleRequest",
        Member("Rule", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListTargetsByRuleResponse",
        Member("Targets", TARGET_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    pagination=Pagination("Targets", automatic=True),
    reads_only=True,
)

REMOVE_TARGETS = Operation(
    "RemoveTargets",
    "",
    request=structure(
        "RemoveTargetsRequest",
        Member("Rule", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
        Member("Ids", TARGET_ID_LIST, required=True),
        Member("Force", PLAIN_BOOLEAN),
    ),
    response=structure(
        "RemoveTargetsResponse",
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("FailedEntries", REMOVE_TARGETS_RESULT_ENTRY_LIST),
    ),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        PUT_TARGETS,
        LIST_TARGETS_BY_RULE,
        REMOVE_TARGETS,
    )
}
