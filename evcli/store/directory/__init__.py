"""The state directory: where it is, whose it is, its files, locks and `config.toml`."""
