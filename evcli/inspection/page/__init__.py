"""What the page shows: windows of the live list, the playground, all rules at a glance."""
