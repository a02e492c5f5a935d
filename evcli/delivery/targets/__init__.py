"""The kinds of targets, and what each one's service would be called with."""
