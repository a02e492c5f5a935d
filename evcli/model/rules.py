"""PutRule and its kin: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import (
    Example,
    Member,
    Operation,
    Pagination,
    by_name,
    list_of,
    string,
    structure,
)
from evcli.model.shared import (
    EVENT_BUS_NAME,
    EVENT_BUS_NAME_MEMBER,
    EVENT_PATTERN,
    FORCE_MEMBER,
    MAKE_RULE,
    MAKE_TARGET,
    MANAGED_BY,
    NEXT_TOKEN,
    PAGE_MEMBERS,
    ROLE_ARN,
    RULE_CHANGE_ERRORS,
    RULE_NAME,
    TAG_LIST,
    TARGET_ARN,
)

SCHEDULE_EXPRESSION = string("ScheduleExpression", max=256)
RULE_STATE = string(
    "RuleState",
    enum=("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
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

NAME_MEMBER = Member(
    "Name",
    RULE_NAME,
    "The rule, by name. An ARN is refused.",
    required=True,
    completes="rule",
)

PUT_RULE = Operation(
    "PutRule",
    "Creates a rule, or replaces the rule of that name on that event bus. The rule "
    "needs an event pattern, a schedule, or both; what matches goes to the targets "
    "that `put-targets` adds.\n\n"
    "Replacing is complete: what you leave out returns to its default, so a disabled "
    "rule is enabled again unless you repeat `--state DISABLED`. Only the targets "
    "and the tags are kept, and `--tags` counts at creation alone.\n\n"
    "Schedules belong to the `default` bus. Offline nothing runs in the background: "
    "`evcli local run` fires due schedules as time passes, `evcli local tick` fires "
    "all that are due and returns.",
    request=(
        Member(
            "Name",
            RULE_NAME,
            "The name of the rule. Each event bus has its own names.",
            required=True,
            completes="rule",
        ),
        Member(
            "ScheduleExpression",
            SCHEDULE_EXPRESSION,
            "When the rule fires by itself: `rate(5 minutes)` or `cron(0 12 * * ? "
            "*)`, in UTC. For rules of the `default` bus only.",
        ),
        Member(
            "EventPattern",
            EVENT_PATTERN,
            "Which events match, as JSON text: each field lists the values or "
            "conditions that satisfy it. Stored as written.",
        ),
        Member(
            "State",
            RULE_STATE,
            "Whether the rule matches. The third state also lets in management "
            "events that only read; offline it is the same as `ENABLED`.",
        ),
        Member(
            "Description",
            RULE_DESCRIPTION,
            "A note for people. Left out, an existing note is removed.",
        ),
        Member(
            "RoleArn",
            ROLE_ARN,
            "The role that targets would be called with, unless they have their own. "
            "Stored and shown, not used.",
        ),
        Member(
            "Tags",
            TAG_LIST,
            "Tags to put on a new rule. For a rule that exists they are ignored: use "
            "`tag-resource`.",
        ),
        EVENT_BUS_NAME_MEMBER,
    ),
    response=(Member("RuleArn", RULE_ARN),),
    errors=(
        "InvalidEventPatternException",
        "LimitExceededException",
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
        "ResourceNotFoundException",
    ),
    examples=(
        Example("Match by content", MAKE_RULE),
        Example(
            "Fire every five minutes",
            "evcli put-rule --name every-five --schedule-expression 'rate(5 minutes)'",
        ),
    ),
)

DESCRIBE_RULE = Operation(
    "DescribeRule",
    "Shows a rule as it was put, its event pattern byte for byte. Targets are listed "
    "by `list-targets-by-rule`, tags by `list-tags-for-resource`.",
    request=(
        NAME_MEMBER,
        EVENT_BUS_NAME_MEMBER,
    ),
    response=(
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
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Show a rule", "evcli describe-rule --name big-orders", given=(MAKE_RULE,)
        ),
    ),
)

LIST_RULE_NAMES_BY_TARGET = Operation(
    "ListRuleNamesByTarget",
    "Lists the names of the rules of one event bus that send to a target. The ARN is "
    "compared as text, letter by letter; every rule is named once.",
    request=(
        Member(
            "TargetArn",
            TARGET_ARN,
            "The ARN of the target, exactly as it was put.",
            required=True,
            completes="target-arn",
        ),
        EVENT_BUS_NAME_MEMBER,
        *PAGE_MEMBERS,
    ),
    response=(
        Member("RuleNames", RULE_NAME_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException", "ResourceNotFoundException"),
    pagination=Pagination("RuleNames", automatic=True),
    reads_only=True,
    examples=(
        Example(
            "Who sends to this queue?",
            "evcli list-rule-names-by-target --target-arn "
            "arn:aws:sqs:us-east-1:000000000000:big-orders",
            given=(
                MAKE_RULE,
                MAKE_TARGET,
            ),
        ),
    ),
)

LIST_RULES = Operation(
    "ListRules",
    "Lists the rules of one event bus by name; without a bus, those of `default`. "
    "Rules that evcli manages, such as that of an archive, are listed with the "
    "others and carry `ManagedBy`.",
    request=(
        Member(
            "NamePrefix",
            RULE_NAME,
            "Only rules whose names begin like this.",
            completes="rule",
        ),
        EVENT_BUS_NAME_MEMBER,
        *PAGE_MEMBERS,
    ),
    response=(
        Member("Rules", RULE_RESPONSE_LIST),
        Member("NextToken", NEXT_TOKEN),
    ),
    errors=("InternalException", "ResourceNotFoundException"),
    pagination=Pagination("Rules", automatic=True),
    reads_only=True,
    examples=(
        Example(
            "Rules by prefix, as a table",
            "evcli list-rules --name-prefix big --output table",
            given=(MAKE_RULE,),
        ),
    ),
)

ENABLE_RULE = Operation(
    "EnableRule",
    "Lets a rule match events, or its schedule fire, from now on. An enabled rule "
    "stays enabled; nothing is printed.",
    request=(
        NAME_MEMBER,
        EVENT_BUS_NAME_MEMBER,
    ),
    response=None,
    errors=RULE_CHANGE_ERRORS,
    examples=(
        Example(
            "Switch a rule on",
            "evcli enable-rule --name big-orders",
            given=(
                (
                    "evcli put-rule --name big-orders --event-pattern "
                    '\'{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}\' '
                    "--state DISABLED"
                ),
            ),
        ),
    ),
)

DISABLE_RULE = Operation(
    "DisableRule",
    "Stops a rule from matching events and its schedule from firing. The rule, its "
    "targets and its tags stay; `enable-rule` brings it back. Nothing is printed.",
    request=(
        NAME_MEMBER,
        EVENT_BUS_NAME_MEMBER,
    ),
    response=None,
    errors=RULE_CHANGE_ERRORS,
    examples=(
        Example(
            "Switch a rule off",
            "evcli disable-rule --name big-orders",
            given=(MAKE_RULE,),
        ),
    ),
)

DELETE_RULE = Operation(
    "DeleteRule",
    "Removes a rule and its tags. A rule that has targets is refused, with `--force` "
    "too: call `remove-targets` first. A rule that does not exist counts as removed.",
    request=(
        NAME_MEMBER,
        EVENT_BUS_NAME_MEMBER,
        FORCE_MEMBER,
    ),
    response=None,
    errors=(
        "ConcurrentModificationException",
        "ManagedRuleException",
        "InternalException",
        "ResourceNotFoundException",
    ),
    examples=(
        Example(
            "Remove a rule whose targets are gone",
            "evcli delete-rule --name big-orders",
            given=(
                MAKE_RULE,
                MAKE_TARGET,
                "evcli remove-targets --rule big-orders --ids queue",
            ),
        ),
    ),
)

OPERATIONS = by_name(
    PUT_RULE,
    DESCRIBE_RULE,
    LIST_RULE_NAMES_BY_TARGET,
    LIST_RULES,
    ENABLE_RULE,
    DISABLE_RULE,
    DELETE_RULE,
)
