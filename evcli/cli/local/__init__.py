"""`evcli local …`: what has no counterpart in AWS.

The folders are the parts of a day: send and see, author, time, state, serve, set up.
Commands are click's, and their object is the `Session` of the run: `@click.pass_obj`.
They hold options and printing; what they show, `inspection` computes. `COMMANDS` is the
table of contents: help and completion read it and load none of the commands, nor click.
`group` runs them.
"""

from __future__ import annotations

# Command → (its function, by module of this package; one line).
COMMANDS: dict[str, tuple[str, str]] = {
    "deliveries": (
        "send_and_see.deliveries.deliveries",
        "List what was delivered, failed or still waits",
    ),
    "ingest": ("send_and_see.ingest.ingest", "Put events in bulk, from lines of JSON"),
    "redeliver": (
        "send_and_see.deliveries.redeliver",
        "Attempt a delivery again, or all that failed",
    ),
    "trace": (
        "send_and_see.trace.trace",
        "Tell where an event went, and why not elsewhere",
    ),
    "match": ("author.match.match", "Tell which rules would match which events"),
    "schedule": (
        "author.schedule.schedule",
        "Print the next instants of a rule or an expression",
    ),
    "transform": (
        "author.transform.transform",
        "Show what a target would receive of an event",
    ),
    "clock": ("time.clock.clock", "Show, set or move the clock of the state directory"),
    "run": ("time.worker.run", "Do everything as it becomes due, until stopped"),
    "tick": ("time.worker.tick", "Do everything that is due, and return"),
    "backup": (
        "state.directory.backup",
        "Write the whole state to one file, while others go on",
    ),
    "check": (
        "state.check.check",
        "Say what is damaged or exposed, and mend what can be",
    ),
    "export": ("state.state_file.export", "Write the state to a TOML file"),
    "import": ("state.state_file.import_", "Read the state from a TOML file"),
    "path": ("state.directory.path", "Print where the state directory is"),
    "prune": (
        "state.prune.prune",
        "Delete events older than a time, and their deliveries",
    ),
    "restore": ("state.directory.restore", "Put a backup in the place of the state"),
    "exec": ("serve.exec.exec_", "Run a command with a fresh EventBridge around it"),
    "failover": (
        "serve.failover.failover",
        "Choose which event bus of a global endpoint serves",
    ),
    "serve": ("serve.serve.serve", "Answer SDKs over HTTP, until stopped"),
    "alias": (
        "set_up.shells.alias",
        "Print a function that sends `aws events` to evcli",
    ),
    "allow": (
        "set_up.project.allow",
        "Let this project's config.toml run code or use the network",
    ),
    "completion": (
        "set_up.shells.completion",
        "Print the completion script of a shell",
    ),
    "init": ("set_up.project.init", "Make a state directory for this project"),
    "sinks": ("set_up.sinks.sinks", "List, add, remove or try the sinks of targets"),
}
