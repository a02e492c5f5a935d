"""SQLite beside `store/database.py`: its tables and files, and what it says."""
