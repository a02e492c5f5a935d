"""TODO-DOC evcli/delivery/policies."""
