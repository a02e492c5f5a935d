"""TODO-DOC evcli/cli/local/set_up."""
