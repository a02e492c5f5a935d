"""What event buses log of their own work, as their `LogConfig` says.

A record is a line of JSON in AWS's schema; `bus_log_details` makes it, `bus_log_sinks`
writes it after the transaction that it is about. Nothing of this is loaded as long as all
event buses are at `OFF`, see `open_bus_logs`.

Source: [doc] message types and their levels, which events leave records; [aws] the name
of the log group; [guess] the order inside of a stage, that an ingestion is asked for by
the account that the event names, and that what is sent once more by hand is an
invocation of its own, which starts like any other.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from evcli.arns import format_arn, format_event_bus_arn
from evcli.delivery.bus_log_details import (
    count_ms,
    derive_invocation_id,
    describe_end,
    describe_error,
    describe_start,
    describe_target,
    format_record,
    get_response_body,
)
from evcli.store.deliveries import DELIVERED, FAILED, RETRYING, Event
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from evcli.context import Context, Outcome
    from evcli.delivery.events import AcceptedEvent, EventBusKey
    from evcli.errors import EntryError
    from evcli.store.deliveries import Delivery

    Members = dict[str, Any]

LEVELS = {"OFF": 0, "ERROR": 1, "INFO": 2, "TRACE": 3}

# The closed list of steps, each with the level from which on it is written.
MESSAGE_TYPES = {
    "EVENT_RECEIPT": "TRACE",
    "EVENT_INGEST_SUCCESS": "INFO",
    "EVENT_INGEST_FAILURE": "ERROR",
    "RULE_MATCH_START": "TRACE",
    "RULE_MATCH": "INFO",
    "NO_STANDARD_RULES_MATCHED": "INFO",
    "INVOCATION_START": "INFO",
    "INVOCATION_THROTTLE_START": "ERROR",
    "INVOCATION_ATTEMPT_START": "TRACE",
    "INVOCATION_ATTEMPT_SUCCESS": "TRACE",
    "INVOCATION_ATTEMPT_RETRYABLE_FAILURE": "ERROR",
    "INVOCATION_ATTEMPT_PERMANENT_FAILURE": "ERROR",
    "INVOCATION_ATTEMPT_THROTTLE": "ERROR",
    "INVOCATION_SUCCESS": "INFO",
    "INVOCATION_FAILURE": "ERROR",
    "INVOCATION_DLQ": "ERROR",
}

LOG_GROUP = "log-group:/aws/vendedlogs/events/event-bus/{}"

# Events of AWS services leave records only where a rule matches them.
SERVICE_PREFIX = "aws."
THROTTLING = "THROTTLING"


def name_log_group(region: str, account_id: str, event_bus_name: str) -> str:
    """The ARN of the log group that an event bus writes to."""
    return format_arn("logs", region, account_id, LOG_GROUP.format(event_bus_name))


class BusLogs:
    """Takes what happens, and makes records of it for the event buses that log.

    They wait in the context until `write_records`, for what happens in a transaction may
    be undone with it.
    """

    __slots__ = ("_configs", "_ctx", "_request_id")

    def __init__(
        self, ctx: Context, configs: Mapping[EventBusKey, dict[str, str]]
    ) -> None:
        self._ctx = ctx
        self._configs = configs
        self._request_id: str | None = None

    def begin_request(self) -> None:
        """Say that from now on all is about one request, which gets an id."""
        self._request_id = self._ctx.new_id()

    # -- on the way to the rules

    def add_refusal(
        self, event_bus: EventBusKey, entry: dict[str, Any], error: EntryError
    ) -> None:
        """Record an entry that became no event."""
        event = Event(
            event_id="",
            account_id=event_bus[0],
            region=event_bus[1],
            event_bus_name=event_bus[2],
            accepted_at=self._ctx.clock.now(),
            envelope="",
        )
        time = entry.get("Time")

        def describe() -> Members:
            return {
                "caller_account_id": self._ctx.account_id,
                "source_time_ms": time and to_epoch_ms(time),
                "source": entry.get("Source"),
                "detail_type": entry.get("DetailType"),
                "resources": entry.get("Resources", []),
                "event_detail": entry.get("Detail"),
            }

        self._add(event, "EVENT_RECEIPT", describe)
        failure = {
            "error_message": f"{error.code}: {error.message}",
            "aws_service": "events",
        }
        self._add(event, "EVENT_INGEST_FAILURE", describe, error=failure)

    def add_arrival(self, event: AcceptedEvent, *, is_matched: bool) -> None:
        """Record an event that an event bus accepted.

        Args:
            is_matched: whether rules match it, besides those that archives keep.
        """
        members, row = event.members, event.row
        is_replayed = "replay-name" in members
        is_of_service = members["source"].startswith(SERVICE_PREFIX)
        if is_of_service and not is_matched and not is_replayed:
            return

        def describe() -> Members:
            return {
                "caller_account_id": members["account"],
                "source_time_ms": to_epoch_ms(datetime.fromisoformat(members["time"])),
                "source": members["source"],
                "detail_type": members["detail-type"],
                "resources": members["resources"],
                "event_detail": event.detail_text,
            }

        self._add(row, "EVENT_RECEIPT", describe)
        self._add(row, "EVENT_INGEST_SUCCESS", describe)
        self._add(row, "RULE_MATCH_START", describe)
        if not is_matched:
            self._add(row, "NO_STANDARD_RULES_MATCHED", dict)

    def add_match(
        self, event: Event, rule_arn: str, deliveries: Sequence[Delivery]
    ) -> None:
        """Record a rule that matched, and the invocations that begin with that.

        Args:
            deliveries: one for each of the rule's targets; those that have failed
                already over their payload get no attempt.
        """
        self._add(
            event,
            "RULE_MATCH",
            lambda: {
                "rule_arn": rule_arn,
                "target_arns": [each.target_arn for each in deliveries],
                "invocation_ids": [derive_invocation_id(each) for each in deliveries],
            },
        )
        for delivery in deliveries:
            self.add_start(delivery)
            if delivery.state == FAILED:
                self._add_end(delivery, {"total_attempts": 0})

    def add_start(self, delivery: Delivery) -> None:
        """Record that an invocation begins. Of a dead letter none does."""
        if delivery.dead_letter_of is None:
            start = partial(describe_start, delivery, 1)
            self._add_invocation(delivery, "INVOCATION_START", start)

    # -- on the way to the targets

    def add_attempt(
        self, delivery: Delivery, attempted_at: datetime, outcome: Outcome
    ) -> None:
        """Record an attempt of which the delivery says already what it came to."""
        if delivery.dead_letter_of is not None:
            self._add_dead_letter(delivery, outcome)
            return
        until = outcome.postponed_until
        if until is not None and delivery.next_attempt_at == until:
            self._add_invocation(
                delivery,
                "INVOCATION_THROTTLE_START",
                lambda: describe_start(delivery, delivery.attempts + 1),
                error=describe_error(delivery),
            )
            return
        self._add_invocation(
            delivery,
            "INVOCATION_ATTEMPT_START",
            lambda: describe_start(delivery, delivery.attempts),
            at=attempted_at,
        )
        now = self._ctx.clock.now()
        result = {
            "target_duration_ms": count_ms(attempted_at, now),
            "target_response_body": get_response_body(delivery, outcome),
        }
        self._add_invocation(
            delivery,
            _name_result(delivery, outcome),
            lambda: {
                **describe_target(delivery),
                "attempt_type": self._find_attempt_type(delivery),
                "attempt_count": delivery.attempts,
                "invocation_status": delivery.error_code or "SUCCESS",
                **result,
            },
            error=describe_error(delivery, outcome),
        )
        if delivery.state == RETRYING:
            return
        accepted_at = delivery.event.accepted_at
        latencies = {
            "ingestion_to_start_latency_ms": count_ms(accepted_at, attempted_at),
            "ingestion_to_complete_latency_ms": count_ms(accepted_at, now),
        }
        is_made = delivery.state == DELIVERED
        self._add_end(
            delivery,
            {
                "total_attempts": delivery.attempts,
                **(latencies if delivery.attempts == 1 else {}),
                "ingestion_to_success_latency_ms": count_ms(accepted_at, now)
                if is_made
                else None,
                **result,
            },
            outcome,
        )

    def _add_end(
        self, delivery: Delivery, result: Members, outcome: Outcome | None = None
    ) -> None:
        """Record the end of an invocation; `outcome` is that of its last attempt."""
        is_made = delivery.state == DELIVERED
        self._add_invocation(
            delivery,
            "INVOCATION_SUCCESS" if is_made else "INVOCATION_FAILURE",
            lambda: describe_end(delivery, result),
            error=describe_error(delivery, outcome),
        )

    def _add_dead_letter(self, letter: Delivery, outcome: Outcome) -> None:
        """Record what became of the letter; its own trouble is the only error."""
        failed = None
        if letter.dead_letter_of is not None:
            failed = self._ctx.store.ledger.get_delivery(letter.dead_letter_of)
        if failed is None:
            return
        self._add_invocation(
            failed,
            "INVOCATION_DLQ",
            lambda: describe_end(failed, {"total_attempts": failed.attempts}),
            error=describe_error(letter, outcome),
        )

    def _find_attempt_type(self, delivery: Delivery) -> str:
        """Say what kind of attempt the latest one was."""
        if delivery.attempts == 1:
            return "FIRST"
        attempts = self._ctx.store.ledger.list_attempts(delivery.delivery_key)
        before = [each for each in attempts if each.number == delivery.attempts - 1]
        is_throttled = any(each.error_code == THROTTLING for each in before)
        return "THROTTLE" if is_throttled else "RETRY"

    # -- records

    def _add_invocation(
        self,
        delivery: Delivery,
        message_type: str,
        describe: Callable[[], Members],
        *,
        error: Members | None = None,
        at: datetime | None = None,
    ) -> None:
        found = derive_invocation_id(delivery)
        self._add(delivery.event, message_type, describe, found, error=error, at=at)

    def _add(
        self,
        event: Event,
        message_type: str,
        describe: Callable[[], Members],
        invocation_id: str | None = None,
        *,
        error: Members | None = None,
        at: datetime | None = None,
    ) -> None:
        """Make a record, if the level of the event's event bus has it written."""
        event_bus = (event.account_id, event.region, event.event_bus_name)
        config = self._configs.get(event_bus)
        level = MESSAGE_TYPES[message_type]
        if config is None or LEVELS[level] > LEVELS.get(config["Level"], 0):
            return
        account_id, region, name = event_bus
        record = {
            "resource_arn": format_event_bus_arn(region, account_id, name),
            "event_bus_name": name,
            "request_id": self._request_id,
            "event_id": event.event_id or None,
            "invocation_id": invocation_id,
            "message_timestamp_ms": to_epoch_ms(at or self._ctx.clock.now()),
            "message_type": message_type,
            "log_level": level,
            "details": describe(),
            "dropped_fields": None,
            "error": error,
        }
        text = format_record(record, is_full=config.get("IncludeDetail") == "FULL")
        group = name_log_group(region, account_id, name)
        self._ctx.log_records.append((group, event, text))


def _name_result(delivery: Delivery, outcome: Outcome) -> str:
    """Name what an attempt came to."""
    if outcome.error_code is None:
        return "INVOCATION_ATTEMPT_SUCCESS"
    if delivery.error_code == THROTTLING:
        return "INVOCATION_ATTEMPT_THROTTLE"
    if outcome.retry:
        return "INVOCATION_ATTEMPT_RETRYABLE_FAILURE"
    return "INVOCATION_ATTEMPT_PERMANENT_FAILURE"
