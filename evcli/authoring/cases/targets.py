"""What targets got, held against what they were to get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from evcli.authoring.cases.comparing import find_differences, show
from evcli.authoring.cases.target_sink import Failure
from evcli.authoring.cases.trials import (
    Problem,
    UnknownNameError,
    explain_pattern,
)
from evcli.delivery.dead_letters import ATTRIBUTES
from evcli.delivery.envelopes import format_json
from evcli.delivery.outcomes import describe_failure
from evcli.errors import EvcliError
from evcli.patterns import EventTextError, compile_pattern, match, read_event
from evcli.store.deliveries import DELIVERED, FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from evcli.authoring.cases.trials import Line, Trial
    from evcli.authoring.cases.worlds import Bus
    from evcli.store.deliveries import Delivery
    from evcli.store.records import Rule

    Check = Callable[["Got", Any], Iterator[Problem]]

# More lines of what differs than anybody reads.
MOST_DIFFERENCES = 20
# What is as expected where nothing was on its way.
NOTHING: dict[str, Any] = {"delivered": False, "attempts": 0, "dead_letter": False}


class Got(NamedTuple):
    """One delivery: how the case calls its target, its request, its dead letter."""

    label: str
    delivery: Delivery
    call: dict[str, Any]
    letter: Delivery | None


def check_targets(
    trial: Trial, expected: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    """Hold what targets got against what they were to get, by RULE/TARGET-ID."""
    for text, wanted in expected.items():
        try:
            bus, rule, target_ids = find_targets(trial, text)
        except UnknownNameError as error:
            yield Problem(f"targets: {error}")
            continue
        for target_id in target_ids:
            label = f"{trial.name_rule(bus, rule.name)}/{target_id}"
            yield from _check_target(trial, bus, rule, target_id, label, wanted)


def find_targets(trial: Trial, text: str) -> tuple[Bus, Rule, list[str]]:
    """Find what a case calls `RULE/TARGET-ID`, `BUS/RULE/TARGET-ID` or `RULE/*`.

    Raises: UnknownNameError: there is no such rule or target.
    """
    rule_text, _, target_id = text.rpartition("/")
    if not rule_text:
        raise UnknownNameError(f"{text} is not RULE/TARGET-ID")
    bus, rule = trial.find_rule(rule_text)
    return bus, rule, trial.list_target_ids(bus, rule, target_id)


def read_failures(
    trial: Trial, given: Mapping[str, Any]
) -> dict[tuple[str, str], Failure]:
    """Read which targets are to fail. Raises: UnknownNameError: one is not there."""
    failures = {}
    for text, how in given.items():
        _, rule, target_ids = find_targets(trial, text)
        failure = Failure(**how) if isinstance(how, dict) else Failure(how)
        for target_id in target_ids:
            failures[rule.arn, target_id] = failure
    return failures


def _check_target(
    trial: Trial,
    bus: Bus,
    rule: Rule,
    target_id: str,
    label: str,
    wanted: Mapping[str, Any],
) -> Iterator[Problem]:
    deliveries = [
        each
        for each in trial.deliveries
        if (each.rule_arn, each.target_id) == (rule.arn, target_id)
    ]
    letters = {each.dead_letter_of: each for each in deliveries}
    own = [each for each in deliveries if each.dead_letter_of is None]
    if not own and any(
        NOTHING.get(name) is not value for name, value in wanted.items()
    ):
        lines = list(trial.explain_rule(bus, rule))
        yield Problem(f"{label} gets nothing", lines)
    for delivery in own:
        call = trial.sink.requests.get(delivery.delivery_key, {})
        got = Got(label, delivery, call, letters.get(delivery.delivery_key))
        for name, value in wanted.items():
            yield from CHECKS[name](got, value)


# -- one member of an expectation each


def _check_part(got: Got, expected: Any) -> Iterator[Problem]:
    payload = got.delivery.payload
    if isinstance(expected, str):
        if expected not in payload:
            yield Problem(
                f"{got.label} payload: expected a text that has {show(expected)},"
                f" got {show(payload)}"
            )
        return
    yield from _compare(got, expected, is_whole=False)


def _check_whole(got: Got, expected: Any) -> Iterator[Problem]:
    if isinstance(expected, str) and expected == got.delivery.payload:
        return
    yield from _compare(got, expected, is_whole=True)


def _compare(got: Got, expected: Any, *, is_whole: bool) -> Iterator[Problem]:
    delivery = got.delivery
    if delivery.state == FAILED and not delivery.attempts:
        yield Problem(f"{got.label} has no payload: {describe_failure(delivery)}")
        return
    found = _parse_payload(delivery.payload)
    lines = _list_lines(find_differences(expected, found, is_whole=is_whole))
    if lines:
        yield Problem(f"{got.label} payload: not as expected", lines)


def _parse_payload(text: str) -> Any:
    """Read a payload: the value of a JSON text, else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _list_lines(differences: Iterator[str]) -> list[Line]:
    texts = list(differences)
    lines = [("missed", f"  {text}") for text in texts[:MOST_DIFFERENCES]]
    if len(texts) > MOST_DIFFERENCES:
        lines.append(("aside", f"  and {len(texts) - MOST_DIFFERENCES} more"))
    return lines


