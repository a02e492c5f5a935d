"""Send events, and see where they went."""
