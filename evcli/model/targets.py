"""PutTargets and its kin: what they accept, return and raise.

The long part is the target itself: one structure of settings for each kind of service
that a rule can send to.
"""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Member,
    Operation,
    Pagination,
    by_name,
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
    FORCE_MEMBER,
    HEADER_KEY,
    MAKE_RULE,
    MAKE_TARGET,
    NAME_REGEX,
    NEXT_TOKEN,
    PAGE_MEMBERS,
    PLAIN_BOOLEAN,
    PLAIN_INTEGER,
    PLAIN_STRING,
    QUERY_STRING_KEY,
    ROLE_ARN,
    RULE_CHANGE_ERRORS,
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
LAUNCH_TYPE = string("LaunchType", enum=("EC2", "FARGATE", "EXTERNAL"))
ASSIGN_PUBLIC_IP = string("AssignPublicIp", enum=("ENABLED", "DISABLED"))
CAPACITY_PROVIDER = string("CapacityProvider", 1, 255)
CAPACITY_PROVIDER_STRATEGY_ITEM_WEIGHT = integer(
    "CapacityProviderStrategyItemWeight", 0, 1000
)
CAPACITY_PROVIDER_STRATEGY_ITEM_BASE = integer(
    "CapacityProviderStrategyItemBase", 0, 100_000
)
PLACEMENT_CONSTRAINT_TYPE = string(
    "PlacementConstraintType", enum=("distinctInstance", "memberOf")
)
PLACEMENT_CONSTRAINT_EXPRESSION = string("PlacementConstraintExpression", max=2000)
PLACEMENT_STRATEGY_TYPE = string(
    "PlacementStrategyType", enum=("random", "spread", "binpack")
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
    Member(
        "InputPathsMap",
        TRANSFORMER_PATHS,
        "Names for parts of the event, each with its JSON path.",
    ),
    Member(
        "InputTemplate",
        TRANSFORMER_INPUT,
        "The text to send, with `<name>` wherever a part goes.",
        required=True,
    ),
)
KINESIS_PARAMETERS = structure(
    "KinesisParameters",
    Member(
        "PartitionKeyPath",
        TARGET_PARTITION_KEY_PATH,
        "A JSON path to the value that chooses the shard.",
        required=True,
    ),
)
RUN_COMMAND_TARGET_VALUES = list_of(
    "RunCommandTargetValues", RUN_COMMAND_TARGET_VALUE, 1, 50
)
RUN_COMMAND_TARGET = structure(
    "RunCommandTarget",
    Member(
        "Key",
        RUN_COMMAND_TARGET_KEY,
        "What to select by: `InstanceIds` or `tag:NAME`.",
        required=True,
    ),
    Member(
        "Values",
        RUN_COMMAND_TARGET_VALUES,
        "The instance ids or tag values.",
        required=True,
    ),
)
RUN_COMMAND_TARGETS = list_of("RunCommandTargets", RUN_COMMAND_TARGET, 1, 5)
RUN_COMMAND_PARAMETERS = structure(
    "RunCommandParameters",
    Member(
        "RunCommandTargets",
        RUN_COMMAND_TARGETS,
        "Which instances run the command.",
        required=True,
    ),
)
STRING_LIST = list_of("StringList", PLAIN_STRING)
AWS_VPC_CONFIGURATION = structure(
    "AwsVpcConfiguration",
    Member("Subnets", STRING_LIST, "The subnets, all of one VPC.", required=True),
    Member(
        "SecurityGroups",
        STRING_LIST,
        "The security groups; the default group of the VPC if you name none.",
    ),
    Member(
        "AssignPublicIp",
        ASSIGN_PUBLIC_IP,
        "Whether a task gets a public address; Fargate only.",
    ),
)
NETWORK_CONFIGURATION = structure(
    "NetworkConfiguration",
    Member(
        "awsvpcConfiguration",
        AWS_VPC_CONFIGURATION,
        "Subnets and security groups of the tasks.",
    ),
)
CAPACITY_PROVIDER_STRATEGY_ITEM = structure(
    "CapacityProviderStrategyItem",
    Member(
        "capacityProvider",
        CAPACITY_PROVIDER,
        "The short name of the capacity provider.",
        required=True,
    ),
    Member(
        "weight",
        CAPACITY_PROVIDER_STRATEGY_ITEM_WEIGHT,
        "Its share of the tasks, relative to the other weights.",
    ),
    Member(
        "base",
        CAPACITY_PROVIDER_STRATEGY_ITEM_BASE,
        "How many tasks it gets before the weights count.",
    ),
)
CAPACITY_PROVIDER_STRATEGY = list_of(
    "CapacityProviderStrategy", CAPACITY_PROVIDER_STRATEGY_ITEM, max=6
)
PLACEMENT_CONSTRAINT = structure(
    "PlacementConstraint",
    Member(
        "type",
        PLACEMENT_CONSTRAINT_TYPE,
        "Whether tasks need different instances, or instances of a group.",
    ),
    Member(
        "expression",
        PLACEMENT_CONSTRAINT_EXPRESSION,
        "The cluster query that `memberOf` evaluates.",
    ),
)
PLACEMENT_CONSTRAINTS = list_of("PlacementConstraints", PLACEMENT_CONSTRAINT, max=10)
PLACEMENT_STRATEGY = structure(
    "PlacementStrategy",
    Member("type", PLACEMENT_STRATEGY_TYPE, "Spread out, packed tight, or at random."),
    Member(
        "field",
        PLACEMENT_STRATEGY_FIELD,
        "What to spread over or to pack by, such as `instanceId` or `memory`.",
    ),
)
PLACEMENT_STRATEGIES = list_of("PlacementStrategies", PLACEMENT_STRATEGY, max=5)
ECS_PARAMETERS = structure(
    "EcsParameters",
    Member("TaskDefinitionArn", ARN, "The task definition to run.", required=True),
    Member("TaskCount", LIMIT_MIN1, "How many tasks to start; one if you do not say."),
    Member(
        "LaunchType",
        LAUNCH_TYPE,
        "Where the tasks run; not together with a capacity provider strategy.",
    ),
    Member(
        "NetworkConfiguration",
        NETWORK_CONFIGURATION,
        "The network of tasks in `awsvpc` mode.",
    ),
    Member(
        "PlatformVersion",
        PLAIN_STRING,
        "The Fargate platform, by number only, such as `1.4.0`.",
    ),
    Member("Group", PLAIN_STRING, "The task group."),
    Member(
        "CapacityProviderStrategy",
        CAPACITY_PROVIDER_STRATEGY,
        "How tasks are spread over capacity providers.",
    ),
    Member(
        "EnableECSManagedTags",
        PLAIN_BOOLEAN,
        "Whether ECS adds its own tags to the tasks.",
    ),
    Member(
        "EnableExecuteCommand",
        PLAIN_BOOLEAN,
        "Whether commands may be run inside the containers.",
    ),
    Member(
        "PlacementConstraints",
        PLACEMENT_CONSTRAINTS,
        "Rules that an instance has to satisfy to get a task.",
    ),
    Member(
        "PlacementStrategy",
        PLACEMENT_STRATEGIES,
        "How tasks are laid out over the instances.",
    ),
    Member(
        "PropagateTags",
        PROPAGATE_TAGS,
        "Whether the tasks inherit the tags of the task definition.",
    ),
    Member("ReferenceId", REFERENCE_ID, "Your reference for the tasks."),
    Member("Tags", TAG_LIST, "Tags to put on the tasks."),
)
BATCH_ARRAY_PROPERTIES = structure(
    "BatchArrayProperties",
    Member("Size", PLAIN_INTEGER, "How many jobs the array has."),
)
BATCH_RETRY_STRATEGY = structure(
    "BatchRetryStrategy",
    Member("Attempts", PLAIN_INTEGER, "How many times Batch runs a failing job."),
)
BATCH_PARAMETERS = structure(
    "BatchParameters",
    Member(
        "JobDefinition",
        PLAIN_STRING,
        "The ARN or the name of the job definition.",
        required=True,
    ),
    Member("JobName", PLAIN_STRING, "The name of the job.", required=True),
    Member("ArrayProperties", BATCH_ARRAY_PROPERTIES, "Makes the job an array job."),
    Member("RetryStrategy", BATCH_RETRY_STRATEGY, "How often the job is tried."),
)
SQS_PARAMETERS = structure(
    "SqsParameters",
    Member(
        "MessageGroupId", MESSAGE_GROUP_ID, "The message group of every message sent."
    ),
)
PATH_PARAMETER_LIST = list_of("PathParameterList", PATH_PARAMETER)
HEADER_PARAMETERS_MAP = map_of("HeaderParametersMap", HEADER_KEY, HEADER_VALUE)
QUERY_STRING_PARAMETERS_MAP = map_of(
    "QueryStringParametersMap", QUERY_STRING_KEY, QUERY_STRING_VALUE
)
HTTP_PARAMETERS = structure(
    "HttpParameters",
    Member(
        "PathParameterValues",
        PATH_PARAMETER_LIST,
        "What fills the `*` in the path of the endpoint, from left to right.",
    ),
    Member("HeaderParameters", HEADER_PARAMETERS_MAP, "Headers to add to the call."),
    Member(
        "QueryStringParameters",
        QUERY_STRING_PARAMETERS_MAP,
        "Query parameters to add to the call.",
    ),
)
SQLS = list_of("Sqls", SQL, 0, 40, sensitive=True)
REDSHIFT_DATA_PARAMETERS = structure(
    "RedshiftDataParameters",
    Member(
        "SecretManagerArn",
        REDSHIFT_SECRET_MANAGER_ARN,
        "The secret with the credentials of the database.",
    ),
    Member("Database", DATABASE, "The name of the database.", required=True),
    Member("DbUser", DB_USER, "The database user, for temporary credentials."),
    Member("Sql", SQL, "The statement to run."),
    Member("StatementName", STATEMENT_NAME, "A name for the statement."),
    Member(
        "WithEvent",
        PLAIN_BOOLEAN,
        "Whether the end of the statement is reported as an event.",
    ),
    Member("Sqls", SQLS, "Several statements to run in one transaction."),
)
SAGE_MAKER_PIPELINE_PARAMETER = structure(
    "SageMakerPipelineParameter",
    Member(
        "Name",
        SAGE_MAKER_PIPELINE_PARAMETER_NAME,
        "The parameter's name in the pipeline.",
        required=True,
    ),
    Member(
        "Value",
        SAGE_MAKER_PIPELINE_PARAMETER_VALUE,
        "Its value for this start.",
        required=True,
    ),
)
SAGE_MAKER_PIPELINE_PARAMETER_LIST = list_of(
    "SageMakerPipelineParameterList", SAGE_MAKER_PIPELINE_PARAMETER, 0, 200
)
SAGE_MAKER_PIPELINE_PARAMETERS = structure(
    "SageMakerPipelineParameters",
    Member(
        "PipelineParameterList",
        SAGE_MAKER_PIPELINE_PARAMETER_LIST,
        "The parameters that the pipeline is started with.",
    ),
)
RETRY_POLICY = structure(
    "RetryPolicy",
    Member(
        "MaximumRetryAttempts",
        MAXIMUM_RETRY_ATTEMPTS,
        "How many times to try again; 185 if you do not say.",
    ),
    Member(
        "MaximumEventAgeInSeconds",
        MAXIMUM_EVENT_AGE_IN_SECONDS,
        "How old an event may become before tries end; a day if you do not say.",
    ),
)
APP_SYNC_PARAMETERS = structure(
    "AppSyncParameters",
    Member(
        "GraphQLOperation",
        GRAPHQL_OPERATION,
        "The GraphQL operation to run, with variables filled from the payload.",
    ),
)
TARGET = structure(
    "Target",
    Member("Id", TARGET_ID, "Your name for the target within the rule.", required=True),
    Member(
        "Arn",
        TARGET_ARN,
        "The resource to send to; its service decides which of the parameters count.",
        required=True,
    ),
    Member(
        "RoleArn",
        ROLE_ARN,
        "The role to call the target with; some kinds of target demand one.",
    ),
    Member(
        "Input",
        TARGET_INPUT,
        "JSON text that is sent in place of the event.",
    ),
    Member(
        "InputPath",
        TARGET_INPUT_PATH,
        "A JSON path, such as `$.detail`, to the part of the event that is sent.",
    ),
    Member(
        "InputTransformer",
        INPUT_TRANSFORMER,
        "Builds what is sent from parts of the event.",
    ),
    Member("KinesisParameters", KINESIS_PARAMETERS, "For Kinesis streams."),
    Member(
        "RunCommandParameters",
        RUN_COMMAND_PARAMETERS,
        "For Systems Manager Run Command.",
    ),
    Member("EcsParameters", ECS_PARAMETERS, "For ECS tasks."),
    Member(
        "BatchParameters", BATCH_PARAMETERS, "For Batch job queues, which demand it."
    ),
    Member("SqsParameters", SQS_PARAMETERS, "For SQS FIFO queues, which demand it."),
    Member(
        "HttpParameters",
        HTTP_PARAMETERS,
        "For API destinations and API Gateway: path values, headers and query of "
        "the call.",
    ),
    Member(
        "RedshiftDataParameters",
        REDSHIFT_DATA_PARAMETERS,
        "For Redshift clusters and workgroups.",
    ),
    Member(
        "SageMakerPipelineParameters",
        SAGE_MAKER_PIPELINE_PARAMETERS,
        "For SageMaker pipelines.",
    ),
    Member(
        "DeadLetterConfig",
        DEAD_LETTER_CONFIG,
        "Where deliveries go that have failed for good.",
    ),
    Member("RetryPolicy", RETRY_POLICY, "How long a failing delivery is tried again."),
    Member("AppSyncParameters", APP_SYNC_PARAMETERS, "For AppSync GraphQL APIs."),
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
    "RemoveTargetsResultEntry", *PUT_TARGETS_RESULT_ENTRY.members.values()
)
REMOVE_TARGETS_RESULT_ENTRY_LIST = list_of(
    "RemoveTargetsResultEntryList", REMOVE_TARGETS_RESULT_ENTRY
)

