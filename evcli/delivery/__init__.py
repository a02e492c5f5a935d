"""Event bus → rules → targets → payload → service request → sink.

envelopes         the event that rules and targets see; its trace header
routing           which rules of the event bus match, and the deliveries this makes
payloads          what a target's input settings make of an event; `transform`, `event_paths`
worker            attempts, and what is left of killed processes
outcomes          what came of attempts: recorded, told, tried again, given up
bus_logs          what event buses log of all that; `bus_log_details`, `bus_log_sinks`
reports           what workers report of it to whoever watches
targets/          what each kind of target needs, and the request that its service gets
sinks/            what stands for targets on this machine
processes         what sinks that start processes have in common
api_destinations/ calls that are really made, and how they are authorised
forwarding        event buses as targets
policies/         who may put events on an event bus
archives          what archives keep, and for how long
scheduled/        what happens because time passes: schedules, replays
"""
