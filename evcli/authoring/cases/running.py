"""From a case to what is not as it expects.

What happens is what happens elsewhere: events come in by `operations`, are routed and
delivered by `delivery`, and the scheduler makes retries, on a virtual clock. What the
event was to lead to is then looked up, one member of the case after the other.
"""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import timedelta
from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.authoring.cases.events import write_entry
from evcli.authoring.cases.finding import is_wanted
from evcli.authoring.cases.reading import load_validator, read_case_file
from evcli.authoring.cases.rules import check_rules
from evcli.authoring.cases.suites import CaseSuite
from evcli.authoring.cases.targets import check_targets, read_failures
from evcli.authoring.cases.trials import (
    Problem,
    Trial,
    UnknownNameError,
    explain_pattern,
)
from evcli.authoring.schemas import format_file_name
from evcli.delivery.envelopes import format_json, format_time
from evcli.delivery.outcomes import MAXIMUM_EVENT_AGE_SECONDS
from evcli.delivery.routing import Router
from evcli.delivery.scheduled.rules import fire_rule
from evcli.delivery.scheduled.scheduler import move_clock, tick
from evcli.delivery.worker import deliver
from evcli.errors import EvcliError
from evcli.inspection.schedules import read_schedule
from evcli.operations import call
from evcli.operations.whole_events import ENTRY_MEMBERS, send_whole_events
from evcli.patterns import compile_pattern, match, read_event
from evcli.schedules import instants
from evcli.store.records import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.authoring.cases.reading import Case
    from evcli.authoring.cases.worlds import Surroundings

    Run = Callable[[CaseSuite, Case], Iterator[Problem]]

SHOWN_INSTANTS = 10


class CaseResult(NamedTuple):
    """What became of a case: the line it begins at, its problems, none if it passes."""

    case: Case
    line: int | None
    problems: list[Problem]
    seconds: float


class Outcome(NamedTuple):
    """What became of a file.

    Attributes:
        path: as it was named.
        results: of its cases, in their order.
        problem: why it cannot be run, "" if it can.
        notes: what could not be worked out in the files that it names.
        paths: the files that had a part, for who watches them.
    """

    path: str
    results: list[CaseResult] = []
    problem: str = ""
    notes: Sequence[str] = ()
    paths: Sequence[str] = ()


def run_suites(
    paths: Sequence[str],
    surroundings: Surroundings,
    expression: str = "",
    jobs: int = 1,
) -> Iterator[Outcome]:
    """Run the cases of files; what became of each, in their order.

    A file that cannot be read keeps none of the others from being run.

    Args:
        expression: only cases whose file or name fits it, see `is_wanted`.
        jobs: processes that share the files.
    """
    from multiprocessing import get_all_start_methods, get_context

    run = partial(run_suite, surroundings=surroundings, expression=expression)
    jobs = min(jobs, len(paths))
    if jobs < 2 or "fork" not in get_all_start_methods():
        yield from map(run, paths)
        return
    # Forked, they have what a session has without its being sent.
    with get_context("fork").Pool(jobs, _take_work, (run,)) as pool:
        yield from pool.imap(_run_suite_here, paths)


# What a process that shares the files does with one.
_run: Callable[[str], Outcome]


def _take_work(run: partial[Outcome]) -> None:
    global _run
    # Ctrl-C is for the process that they work for; it ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Locks are named by numbers of which each store counts its own.
    surroundings = run.keywords["surroundings"]
    own = os.path.join(surroundings.scratch, str(os.getpid()))
    _run = partial(run, surroundings=surroundings._replace(scratch=own))


def _run_suite_here(path: str) -> Outcome:
    return _run(path)


def run_suite(path: str, surroundings: Surroundings, expression: str) -> Outcome:
    """Run the cases of a file."""
    try:
        file = read_case_file(path, load_validator())
        cases = [
            each for each in file.cases if is_wanted(f"{path} {each.name}", expression)
        ]
        if not cases:
            return Outcome(path, paths=[path])
        suite = CaseSuite(file, cases, surroundings)
    except EvcliError as error:
        problem = " ".join(error.message.split())
        return Outcome(path, problem=problem, paths=[path])
    results = [run_case(suite, case) for case in cases]
    return Outcome(path, results, notes=suite.world.notes, paths=suite.paths)


