"""TODO-DOC evcli/delivery/targets."""
