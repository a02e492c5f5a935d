"""Completion at a TAB, for bash, zsh and fish.

The shell's script (`scripts`) runs evcli with `EVCLI_COMPLETE` in the environment;
`answer` takes that call and reads the line, `candidates` finds what may stand at
the cursor, `live_names` asks the state directory. A TAB needs no
click but for `evcli local`, and one query for names.
"""
