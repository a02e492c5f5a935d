"""Access to event buses: who sends an event, and whether the bus's policy lets it in.

An account may put events on its own event buses unless a policy denies it. From another
account nothing comes in that no policy allows.

Source: [doc] the condition keys, and that a grant to an organization needs the role of
the target; [guess] the own account.
"""

from __future__ import annotations

from evcli.delivery.policies.policy import DENY, Access, Verdict, judge
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import EventBus

PUT_EVENTS = "events:PutEvents"


def find_refusal(
    ctx: Context,
    event_bus: EventBus | None,
    event_bus_arn: str,
    sender: str,
    event: Mapping[str, Any],
    *,
    rule_arn: str | None = None,
    has_role: bool = False,
) -> Verdict | None:
    """Find what keeps an account from putting an event on an event bus; `None`: nothing.

    Args:
        event_bus: `None` where there is none, which lets nobody else in.
        sender: the id of the account.
        event: `source` and `detail-type` count.
        rule_arn: the sending rule; `None` for a direct call.
        has_role: the rule's target names a role. A direct call has an identity anyway.
    """
    context = {
        "aws:principalaccount": sender,
        "events:eventbusinvocation": "false" if rule_arn is None else "true",
        "aws:currenttime": ctx.clock.now().isoformat(),
        "aws:epochtime": str(to_epoch_ms(ctx.clock.now()) // 1000),
    }
    for key, name in (
        ("events:source", "source"),
        ("events:detail-type", "detail-type"),
    ):
        if isinstance(event.get(name), str):
            context[key] = event[name]
    if rule_arn is not None:
        context["aws:sourcearn"] = rule_arn
        context["aws:sourceaccount"] = sender
    organization_id = find_organization(ctx, sender)
    # Without a role it is not somebody of the account who calls, but EventBridge itself.
    if organization_id is not None and (rule_arn is None or has_role):
        context["aws:principalorgid"] = organization_id
    access = Access(
        account_id=sender, action=PUT_EVENTS, resource=event_bus_arn, context=context
    )
    verdict = judge(None if event_bus is None else event_bus.policy, access)
    is_own = event_bus is not None and event_bus.account_id == sender
    is_refused = verdict.effect == DENY or (verdict.effect is None and not is_own)
    return verdict if is_refused else None


def find_organization(ctx: Context, account_id: str) -> str | None:
    """Tell the organization of an account: that of its profile, else the configured one."""
    if account_id == ctx.account_id and ctx.organization_id is not None:
        return ctx.organization_id
    for profile in ctx.configuration.get("profiles", {}).values():
        if profile.get("account") == account_id and "organization" in profile:
            return str(profile["organization"])
    organization_id: str | None = ctx.configuration.get("organization")
    return organization_id


def explain_refusal(verdict: Verdict, event_bus_arn: str, sender: str) -> str:
    """Word a refusal for the ledger, with the statement that it is about."""
    if verdict.effect == DENY:
        return (
            f"Statement {verdict.statement} of the policy of {event_bus_arn} denies"
            f" {PUT_EVENTS} to account {sender}."
        )
    text = (
        f"The policy of {event_bus_arn} has no statement that allows {PUT_EVENTS} to"
        f" account {sender}"
    )
    if verdict.statement is None:
        return f"{text}."
    return f"{text}; statement {verdict.statement} would but for {verdict.obstacle}."


def format_denial(verdict: Verdict, event_bus_arn: str, sender: str) -> str:
    """Word a refusal as IAM does. Source: [doc] the sentences."""
    reason = (
        "with an explicit deny in a resource-based policy"
        if verdict.effect == DENY
        else f"because no resource-based policy allows the {PUT_EVENTS} action"
    )
    return (
        f"User: arn:{event_bus_arn.split(':')[1]}:iam::{sender}:root is not authorized"
        f" to perform: {PUT_EVENTS} on resource: {event_bus_arn} {reason}"
    )
