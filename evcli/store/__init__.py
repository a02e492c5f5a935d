"""The state directory and what it remembers; the only importer of SQLite."""
