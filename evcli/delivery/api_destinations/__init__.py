"""TODO-DOC evcli/delivery/api_destinations."""
