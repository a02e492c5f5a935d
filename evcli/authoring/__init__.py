"""What people write around their rules: sample events, and schemas of their own events.

Nothing here knows the store's tables or the terminal; what a folder of a project holds is
read when somebody asks for it.
"""
