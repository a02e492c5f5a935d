"""TagResource and its kin: what they accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Example, Member, Operation, by_name, list_of
from evcli.model.shared import ARN, TAG_KEY, TAG_LIST

TAG_KEY_LIST = list_of("TagKeyList", TAG_KEY)

# What examples need first.
PUT_TAGS = (
    "evcli tag-resource --resource-arn "
    "arn:aws:events:us-east-1:000000000000:event-bus/default --tags "
    "Key=team,Value=shop Key=stage,Value=test"
)

RESOURCE_ARN_MEMBER = Member(
    "ResourceARN",
    ARN,
    "The ARN of the event bus or the rule.",
    required=True,
    completes="resource-arn",
)

LIST_TAGS_FOR_RESOURCE = Operation(
    "ListTagsForResource",
    "Lists the tags of an event bus or a rule in the order in which they were added. "
    "All come at once; there are no pages.",
    request=(RESOURCE_ARN_MEMBER,),
    response=(Member("Tags", TAG_LIST),),
    errors=("ResourceNotFoundException", "InternalException"),
    reads_only=True,
    examples=(
        Example(
            "Tags of a bus",
            "evcli list-tags-for-resource --resource-arn "
            "arn:aws:events:us-east-1:000000000000:event-bus/default",
            given=(PUT_TAGS,),
        ),
    ),
)

TAG_RESOURCE = Operation(
    "TagResource",
    "Puts tags on an event bus or a rule. New keys are added, the value of a key "
    "that is there is replaced, all other tags stay.",
    request=(
        RESOURCE_ARN_MEMBER,
        Member("Tags", TAG_LIST, "The tags to add or to change.", required=True),
    ),
    response=(),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InternalException",
        "ManagedRuleException",
    ),
    examples=(Example("Tag the default bus", PUT_TAGS),),
)

UNTAG_RESOURCE = Operation(
    "UntagResource",
    "Takes tags off an event bus or a rule. Keys that it does not have are passed "
    "over.",
    request=(
        RESOURCE_ARN_MEMBER,
        Member(
            "TagKeys",
            TAG_KEY_LIST,
            "The keys of the tags to take off.",
            required=True,
            completes="tag-key",
        ),
    ),
    response=(),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "ConcurrentModificationException",
        "ManagedRuleException",
    ),
    examples=(
        Example(
            "Take a tag off",
            "evcli untag-resource --resource-arn "
            "arn:aws:events:us-east-1:000000000000:event-bus/default --tag-keys "
            "stage",
            given=(PUT_TAGS,),
        ),
    ),
)

OPERATIONS = by_name(
    LIST_TAGS_FOR_RESOURCE,
    TAG_RESOURCE,
    UNTAG_RESOURCE,
)
