"""Event bus → rules → targets → payload → service request → sink.

envelopes     the event that rules and targets see
routing       which rules of the event bus match, and the deliveries this makes
payloads      what a target's input settings make of an event
target_kinds  what each kind of target needs, and the request that its service gets
sinks         the local places that stand for targets
worker        attempts, their outcomes, and what is left of killed processes
"""
