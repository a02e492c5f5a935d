"""EventBridge for other programs: over HTTP, around a command."""
