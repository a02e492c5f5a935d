"""TODO-DOC evcli/delivery/scheduled."""
