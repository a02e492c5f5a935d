"""What the operations on rules accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, Pagination, list_of, string, structure
from evcli.model.shared import (
    EVENT_BUS_NAME,
    EVENT_BUS_NAME_MEMBER,
    EVENT_PATTERN,
    LIMIT_MEMBER,
    MANAGED_BY,
    NEXT_TOKEN,
    NEXT_TOKEN_MEMBER,
    PLAIN_BOOLEAN,
    ROLE_ARN,
    RULE_NAME,
    TAG_LIST,
    TARGET_ARN,
)

SCHEDULE_EXPRESSION = string("ScheduleExpression", max=256)
RULE_STATE = string(
    "RuleState",
    enum=(
        "ENABLED",
        "DISABLED",
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    ),
)
RULE_DESCRIPTION = string("RuleDescription", max=512)
RULE_ARN = string("RuleArn", 1, 1600)
CREATED_BY = string("CreatedBy", 1, 128)

RULE_NAME_LIST = list_of("RuleNameList", RULE_NAME)
RULE = structure(
    "Rule",
    Member("Name", RULE_NAME),
    Member("Arn", RULE_ARN),
    Member("EventPattern", EVENT_PATTERN),
    Member("State", RULE_STATE),
    Member("Description", RULE_DESCRIPTION),
    Member("ScheduleExpression", SCHEDULE_EXPRESSION),
    Member("RoleArn", ROLE_ARN),
    Member("ManagedBy", MANAGED_BY),
    Member("EventBusName", EVENT_BUS_NAME),
)
RULE_RESPONSE_LIST = list_of("RuleResponseList", RULE)

PUT_RULE = Operation(
    "PutRule",
    "",
    request=structure(
        "PutRuleRequest",
        Member("Name", RULE_NAME, required=True),
        Member("ScheduleExpression", SCHEDULE_EXPRESSION),
        Member("EventPattern", EVENT_PATTERN),
        Member("State", RULE_STATE),
        Member("Description", RULE_DESCRIPTION),
        Member("RoleArn", ROLE_ARN),
        Member("Tags", TAG_LIST),
        EVENT_BUS_NAME_MEMBER,
    ),
    response=structure(
        "PutRuleResponse",
        Member("RuleArn", RULE_ARN),
    ),
    errors=(
        "InvalidEventPatternException",
        "LimitExceededException",
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
        "ResourceNotFoundException",
    ),
)

DESCRIBE_RULE = Operation(
    "DescribeRule",
    "",
    request=structure(
        "DescribeRuleRequest",
        Member("Name", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
    ),
    response=structure(
        "DescribeRuleResponse",
        Member("Name", RULE_NAME),
        Member("Arn", RULE_ARN),
        Member("EventPattern", EVENT_PATTERN),
        Member("ScheduleExpression", SCHEDULE_EXPRESSION),
        Member("State", RULE_STATE),
        Member("Description", RULE_DESCRIPTION),
        Member("RoleArn", ROLE_ARN),
        Member("ManagedBy", MANAGED_BY),
        Member("EventBusName", EVENT_BUS_NAME),
        Member("CreatedBy", CREATED_BY),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

LIST_RULE_NAMES_BY_TARGET = Operation(
    "ListRuleNamesByTarget",
    "",
    request=structure(
        "ListRuleNamesByTargetRequest",
        Member("TargetArn", TARGET_ARN, required=True),
        EVENT_BUS_NAME_MEMBER,
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListRuleNamesByTargetResponse",
        Member("RuleNames", RULE_NAME_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "InternalException",
        "ResourceNotFoundException",
    ),
    pagination=Pagination("RuleNames", automatic=True),
    reads_only=True,
)

LIST_RULES = Operation(
    "ListRules",
    "",
    request=structure(
        "ListRulesRequest",
        Member("NamePrefix", RULE_NAME),
        EVENT_BUS_NAME_MEMBER,
        NEXT_TOKEN_MEMBER,
        LIMIT_MEMBER,
    ),
    response=structure(
        "ListRulesResponse",
        Member("Rules", RULE_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=(
        "InternalException",
        "ResourceNotFoundException",
    ),
    pagination=Pagination("Rules", automatic=True),
    reads_only=True,
)

ENABLE_RULE = Operation(
    "EnableRule",
    "",
    request=structure(
        "EnableRuleRequest",
        Member("Name", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
    ),
)

DISABLE_RULE = Operation(
    "DisableRule",
    "",
    request=structure(
        "DisableRuleRequest",
        Member("Name", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
    ),
)

DELETE_RULE = Operation(
    "DeleteRule",
    "",
    request=structure(
        "DeleteRuleRequest",
        Member("Name", RULE_NAME, required=True),
        EVENT_BUS_NAME_MEMBER,
        Member("Force", PLAIN_BOOLEAN),
    ),
    response=None,
    errors=(
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
        "ResourceNotFoundException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        PUT_RULE,
        DESCRIBE_RULE,
        LIST_RULE_NAMES_BY_TARGET,
        LIST_RULES,
        ENABLE_RULE,
        DISABLE_RULE,
        DELETE_RULE,
    )
}
