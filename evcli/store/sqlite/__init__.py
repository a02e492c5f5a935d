"""SQLite, beside `store/database.py`: its tables, its file, and its failures in words."""
