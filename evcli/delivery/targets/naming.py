"""Names that services want and events do not have: derived, so that retries agree."""

from __future__ import annotations

from evcli.ids import format_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.arns import Arn
    from evcli.store.deliveries import Delivery

# The namespace of URLs. Source: RFC 9562, 6.6.
NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")


def derive_uuid(*parts: str) -> str:
    """Make a UUID, version 5, that is the same for the same parts."""
    import hashlib

    # Neither ARNs nor target ids hold a blank.
    name = " ".join(parts).encode("utf-8", "surrogatepass")
    digest = hashlib.sha1(NAMESPACE + name, usedforsecurity=False).hexdigest()
    return format_uuid(digest, 5)


def derive_delivery_uuid(delivery: Delivery) -> str:
    """Make a UUID for one event on its way to one target of one rule."""
    return derive_uuid(delivery.event.event_id, delivery.rule_arn, delivery.target_id)


def find_domain(arn: Arn) -> str:
    """Name the domain below which the services of an ARN's partition answer."""
    return "amazonaws.com.cn" if arn.partition == "aws-cn" else "amazonaws.com"


def format_queue_url(arn: Arn) -> str:
    """Spell the URL of an SQS queue."""
    return (
        f"https://sqs.{arn.region}.{find_domain(arn)}/{arn.account_id}/{arn.resource}"
    )
