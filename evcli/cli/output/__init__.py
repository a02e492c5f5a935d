"""One module per output format; each writes an `Answer` to a stream.

Imported when chosen, because a one-shot command pays for what it loads.
"""
