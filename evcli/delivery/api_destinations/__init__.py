"""Targets that are called for real: their requests, authorization, rates and answers."""
