"""ARNs: the text form, its six parts, and the resources of EventBridge.

Source: [aws] and [doc] forms of the API reference; the partition follows the region.
"""

from __future__ import annotations

from evcli.errors import ValidationException

# Every account and region has an event bus of this name.
DEFAULT_EVENT_BUS = "default"


class Arn:
    """A parsed ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`."""

    __slots__ = ("account_id", "partition", "region", "resource", "service")

    def __init__(
        self, partition: str, service: str, region: str, account_id: str, resource: str
    ) -> None:
        self.partition = partition
        self.service = service
        self.region = region
        self.account_id = account_id
        self.resource = resource

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:{self.service}:{self.region}"
            f":{self.account_id}:{self.resource}"
        )


def parse_arn(text: str) -> Arn | None:
    """Split an ARN; `None` for text that is not one."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2]:
        return None
    return Arn(*parts[1:])


def find_arn(text: str) -> Arn:
    """Split an ARN that has to be one.

    Raises: ValidationException: the text is not an ARN, or names no resource. [peer]
    """
    arn = parse_arn(text)
    if arn is None or not arn.resource:
        raise malformed_arn(text)
    return arn


def malformed_arn(text: str) -> ValidationException:
    """Word the refusal of an ARN that does not name what it should. Source: [peer]."""
    return ValidationException(
        f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format."
    )


def find_partition(region: str) -> str:
    """Name the partition of a region. [guess] by AWS's public partition list."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


def find_domain(arn: Arn) -> str:
    """Name the domain below which the services of an ARN's partition answer."""
    return "amazonaws.com.cn" if arn.partition == "aws-cn" else "amazonaws.com"


def format_arn(service: str, region: str, account_id: str, resource: str) -> str:
    """Build an ARN in the partition that the region belongs to."""
    return f"arn:{find_partition(region)}:{service}:{region}:{account_id}:{resource}"


def format_event_bus_arn(region: str, account_id: str, name: str) -> str:
    """`arn:…:event-bus/NAME`; a partner event bus keeps the slashes of its name."""
    return format_arn("events", region, account_id, f"event-bus/{name}")


def format_rule_arn(
    region: str, account_id: str, event_bus_name: str, rule_name: str
) -> str:
    """`rule/RULE` on the default event bus, `rule/BUS/RULE` elsewhere. Source: [aws]."""
    where = "" if event_bus_name == DEFAULT_EVENT_BUS else f"{event_bus_name}/"
    return format_arn("events", region, account_id, f"rule/{where}{rule_name}")


def split_event_bus_arn(arn: Arn) -> tuple[str, str, str]:
    """Account, region and name of the event bus that an ARN names."""
    return arn.account_id, arn.region, arn.resource.removeprefix("event-bus/")


def locate_event_bus(
    name_or_arn: str | None, account_id: str, region: str
) -> tuple[str, str, str]:
    """Account, region and name of an event bus: by name in one's own, else the ARN's.

    `None` is the default event bus.
    """
    arn = parse_arn(name_or_arn or DEFAULT_EVENT_BUS)
    if arn is None:
        return account_id, region, name_or_arn or DEFAULT_EVENT_BUS
    return split_event_bus_arn(arn)


def split_rule_resource(resource: str) -> tuple[str, str]:
    """Split `rule/[BUS/]RULE` into event bus name and rule name.

    Rule names never hold a slash, so the last one separates (partner buses have several).
    """
    event_bus_name, _, rule_name = resource.removeprefix("rule/").rpartition("/")
    return event_bus_name or DEFAULT_EVENT_BUS, rule_name


def format_archive_hook(region: str) -> str:
    """Build the ARN of the target that stands for an archive. Source: [aws]."""
    return format_arn("events", region, "", ":")


def is_archive_hook(target_arn: str) -> bool:
    """Say whether a target stands for an archive and gets no delivery."""
    return target_arn.endswith(":::") and target_arn.split(":", 3)[2] == "events"


# Plain checks: to import `re` and compile a regex takes a tenth of a command.


def is_account_id(text: str) -> bool:
    """Say whether a text is the id of an account: 12 digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def is_region(text: str) -> bool:
    """Say whether a text could be a region, that is part of a host's name, or is empty.

    Source: [aws].
    """
    return not text or (
        len(text) <= 63
        and text.isascii()
        and text.replace("-", "0").isalnum()
        and not text.isdigit()
        and text[0] != "-" != text[-1]
    )
