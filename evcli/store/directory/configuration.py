"""`config.toml` as every command meets it: defaults, and what has to be approved.

What it may say is in `configuration_schema`, reading and writing in `configuration_file`:
they cost a command more than all its own work. `Store.load_configuration` keeps the last
reading.
"""

from __future__ import annotations

import os

from evcli import __version__
from evcli.errors import ConfigurationError
from evcli.json_text import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FILE_NAME = "config.toml"

# AWS's defaults. Source: [doc] quotas; [aws] targets per rule and concurrent replays;
# [aws] the size of a request since January 2026.
QUOTAS = {
    "api_destinations": 3000,
    "concurrent_replays": 10,
    "connections": 3000,
    "endpoints": 100,
    "event_bus_policy_characters": 10_240,
    "event_buses": 100,
    "event_pattern_characters": 2048,
    "invocation_rate_per_second": 300,
    "put_events_bytes": 1_048_576,
    "rules_per_event_bus": 300,
    "tags_per_resource": 50,
    "targets_per_rule": 5,
}

# Regions whose defaults are others. Source: [doc] quotas.
REGIONAL_QUOTAS = {
    "af-south-1": {"rules_per_event_bus": 100},
    "eu-south-1": {"rules_per_event_bus": 100},
}

# Kinds that neither run anything nor leave this machine; of others nobody knows.
HARMLESS_SINKS = ("file", "stdout", "stderr", "null", "table")


def require_approval(
    state_directory: str, value: Mapping[str, Any], environ: Mapping[str, str]
) -> None:
    """Refuse a configuration whose effects nobody has approved, see `approvals`.

    Reads no file where there is nothing to approve.

    Raises: ConfigurationError: names the entries, and how to approve them.
    """
    effects = list_effects(value)
    if effects:
        from evcli.store.directory.approvals import require_approved

        require_approved(state_directory, FILE_NAME, effects, environ)


def list_effects(value: Mapping[str, Any]) -> list[str]:
    """List the entries of a configuration that run code or leave this machine.

    Each is a line of ASCII, `KEY = JSON`, which is what people read, and what is
    approved: nothing can look like something else in it.
    """
    sinks = (sink for sink in value.get("sinks", ()) if not is_harmless_sink(sink))
    store = value.get("store", {})
    elsewhere = [describe_store(store)] if "url" in store else []
    entries = [
        *(("sinks", sink) for sink in sinks),
        *(("hosts", {host: to}) for host, to in value.get("hosts", {}).items()),
        *(("allowed_hosts", host) for host in value.get("allowed_hosts", ())),
    ]
    if not entries:
        return elsewhere
    import json

    return [
        *elsewhere,
        *(f"{key} = {json.dumps(entry, sort_keys=True)}" for key, entry in entries),
    ]


def describe_store(store: Mapping[str, Any]) -> str:
    """Word the entry of a store that is elsewhere, without its password."""
    import json

    from evcli.store.postgresql.address import hide_password

    shown = {**store, "url": hide_password(store["url"])}
    return f"store = {json.dumps(shown, sort_keys=True)}"


def is_harmless_sink(sink: Mapping[str, Any]) -> bool:
    """Say whether an entry of `[[sinks]]` can only write below the project.

    A file elsewhere may be one that a shell or a build runs, whatever evcli appends.
    """
    if sink["kind"] != "file":
        return sink["kind"] in HARMLESS_SINKS
    path = str(sink.get("path", ""))
    steps = os.path.normpath(path).split(os.sep)
    is_elsewhere = os.path.isabs(path) or path.startswith("~")
    # Paths count from the state directory, which is in the project.
    return not is_elsewhere and steps[:2] != [os.pardir, os.pardir]


def read_stamp(path: str) -> list[Any] | None:
    """Tell one state of the `config.toml` at `path` from another; `None`: there is none.

    Raises: ConfigurationError: it cannot be read.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    return [
        __version__,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_size,
    ]


def may_be_elsewhere(state_directory: str, known: str | None) -> bool:
    """Say whether the `config.toml` of a state directory may name another store.

    Args:
        known: its last reading, as the store keeps it.
    """
    stamp = read_stamp(os.path.join(state_directory, FILE_NAME))
    if stamp is None:
        return False
    is_old = known is None or not known.startswith(f'{{"stamp":{dumps(stamp)},')
    return is_old or '"store":' in (known or "")