def run_case(suite: CaseSuite, case: Case) -> CaseResult:
    """Run one case."""
    begin = time.perf_counter()
    problems: list[Problem] = []
    if "skip" not in case.members:
        try:
            problems = list(KINDS[case.kind](suite, case))
        except UnknownNameError as error:
            problems = [Problem(str(error))]
        except EvcliError as error:
            problems = [Problem(error.message)]
    seconds = time.perf_counter() - begin
    return CaseResult(case, suite.file.find_line(case), problems, seconds)


# -- an event on an event bus


def _run_event(suite: CaseSuite, case: Case) -> Iterator[Problem]:
    members = case.members
    with suite.world.open(suite.read_time(case, "now")) as (ctx, sink):
        bus = suite.world.locate_bus(members.get("bus", DEFAULT_EVENT_BUS))
        trial = Trial(suite.world, ctx, sink, bus)
        _require_bus(trial)
        sink.failures = read_failures(trial, members.get("fail", {}))
        try:
            event_id = _send(trial, suite.events[*case.path, "event"])
        except EvcliError as error:
            yield from _check_error(members, "event", error.message)
            return
        if "error" in members:
            yield Problem("the event is accepted, and was to be refused")
            return
        wait = members.get("wait_seconds", MAXIMUM_EVENT_AGE_SECONDS + 1)
        tick(ctx, ctx.clock.now() + timedelta(seconds=wait), only=("deliveries",))
        trial.observe(event_id)
        yield from _check_schema(suite, members, trial)
        yield from check_rules(trial, members)
        yield from check_targets(trial, members.get("targets", {}))


def _require_bus(trial: Trial) -> None:
    """Refuse an event bus that is not there. Raises: UnknownNameError."""
    name, known = trial.bus[2], trial.world.list_buses()
    if name not in known:
        raise UnknownNameError(
            f"there is no event bus {name}; there are {', '.join(known)}"
        )


def _send(trial: Trial, event: Mapping[str, Any]) -> str:
    """Put the event on the event bus; give its id. Raises: EvcliError: it is refused."""
    if ENTRY_MEMBERS.isdisjoint(event):
        (arrived,) = send_whole_events(trial.ctx, [dict(event)], trial.bus[2])
        return arrived.event_id
    entry = {"EventBusName": trial.bus[2], **write_entry(dict(event))}
    (result,) = call(trial.ctx, "PutEvents", {"Entries": [entry]})["Entries"]
    if "EventId" not in result:
        raise EvcliError(f"{result['ErrorCode']}: {result['ErrorMessage']}")
    event_id: str = result["EventId"]
    return event_id


def _check_error(
    members: Mapping[str, Any], what: str, message: str
) -> Iterator[Problem]:
    """Hold an error against the one that was expected, if one was."""
    expected = members.get("error")
    if expected is None:
        yield Problem(f"the {what} is refused: {message}")
    elif expected not in message:
        yield Problem(f"error: expected {expected}, got {message}")


def _check_schema(
    suite: CaseSuite, members: Mapping[str, Any], trial: Trial
) -> Iterator[Problem]:
    fits = members.get("fits_schema")
    event = json.loads(trial.arrivals[0].envelope)
    name = format_file_name(event["source"], event["detail-type"])
    directory = None if suite.schemas is None else suite.schemas.directory
    if directory is None or not os.path.exists(os.path.join(directory, name)):
        if fits is not None:
            yield Problem(f"fits_schema: there is no schema {name}")
        return
    assert suite.schemas is not None, "it has a directory"
    misfit = suite.schemas.check(event)
    if misfit is None and fits is False:
        yield Problem("fits_schema: the event fits its schema, and was not to")
    if misfit is not None and fits is not False:
        lines = [("missed", f"  {each}") for each in misfit.problems]
        yield Problem(f"the event does not fit its schema {misfit.path}", lines)


# -- a pattern by itself