def _check_pattern(got: Got, expected: Any) -> Iterator[Problem]:
    try:
        pattern = compile_pattern(format_json(expected))
    except EvcliError as error:
        yield Problem(f"{got.label} payload_matches: {error.message}")
        return
    payload = got.delivery.payload
    try:
        is_match = match(pattern, read_event(payload))
    except EventTextError:
        yield Problem(f"{got.label} payload: {show(payload)} is not an object")
        return
    if not is_match:
        lines = list(explain_pattern(pattern, payload))
        yield Problem(f"{got.label} payload: the pattern does not match", lines)


def _check_action(got: Got, expected: Any) -> Iterator[Problem]:
    found = got.call.get("action")
    if found != expected:
        yield Problem(f"{got.label} action: expected {expected}, got {found}")


def _check_request(got: Got, expected: Any) -> Iterator[Problem]:
    found = got.call.get("request", {})
    lines = _list_lines(find_differences(expected, found, is_whole=False))
    if lines:
        yield Problem(f"{got.label} request: not as expected", lines)


def _check_delivered(got: Got, expected: Any) -> Iterator[Problem]:
    delivery = got.delivery
    if (delivery.state == DELIVERED) is expected:
        return
    if expected:
        failure = describe_failure(delivery)
        yield Problem(f"{got.label} is {delivery.state}, not delivered: {failure}")
    else:
        yield Problem(f"{got.label} is delivered")


def _check_attempts(got: Got, expected: Any) -> Iterator[Problem]:
    if got.delivery.attempts != expected:
        found = got.delivery.attempts
        yield Problem(f"{got.label} attempts: expected {expected}, got {found}")


def _check_error_code(got: Got, expected: Any) -> Iterator[Problem]:
    if got.delivery.error_code != expected:
        found = got.delivery.error_code or "no error"
        yield Problem(f"{got.label} error_code: expected {expected}, got {found}")


def _check_dead_letter(got: Got, expected: Any) -> Iterator[Problem]:
    letter = got.letter
    if letter is None:
        if expected is not False:
            state = got.delivery.state
            yield Problem(f"{got.label} has no dead letter; it is {state}")
        return
    if expected is False:
        yield Problem(f"{got.label} has a dead letter, sent to {letter.target_arn}")
    if not isinstance(expected, dict):
        return
    queue = expected.get("queue")
    if queue is not None and queue not in (
        letter.target_arn,
        letter.target_arn.rpartition(":")[2],
    ):
        yield Problem(
            f"{got.label} dead letter: expected queue {queue}, got {letter.target_arn}"
        )
    attributes = {
        name: value["StringValue"] for name, value in letter.target[ATTRIBUTES].items()
    }
    wanted = expected.get("attributes", {})
    lines = _list_lines(find_differences(wanted, attributes, is_whole=False))
    if lines:
        yield Problem(f"{got.label} dead letter: not as expected", lines)


# Member of an expectation → what holds a delivery against it.
CHECKS: dict[str, Check] = {
    "delivered": _check_delivered,
    "payload": _check_part,
    "payload_is": _check_whole,
    "payload_matches": _check_pattern,
    "action": _check_action,
    "request": _check_request,
    "attempts": _check_attempts,
    "error_code": _check_error_code,
    "dead_letter": _check_dead_letter,
}
