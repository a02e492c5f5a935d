"""TODO-DOC evcli/store/upkeep."""
