"""Tags of event buses and rules: put, take off, list.

The ARN says where the resource is, so one of another account or region is looked up
there.
"""

from __future__ import annotations

from evcli.arns import find_arn, malformed_arn, split_rule_resource
from evcli.operations.resources import find_event_bus, put_tags
from evcli.operations.rules import find_rule, require_not_managed
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import EventBus


def find_taggable(ctx: Context, resource_arn: str) -> EventBus | Rule:
    """Fetch the event bus or rule that an ARN names.

    Raises:
        ValidationException: the ARN is neither an event bus's nor a rule's. [peer]
        ResourceNotFoundException: there is no such event bus or rule. [aws]
    """
    arn = find_arn(resource_arn)
    # The resource's beginning decides: an event bus called my-event-bus has rules whose
    # ARNs hold "event-bus/" further on.
    if arn.service == "events" and arn.region and len(arn.account_id) == 12:
        owner = ctx.act_as(arn.account_id, arn.region)
        if arn.resource.startswith("event-bus/"):
            return find_event_bus(owner, arn.resource.removeprefix("event-bus/"))
        if arn.resource.startswith("rule/"):
            return find_rule(owner, *split_rule_resource(arn.resource))
    raise malformed_arn(resource_arn)


def _find_changeable(ctx: Context, resource_arn: str) -> EventBus | Rule:
    resource = find_taggable(ctx, resource_arn)
    # Only rules have managers. Source: [doc].
    if isinstance(resource, Rule):
        require_not_managed(resource)
    return resource


def tag_resource(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Put tags on a resource; a known key gets the new value. [doc]

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        ManagedRuleException: the rule belongs to another feature.
        ValidationException: the ARN or the tags will not do.
        LimitExceededException: too many tags. [guess] The model does not declare it.
    """
    resource = _find_changeable(ctx, request["ResourceARN"])
    put_tags(ctx, resource.arn, request["Tags"])
    return {}


def untag_resource(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Take tags off a resource; a key that it does not have is fine. [aws]

    Raises: as `tag_resource`, but for the tags.
    """
    resource = _find_changeable(ctx, request["ResourceARN"])
    for key in request["TagKeys"]:
        ctx.store.tags.delete(resource.arn, key)
    return {}


def list_tags_for_resource(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """List the tags of a resource, in the order in which they came. [aws]

    Raises:
        ResourceNotFoundException: there is no such event bus or rule.
        ValidationException: the ARN will not do.
    """
    resource = find_taggable(ctx, request["ResourceARN"])
    tags = ctx.store.tags.list(resource.arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags]}


HANDLERS = {
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
