"""TODO-DOC evcli/cli/parsing."""
