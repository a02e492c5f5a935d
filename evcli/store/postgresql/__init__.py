"""The store on PostgreSQL, for a team: the same tables and statements, in a schema.

`address` says where it is, `opening` makes and upgrades it, `driver` speaks to psycopg,
`database` is the second implementation of what `store/database.py` describes. Psycopg
comes with the extra `evcli[postgresql]`; only who has such a store loads any of this.
"""
