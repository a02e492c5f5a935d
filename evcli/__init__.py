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

__version__ = "0.1.0"
