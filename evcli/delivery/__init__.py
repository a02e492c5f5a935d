"""Event bus → rules → targets → payload → service request → sink.

envelopes         the event that rules and targets see
routing           which rules of the event bus match, and the deliveries this makes
payloads          what a target's input settings make of an event
transform         input transformers: what their templates may say, what they make
event_paths       paths into events
target_kinds      what each kind of target needs
requests/         what each target's service is called with
sinks             the local places that stand for targets
forwarding        event buses as targets
access            who may put events on an event bus
policies          resource policies; their conditions in `policy_conditions`
api_destinations  API destinations as targets
connections       how they are authorised; OAuth in `tokens`
http_requests     what an API destination is called with
http_calls        calls, and which hosts are called at all
http_exchange     one exchange over a connection, within a time limit
archiving         what archives keep, and for how long
replaying         archived events on their way once more
worker            attempts, and what is left of killed processes
outcomes          what came of attempts, in the ledger
"""
