"""Which patterns an event matches: one by one, exactly; or many at once, quickly."""
