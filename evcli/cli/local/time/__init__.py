"""Let time pass: the clock, and what falls due by it."""
