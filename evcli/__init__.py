"""evcli: what `aws events` (Amazon EventBridge) does, offline.

The stations that a request or an event passes, a folder each. A module imports only from
its own station or from one further left:

    errors ids json_text arns → model → patterns schedules → store → context → delivery
    → operations → bulk infrastructure inspection → authoring → server → testing → cli

model           what each of the 57 operations accepts, returns and raises; data only
patterns        the event pattern language: text → tree → verdict → explanation
store           the state directory; the only station that knows SQL
delivery        event bus → rule → target → payload → request → sink; retries
operations      what each operation does: (context, request) → response
bulk            the same for a million lines
infrastructure  a description of buses, rules, targets …, read, compared, carried out
inspection      what was sent, matched and delivered, and why
authoring       what people write: sample events, schemas of events; what checks it
server          the AWS protocol over the same operations
testing         all of it in somebody's test suite: a Python API, a pytest plugin
cli             options, output, exit codes; `evcli local …`

The way of an event: `operations/accepting.py` accepts it, `delivery/routing.py` finds its
rules and writes its deliveries, `delivery/worker.py` hands each to a sink and records
what came of it (a server of what it wrote to files a little later:
`store/threads/writer.py`). The way of a command: `main`, `cli/main.py` →
`cli/dispatch.py` → `operations.call`.

Rules of the service name their evidence: [aws] recorded from the service or its own
command line, [doc] its documentation or model, [peer] another implementation or a user's
report, [guess] ours, free to change when somebody shows how it is.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__version__ = "0.1.0"
INTERRUPTED = 130


def main() -> "NoReturn":
    """Run the program on the process's argv and streams, and leave.

    It stands here so that no other module is loaded before SIGINT is in hand, not even
    `__future__`; what Python does before that is Python's.
    """
    try:
        code = load("evcli.cli.main", "run_process")()
    except KeyboardInterrupt:
        # It came before there was a handler, or while an error was being printed.
        code = INTERRUPTED
    # Tearing the interpreter down costs more than a command.
    os._exit(code)


def load(module: str, name: str) -> "Any":
    """Import what a table names, once somebody asks for it.

    Tables such as operation -> family keep commands from importing what they do not use;
    this is the one way from such a name to what it stands for.
    """
    return getattr(__import__(module, fromlist=[name]), name)
