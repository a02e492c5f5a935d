"""TODO-DOC evcli/cli/local/author."""
