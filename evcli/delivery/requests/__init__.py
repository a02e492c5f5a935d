"""What each target's service would be called with, a module for each family of kinds.

A builder takes (delivery, parsed ARN of the target, what the kind reads the payload as)
and returns `{"action": "sqs:SendMessage", "request": {…}}`, or an `InvalidRequest` for a
payload that the service would refuse. `action` is SERVICE:API; where there is no API but
a plain HTTP request, it is the IAM action that allows it. The order of members is that
of the service's documentation, and absent parameters are left out.

messages     what takes any text: functions, queues, topics, streams, state machines
logs         CloudWatch Logs
tasks        what starts work: containers, jobs, builds, pipelines, statements
management   Systems Manager, Incident Manager and EC2
http         API Gateway, AppSync and API destinations
event_buses  other event buses
naming       names that services want and events do not have

Builders are loaded when a delivery of their kind is due: `put-events` pays for one.
"""
