"""TODO-DOC evcli/store/directory."""
