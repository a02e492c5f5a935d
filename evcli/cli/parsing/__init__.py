"""From argv to a request, by the rules of the official command line, without click."""
