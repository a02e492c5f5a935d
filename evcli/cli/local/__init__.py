"""`evcli local …`: what has no counterpart in AWS.

The folders are the parts of a day: send and see, author, time, state, serve, set up.
Commands are click's, and their object is the `Session` of the run: `@click.pass_obj`.
They hold options and printing; what they show, `inspection` computes. `COMMANDS` is the
table of contents: help and completion read it and load none of the commands, nor click.
`group` runs them.
"""

from __future__ import annotations

# Folder → what it is called in help, in the order of a day.
PARTS = {
    "send_and_see": "Send and see",
    "author": "Author patterns and targets",
    "time": "Time",
    "state": "The state directory",
    "serve": "Serve SDKs",
    "set_up": "Set up",
}

# Command → (its module here, one line); the function is `NAME_command`.
COMMANDS: dict[str, tuple[str, str]] = {
    "deliveries": (
        "send_and_see.deliveries",
        "List what was delivered, failed or still waits",
    ),
    "graph": (
        "send_and_see.graph",
        "Show event buses, rules and targets, and what came of them",
    ),
    "events": (
        "send_and_see.events",
        "List what event buses accepted, and what came of it",
    ),
    "logs": ("send_and_see.logs", "Print what event buses log of their own work"),
    "redeliver": (
        "send_and_see.deliveries",
        "Attempt a delivery again, or all that failed",
    ),
    "send": (
        "send_and_see.send",
        "Send entries and whole events from a file, aws.* sources too",
    ),
    "trigger": (
        "send_and_see.trigger",
        "Play a sample event of an AWS service, or list the samples",
    ),
    "trace": ("send_and_see.trace", "Tell where an event went, and why not elsewhere"),
    "lint": ("author.lint", "Say what is wrong with rules before they are deployed"),
    "match": ("author.match", "Tell which rules would match which events"),
    "schedule": (
        "author.previews",
        "Print the next instants of a rule or an expression",
    ),
    "schema": ("author.schema", "Infer JSON Schemas from captured events"),
    "test": ("author.test", "Test rules: what events match and what targets get"),
    "transform": ("author.previews", "Show what a target would receive of an event"),
    "clock": ("time.clock", "Show, set or move the clock of the state directory"),
    "run": ("time.worker", "Do everything as it becomes due, until stopped"),
    "tick": ("time.worker", "Do everything that is due, and return"),
    "backup": (
        "state.copies",
        "Write the whole state to one file, while others go on",
    ),
    "check": ("state.upkeep", "Say what is damaged or exposed, and mend what can be"),
    "diff": (
        "state.descriptions",
        "Show what importing templates, plans or exports would change",
    ),
    "export": ("state.copies", "Write the state to a TOML file"),
    "import": (
        "state.descriptions",
        "Make what templates, plans or exports describe",
    ),
    "path": ("set_up.project", "Print where the state directory is"),
    "prune": ("state.upkeep", "Delete events older than a time, and their deliveries"),
    "restore": ("state.copies", "Put a backup in the place of the state"),
    "status": ("state.status", "Show where the state is, what it holds, what waits"),
    "exec": ("serve.exec", "Run a command with a fresh EventBridge around it"),
    "failover": (
        "serve.serve",
        "Choose which event bus of a global endpoint serves",
    ),
    "serve": ("serve.serve", "Answer SDKs over HTTP, until stopped"),
    "alias": ("set_up.shells", "Print a function that sends `aws events` to evcli"),
    "allow": (
        "set_up.project",
        "Let this project's config.toml run code or use the network",
    ),
    "completion": ("set_up.shells", "Print the completion script of a shell"),
    "init": ("set_up.project", "Make a state directory for this project"),
    "sinks": ("set_up.sinks", "List, add, remove or try the sinks of targets"),
}

# Commands that check what people wrote. As those of other checkers, `--output` names a
# file, and whatever keeps them from checking exits with 2.
CHECKERS = ("lint", "test")
CHECKER_OPTIONS = ("--output",)
