"""API destinations, which are called for real: request, authorisation, call, outcome."""
