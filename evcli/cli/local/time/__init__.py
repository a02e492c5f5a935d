"""TODO-DOC evcli/cli/local/time."""
