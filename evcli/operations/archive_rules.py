"""The managed rule of an archive: what hangs the archive on its event bus.

Source: [aws] its name, pattern, manager and target; [peer] the target's id, template and
the absence of everything else.
"""

from __future__ import annotations

from evcli.arns import format_archive_hook
from evcli.delivery.archives import RULE_PREFIX
from evcli.operations.rules import ENABLED, remove_rule, store_rule
from evcli.store.records import Rule, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context
    from evcli.store.records import Archive

MANAGED_BY = "prod.vhs.events.aws.internal"

# Keeps replayed events out of archives. Source: [aws].
NOT_REPLAYED = '"replay-name":[{"exists":false}]'


def build_pattern(event_pattern: str | None) -> str:
    """Add the clause against replayed events to an archive's event pattern.

    The clause goes behind the last member: of two fields with one name the later counts,
    so it overrides a `replay-name` of the user's. [peer] The text before it is kept as
    it was written, since numbers are matched by their text.

    Args:
        event_pattern: a valid pattern, or `None` for an archive of everything. Text
            behind its last brace is ignored by the service, and left out here.
    """
    if event_pattern is None:
        return f"{{{NOT_REPLAYED}}}"
    members = event_pattern[: _find_end(event_pattern) - 1].rstrip()
    return f"{members},{NOT_REPLAYED}}}"


def _find_end(event_pattern: str) -> int:
    from evcli.patterns.language.reader import Reader

    reader = Reader(event_pattern)
    depth = 0
    while True:
        token = reader.advance()
        depth += (token in ("{", "[")) - (token in ("}", "]"))
        if depth == 0:
            return reader.consumed


def put_archive_rule(ctx: Context, archive: Archive) -> None:
    """Make or remake the rule of an archive, with the archive as its only target.

    [guess] A rule of that name that is there already is taken over, whoever made it.
    """
    rule = Rule(
        account_id=archive.account_id,
        region=archive.region,
        event_bus_name=archive.event_bus_name,
        name=RULE_PREFIX + archive.name,
        event_pattern=build_pattern(archive.event_pattern),
        state=ENABLED,
        managed_by=MANAGED_BY,
        created_by=archive.account_id,
    )
    remove_rule(ctx, rule)
    store_rule(ctx, rule)
    hook = format_archive_hook(archive.region)
    ctx.store.put(
        Target(
            account_id=rule.account_id,
            region=rule.region,
            event_bus_name=rule.event_bus_name,
            rule_name=rule.name,
            target_id=rule.name,
            arn=hook,
            definition={
                "Id": rule.name,
                "Arn": hook,
                "InputTransformer": {
                    "InputPathsMap": {},
                    "InputTemplate": f'{{"archive-arn": "{archive.arn}:'
                    f'{archive.archive_id}", "event": <aws.events.event.json>,'
                    ' "ingestion-time": <aws.events.event.ingestion-time>}',
                },
            },
        )
    )


def remove_archive_rule(ctx: Context, archive: Archive) -> None:
    """Remove the rule of an archive with its target; fine if someone did by force."""
    rule = ctx.store.get(
        Rule,
        archive.account_id,
        archive.region,
        archive.event_bus_name,
        RULE_PREFIX + archive.name,
    )
    if rule is not None and rule.managed_by is not None:
        remove_rule(ctx, rule)
