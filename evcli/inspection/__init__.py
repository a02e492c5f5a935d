"""What was sent, matched and delivered, and why: answers without a terminal.

For the command line, the server, and programs: values that stand for events, deliveries,
transforms and schedules, put together from the stations to the left.
"""
