"""`evcli local …`: what has no counterpart in AWS; one module per command.

Each module exports `command`, a click command whose object is the `Session` of the run:
`@click.pass_obj`. `COMMANDS` is the table of contents: help and completion read it and
load none of the commands, nor click. `group` runs them.
"""

from __future__ import annotations

# Command -> (module of this package, one line).
COMMANDS: dict[str, tuple[str, str]] = {
    "deliveries": ("deliveries", "List what was delivered, failed or still waits"),
    "init": ("init", "Make a state directory for this project"),
    "path": ("path", "Print where the state directory is"),
}
