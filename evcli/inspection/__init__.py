"""TODO-DOC evcli/inspection."""
