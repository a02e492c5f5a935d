"""TODO-DOC evcli/cli/local/state."""
