"""The command line: words in, text and an exit code out; the only user of click.

`arguments` reads words, `values` and `shorthand` read values, `requests` puts a request
together, `main` runs it, `errors` tells what went wrong. `imports` saves time at the
start.
"""
