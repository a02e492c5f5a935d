"""evcli: what `aws events` (Amazon EventBridge) does, offline.

Read along the way of an event:

    cli | http  →  model.check  →  operations.call  →  patterns  →  delivery  →  sinks
                                        ↕
                                      store

`model/` says WHAT each operation accepts, returns and raises; `operations/` what it
DOES; `delivery/` how an event gets from its event bus over rules and targets to a sink;
`store/` remembers. A module imports only from its own station or from one further left:

    errors arns → model → patterns schedules → store → context → delivery
    → operations → cli | http
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"


def load(module: str, name: str) -> Any:
    """Import what a table names, once somebody asks for it.

    Tables such as operation -> family keep commands from importing what they do not use;
    this is the one way from such a name to what it stands for.
    """
    return getattr(__import__(module, fromlist=[name]), name)
