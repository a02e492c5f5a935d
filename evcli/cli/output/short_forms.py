"""What people see in place of ARNs, ids and instants, where there is little room."""

from __future__ import annotations

from datetime import datetime

from evcli.arns import parse_arn

SHORT_ID = 8
# Size in seconds and what it is called, largest first.
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def shorten_rule_arn(arn: str) -> str:
    """Name a rule: `big`, and `orders/big` on an event bus of its own."""
    parsed = parse_arn(arn)
    if parsed is None or not parsed.resource.startswith("rule/"):
        return arn
    return parsed.resource.removeprefix("rule/")


def shorten_target_arn(arn: str) -> str:
    """Name a target by its service and name: `lambda:thumb`, `sqs:orders`.

    Of EventBridge's own the kind matters: `event-bus/orders`, `api-destination/hook`.
    """
    parsed = parse_arn(arn)
    if parsed is None:
        return arn
    resource = parsed.resource.removesuffix(":*")
    if parsed.service == "events":
        return "/".join(resource.split("/")[:2])
    kind, separator, name = resource.partition(":")
    if not separator:
        kind, separator, name = resource.partition("/")
    return f"{parsed.service}:{name if kind and name else resource}"


def shorten_id(text: str) -> str:
    """Cut an id to the prefix that people type; ids of their own may be short already."""
    return text[:SHORT_ID]


def shorten_delivery_id(delivery_id: str) -> str:
    """Cut the event's id in a delivery's: `5f0c1a2b-17`, which `redeliver` takes, too."""
    event_id, _, key = delivery_id.rpartition("-")
    return f"{shorten_id(event_id)}-{key}"


def format_clock(text: str | None, now: datetime) -> str:
    """Show an instant by the machine's zone: the time today, else the day as well.

    Args:
        text: ISO 8601, as JSON output has it; `None` gives "".
        now: the context's time.
    """
    if text is None:
        return ""
    instant, here = datetime.fromisoformat(text).astimezone(), now.astimezone()
    if instant.date() == here.date():
        return f"{instant:%H:%M:%S}"
    return f"{instant:%Y-%m-%d %H:%M}"


def format_distance(text: str | None, now: datetime) -> str:
    """Show how far an instant is from now: `5 min ago`, `in 2 h`, `now`."""
    if text is None:
        return ""
    seconds = round((datetime.fromisoformat(text) - now).total_seconds())
    for size, unit in SPANS:
        if abs(seconds) >= size:
            span = f"{abs(seconds) // size} {unit}"
            return f"in {span}" if seconds > 0 else f"{span} ago"
    return "now"