def _run_pattern(suite: CaseSuite, case: Case) -> Iterator[Problem]:
    members = case.members
    text = members["pattern"]
    try:
        pattern = compile_pattern(text if isinstance(text, str) else format_json(text))
    except EvcliError as error:
        yield from _check_error(members, "pattern", error.message)
        return
    if "error" in members:
        yield Problem("the pattern is accepted, and was to be refused")
    for member in ("matches", "not_matches"):
        for number in range(len(members.get(member, ()))):
            event = format_json(suite.events[*case.path, member, number])
            if match(pattern, read_event(event)) != (member == "matches"):
                verb = "does not match" if member == "matches" else "matches"
                lines = list(explain_pattern(pattern, event))
                yield Problem(f"{member}[{number}]: the pattern {verb}", lines)


# -- a schedule


def _run_schedule(suite: CaseSuite, case: Case) -> Iterator[Problem]:
    members = case.members
    with suite.world.open(suite.read_time(case, "now")) as (ctx, sink):
        trial = Trial(suite.world, ctx, sink, suite.world.locate_bus(DEFAULT_EVENT_BUS))
        try:
            found = _list_instants(trial, members["schedule"])
        except EvcliError as error:
            yield from _check_error(members, "schedule", error.message)
            return
        if "error" in members:
            yield Problem("the schedule is accepted, and was to be refused")
            return
        yield from _check_instants(suite, case, found)
        if "targets" in members and _fire(trial, members["schedule"]):
            yield from check_targets(trial, members["targets"])
        elif "targets" in members:
            yield Problem("targets: the rule never fires")


def _list_instants(trial: Trial, text: str) -> Iterator[datetime]:
    """List the instants of a rule or an expression after the clock's.

    Raises: EvcliError, UnknownNameError: it is none.
    """
    now = trial.ctx.clock.now()
    if "(" in text:
        return instants(read_schedule(text), now, now)
    rule = _find_scheduled_rule(trial, text)
    if rule.schedule_expression is None:
        raise UnknownNameError(f"rule {text} has no schedule")
    if rule.next_fire_at is None:  # it is disabled, or over
        return iter(())
    schedule = read_schedule(rule.schedule_expression)
    return instants(schedule, now, rule.schedule_anchor_at or now)


def _find_scheduled_rule(trial: Trial, text: str) -> Rule:
    """Find a rule, with the instants that it has on the case's clock."""
    bus, rule = trial.find_rule(text)
    return trial.ctx.store.get(Rule, *bus, rule.name) or rule


def _check_instants(
    suite: CaseSuite, case: Case, found: Iterator[datetime]
) -> Iterator[Problem]:
    members = case.members
    if "fires" not in members:
        return
    until = suite.read_time(case, "until")
    expected = [
        suite.read_time(case, "fires", number)
        for number in range(len(members["fires"]))
    ]
    if until is None:
        # To see that it never fires takes one.
        got = list(islice(found, max(len(expected), 1)))
    else:
        # One more than expected is enough to see that there are too many.
        up_to = takewhile(lambda each: each <= until, found)
        got = list(islice(up_to, len(expected) + 1))
    if got == expected:
        return
    texts = [format_time(each) for each in got]
    yield Problem(
        "fires: not as expected",
        [
            ("missed", f"  expected {_join(members['fires'])}"),
            ("event", f"  got      {_join(texts)}"),
        ],
    )


def _join(instants: Sequence[str]) -> str:
    """List instants on one line, the first ones of many."""
    shown = ", ".join(instants[:SHOWN_INSTANTS])
    more = len(instants) - SHOWN_INSTANTS
    return f"{shown} and {more} more" if more > 0 else shown or "never"


def _fire(trial: Trial, text: str) -> bool:
    """Let a rule fire at its next instant; say whether it has one."""
    ctx = trial.ctx
    rule = _find_scheduled_rule(trial, text)
    if rule.next_fire_at is None:
        return False
    move_clock(ctx, rule.next_fire_at)
    with ctx.store.transaction():
        deliveries = fire_rule(ctx, Router(ctx), rule, ctx.clock.now())
    deliver(ctx, deliveries)
    if deliveries:
        trial.observe(deliveries[0].event.event_id)
    return True


# What a case is about → what runs it.
KINDS: dict[str, Run] = {
    "event": _run_event,
    "pattern": _run_pattern,
    "schedule": _run_schedule,
}
