"""What people write around their rules: sample events, and schemas of their own events.

`samples` are events to try rules with, evcli's and the project's own; `changes` sets
values in one. `schemas` finds and checks the schema of an event, `inference` makes one from
events. Nothing here knows the store's tables or the terminal.
"""
