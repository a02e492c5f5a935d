"""What the operations on tags accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, list_of, structure
from evcli.model.shared import ARN, TAG_KEY, TAG_LIST

TAG_KEY_LIST = list_of("TagKeyList", TAG_KEY)

LIST_TAGS_FOR_RESOURCE = Operation(
    "ListTagsForResource",
    "",
    request=structure(
        "ListTagsForResourceRequest",
        Member("ResourceARN", ARN, required=True),
    ),
    response=structure(
        "ListTagsForResourceResponse",
        Member("Tags", TAG_LIST),
    ),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
    ),
    reads_only=True,
)

TAG_RESOURCE = Operation(
    "TagResource",
    "",
    request=structure(
        "TagResourceRequest",
        Member("ResourceARN", ARN, required=True),
        Member("Tags", TAG_LIST, required=True),
    ),
    response=structure("TagResourceResponse"),
    errors=(
        "ResourceNotFoundException",
        "ConcurrentModificationException",
        "InternalException",
        "ManagedRuleException",
    ),
)

UNTAG_RESOURCE = Operation(
    "UntagResource",
    "",
    request=structure(
        "UntagResourceRequest",
        Member("ResourceARN", ARN, required=True),
        Member("TagKeys", TAG_KEY_LIST, required=True),
    ),
    response=structure("UntagResourceResponse"),
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "ConcurrentModificationException",
        "ManagedRuleException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        LIST_TAGS_FOR_RESOURCE,
        TAG_RESOURCE,
        UNTAG_RESOURCE,
    )
}
