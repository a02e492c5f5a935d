"""The state directory and what it remembers; the only station that knows SQL.

`store.py` gives and takes records, one transaction an operation; `ledger.py` and its
neighbours keep events, deliveries and archived events. All of them speak to a
`Database`: that of SQLite in `database.py`, which says what is expected of one, or that
of `postgresql/`.

directory    where a state is, its configuration, its locks and file modes
sqlite       tables, migrations, making and opening of the file in the state directory
postgresql   the same in a schema that several machines share
threads      what the threads of a server share: one writer, what it remembers
upkeep       backup, restore, check and prune
"""
