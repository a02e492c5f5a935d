"""Looking after a store: what is damaged or exposed, backups, restoring, what may go."""
