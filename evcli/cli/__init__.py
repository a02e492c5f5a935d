"""The command line: argv in, text and an exit code out; the only user of click.

`main` is the program's door, `dispatch` finds the command and runs an operation, a
`session` is what one run was given. `parsing` reads argv, `output` writes responses and
errors, `help` and `completion` say what there is, `local` has the commands about this
machine. `imports` saves time at the start.
"""
