"""The same work for a million lines: read them, send them as events, hold them against rules.

What differs from `operations` is how much is done at once, and by how many processes; what
an event, a rule and a delivery are stays with the stations to the left.
"""
