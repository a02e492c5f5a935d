"""TODO-DOC evcli/infrastructure."""
