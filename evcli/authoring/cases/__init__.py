"""Test files, `*.evtest.yaml`: what is to become of events, and whether it does.

    finding       paths → test files; which of their cases are wanted
    reading       a file → cases, held against `evtest.schema.json`; `faults` words why not
    events        what a case says of an event → the event
    worlds        the rules under test, in a store in memory, a fresh one for each case
    suites        a file's cases with its world and its events
    running       a case → problems: it is carried out by evcli's own parts, on a virtual
                  clock, with `target_sink` for all targets
    trials        a case while it is tried: what names mean, what became of its event
    rules         which rules match, held against those that were to
    targets       what targets got, held against what they were to get; by `comparing`

Nothing is delivered outside of the process, and nothing of a file is executed.
"""