RULE_MEMBER = Member(
    "Rule",
    RULE_NAME,
    "The rule, by name. An ARN is refused.",
    required=True,
    completes="rule",
)

PUT_TARGETS = Operation(
    "PutTargets",
    "Adds targets to a rule, or replaces those whose ids the rule already has. A "
    "rule holds at most five targets; a request past that changes nothing.\n\n"
    "A target gets the whole event unless one of `Input`, `InputPath` and "
    "`InputTransformer` says otherwise.\n\n"
    "evcli calls no cloud service. Every delivery is worked out as the service's API "
    "would be called and handed to the sink configured for the ARN, by default a "
    "JSON Lines file in the state directory; `evcli local sinks` shows and changes "
    "that. Some kinds of target want a `RoleArn`, as in the cloud, and so do event "
    "buses of other accounts and regions; it is never used.",
    request=(
        RULE_MEMBER,
        EVENT_BUS_NAME_MEMBER,
        Member(
            "Targets",
            TARGET_LIST,
            "The targets to add or to replace, each with at least `Id` and `Arn`.",
            required=True,
        ),
    ),
    response=(
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
    examples=(
        Example("Send to a queue", MAKE_TARGET, given=(MAKE_RULE,)),
        Example(
            "Send a sentence to a topic",
            "evcli put-targets --rule big-orders --targets "
            '\'[{"Id": "topic",\n'
            '  "Arn": "arn:aws:sns:us-east-1:000000000000:alerts",\n'
            '  "InputTransformer": {\n'
            '    "InputPathsMap": {"total": "$.detail.total"},\n'
            '    "InputTemplate": "\\"An order of <total>.\\""}}]\'',
            given=(MAKE_RULE,),
        ),
    ),
)

LIST_TARGETS_BY_RULE = Operation(
    "ListTargetsByRule",
    "Lists the targets of a rule by id, as they were put: only the settings that "
    "were given.",
    request=(
        RULE_MEMBER,
        EVENT_BUS_NAME_MEMBER,
        *PAGE_MEMBERS,
    ),
    response=(
        Member("Targets", TARGET_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("ResourceNotFoundException", "InternalException"),
    pagination=Pagination("Targets", automatic=True),
    reads_only=True,
    examples=(
        Example(
            "Show the targets",
            "evcli list-targets-by-rule --rule big-orders",
            given=(
                MAKE_RULE,
                MAKE_TARGET,
            ),
        ),
    ),
)

REMOVE_TARGETS = Operation(
    "RemoveTargets",
    "Takes targets off a rule. An id that the rule does not have is passed over; the "
    "answer counts no failure for it. Deliveries already accepted still go out.",
    request=(
        RULE_MEMBER,
        EVENT_BUS_NAME_MEMBER,
        Member(
            "Ids",
            TARGET_ID_LIST,
            "The ids of the targets to take off.",
            required=True,
            completes="target-id",
        ),
        FORCE_MEMBER,
    ),
    response=(
        Member("FailedEntryCount", PLAIN_INTEGER),
        Member("FailedEntries", REMOVE_TARGETS_RESULT_ENTRY_LIST),
    ),
    errors=RULE_CHANGE_ERRORS,
    examples=(
        Example(
            "Take a target off",
            "evcli remove-targets --rule big-orders --ids queue",
            given=(
                MAKE_RULE,
                MAKE_TARGET,
            ),
        ),
    ),
)

OPERATIONS = by_name(
    PUT_TARGETS,
    LIST_TARGETS_BY_RULE,
    REMOVE_TARGETS,
)
