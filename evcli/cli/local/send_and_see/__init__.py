"""TODO-DOC evcli/cli/local/send_and_see."""
