"""TODO-DOC evcli/bulk."""
