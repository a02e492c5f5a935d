"""The rules for tags, wherever a request brings some.

Source: [peer] the text on duplicates, [doc] the limit and the reserved prefix, [guess]
how the service words these two.
"""

from __future__ import annotations

from evcli.errors import ValidationException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context


def put_tags(ctx: Context, resource_arn: str, tags: list[dict[str, str]]) -> None:
    """Put tags on a resource: new keys at the end, known keys keep their place. [doc]

    Raises:
        ValidationException: a key occurs twice, or is reserved.
        LimitExceededException: the resource would have too many tags.
    """
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise ValidationException("Invalid parameter: Duplicated keys are not allowed.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise ValidationException(
            "aws: prefixed tag key names are not allowed for external use."
        )
    known = [key for key, _ in ctx.store.tags.list(resource_arn)]
    ctx.check_quota("tags_per_resource", len({*known, *keys}))
    for tag in tags:
        ctx.store.tags.put(resource_arn, tag["Key"], tag["Value"])
