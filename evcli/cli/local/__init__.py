"""`evcli local …`: what has no counterpart in AWS; one module per command.

Each module exports `command`, a click command whose object is the `Session` of the run:
`@click.pass_obj`. `COMMANDS` is the table of contents: help and completion read it and
load none of the commands, nor click. `group` runs them.
"""

from __future__ import annotations

# Command -> (module of this package, one line).
COMMANDS: dict[str, tuple[str, str]] = {
    "alias": ("alias", "Print a function that sends `aws events` to evcli"),
    "allow": ("allow", "Let this project's config.toml run code or use the network"),
    "backup": ("backup", "Write the whole state to one file, while others go on"),
    "check": ("check", "Say what is damaged or exposed, and mend what can be"),
    "clock": ("clock", "Show, set or move the clock of the state directory"),
    "completion": ("completion", "Print the completion script of a shell"),
    "deliveries": ("deliveries", "List what was delivered, failed or still waits"),
    "exec": ("exec", "Run a command with a fresh EventBridge around it"),
    "export": ("export", "Write the state to a TOML file"),
    "failover": ("failover", "Choose which event bus of a global endpoint serves"),
    "import": ("import_", "Read the state from a TOML file"),
    "ingest": ("ingest", "Put events in bulk, from lines of JSON"),
    "init": ("init", "Make a state directory for this project"),
    "match": ("match", "Tell which rules would match which events"),
    "path": ("path", "Print where the state directory is"),
    "prune": ("prune", "Forget events and deliveries before a time"),
    "redeliver": ("redeliver", "Attempt a delivery again, or all that failed"),
    "restore": ("restore", "Put a backup in the place of the state"),
    "run": ("run", "Do everything as it becomes due, until stopped"),
    "schedule": ("schedule", "Print the next instants of a rule or an expression"),
    "serve": ("serve", "Answer SDKs over HTTP, until stopped"),
    "sinks": ("sinks", "List, add, remove or try the sinks of targets"),
    "tick": ("tick", "Do everything that is due, and return"),
    "trace": ("trace", "Tell where an event went, and why not elsewhere"),
    "transform": ("transform", "Show what a target would receive of an event"),
}
