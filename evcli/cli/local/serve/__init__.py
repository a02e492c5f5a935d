"""TODO-DOC evcli/cli/local/serve."""
