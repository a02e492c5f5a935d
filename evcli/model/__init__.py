"""WHAT each of the 57 operations accepts, returns and raises: data only.

`INDEX` is the table of contents: operation, its family (the module here and in
`operations/`), and the one line that lists and completions show. Families are imported
when one of their operations is asked for, because every command pays for what it loads.
"""

from __future__ import annotations

from evcli import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.model.shapes import Operation

INDEX: dict[str, tuple[str, str]] = {
    "ActivateEventSource": ("event_sources", "Turn a partner event source on again"),
    "CancelReplay": ("replays", "Stop a running replay"),
    "CreateApiDestination": ("api_destinations", "Name an HTTP endpoint as a target"),
    "CreateArchive": ("archives", "Keep the events of an event bus"),
    "CreateConnection": ("connections", "Store how to authorise HTTP calls"),
    "CreateEndpoint": ("endpoints", "Put two event buses behind one global endpoint"),
    "CreateEventBus": ("event_buses", "Make a custom or partner event bus"),
    "CreatePartnerEventSource": (
        "event_sources",
        "As a partner, offer an event source to an account",
    ),
    "DeactivateEventSource": ("event_sources", "Turn a partner event source off"),
    "DeauthorizeConnection": ("connections", "Remove the secrets of a connection"),
    "DeleteApiDestination": ("api_destinations", "Remove an API destination"),
    "DeleteArchive": ("archives", "Remove an archive and its events"),
    "DeleteConnection": ("connections", "Remove a connection and its secrets"),
    "DeleteEndpoint": ("endpoints", "Remove a global endpoint"),
    "DeleteEventBus": ("event_buses", "Remove an event bus that has no rules"),
    "DeletePartnerEventSource": (
        "event_sources",
        "As a partner, withdraw an event source",
    ),
    "DeleteRule": ("rules", "Remove a rule that has no targets"),
    "DescribeApiDestination": ("api_destinations", "Show an API destination"),
    "DescribeArchive": ("archives", "Show an archive and how much it holds"),
    "DescribeConnection": ("connections", "Show a connection without its secrets"),
    "DescribeEndpoint": ("endpoints", "Show a global endpoint"),
    "DescribeEventBus": ("event_buses", "Show an event bus and its policy"),
    "DescribeEventSource": ("event_sources", "Show a partner event source"),
    "DescribePartnerEventSource": (
        "event_sources",
        "As a partner, show an event source",
    ),
    "DescribeReplay": ("replays", "Show how far a replay is"),
    "DescribeRule": ("rules", "Show a rule"),
    "DisableRule": ("rules", "Stop a rule from matching"),
    "EnableRule": ("rules", "Let a rule match again"),
    "ListApiDestinations": ("api_destinations", "List API destinations"),
    "ListArchives": ("archives", "List archives"),
    "ListConnections": ("connections", "List connections"),
    "ListEndpoints": ("endpoints", "List global endpoints"),
    "ListEventBuses": ("event_buses", "List event buses"),
    "ListEventSources": ("event_sources", "List the partner event sources offered"),
    "ListPartnerEventSourceAccounts": (
        "event_sources",
        "As a partner, list the accounts of an event source",
    ),
    "ListPartnerEventSources": ("event_sources", "As a partner, list event sources"),
    "ListReplays": ("replays", "List replays"),
    "ListRuleNamesByTarget": ("rules", "List the rules that send to a target"),
    "ListRules": ("rules", "List the rules of an event bus"),
    "ListTagsForResource": ("tags", "List the tags of an event bus or rule"),
    "ListTargetsByRule": ("targets", "List the targets of a rule"),
    "PutEvents": ("entries", "Send events to event buses"),
    "PutPartnerEvents": ("entries", "As a partner, send events to your customers"),
    "PutPermission": ("permissions", "Let another account use an event bus"),
    "PutRule": ("rules", "Create or replace a rule"),
    "PutTargets": ("targets", "Add targets to a rule or replace them"),
    "RemovePermission": ("permissions", "Take a permission of an event bus back"),
    "RemoveTargets": ("targets", "Take targets off a rule"),
    "StartReplay": ("replays", "Send archived events again"),
    "TagResource": ("tags", "Put tags on an event bus or rule"),
    "TestEventPattern": ("entries", "Ask whether an event pattern matches an event"),
    "UntagResource": ("tags", "Take tags off an event bus or rule"),
    "UpdateApiDestination": ("api_destinations", "Change an API destination"),
    "UpdateArchive": ("archives", "Change an archive"),
    "UpdateConnection": ("connections", "Change a connection"),
    "UpdateEndpoint": ("endpoints", "Change a global endpoint"),
    "UpdateEventBus": ("event_buses", "Change an event bus"),
}


def get_operation(name: str) -> Operation | None:
    """Load the declaration of an operation by its wire name, such as `PutRule`."""
    return find_operation(name) if name in INDEX else None


def find_operation(name: str) -> Operation:
    """Load the declaration of an operation. Raises: KeyError: there is no such."""
    return load_family(INDEX[name][0])[name]


def load_family(family: str) -> dict[str, Operation]:
    """Import `evcli.model.FAMILY` and hand out its `OPERATIONS`, by wire name."""
    operations: dict[str, Operation] = load(f"evcli.model.{family}", "OPERATIONS")
    return operations
