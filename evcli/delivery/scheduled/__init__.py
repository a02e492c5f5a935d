"""What time makes due: scheduled rules, replays, the end of archived events."""
