"""The handler sink: what a delivery becomes, and what came of the call as an outcome."""

from __future__ import annotations

from evcli.arns import parse_arn
from evcli.context import Outcome
from evcli.delivery.processes import replace_nul
from evcli.delivery.sinks.handlers.process import BusyError, CallError
from evcli.ids import derive_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Clock
    from evcli.delivery.sinks.handlers.process import HandlerProcess, Reply
    from evcli.store.deliveries import Delivery

LIMIT_SECONDS = 30.0

# How long a call that failed waits for the next one; there is none after these. [doc]
RETRY_SECONDS = (60.0, 120.0)

BUSY = "The handler is at another call; this one comes later."


class HandlerSink:
    """Calls a handler for each delivery, in a process that others share.

    Args:
        handler: `MODULE.FUNCTION`; the name of the function where the target is none.
        clock: what the next call is planned by, where the handler is at another one.
        limit_seconds: for one call; loading the module does not count.
    """

    is_buffered = False
    is_exactly_once = False

    def __init__(
        self,
        process: HandlerProcess,
        handler: str,
        clock: Clock,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._process = process
        self._handler = handler
        self._clock = clock
        self._limit_seconds = limit_seconds

    def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
        """Call the handler and wait for what it returns or raises."""
        try:
            reply = self._process.call(self._describe(delivery), self._limit_seconds)
        except BusyError:
            # Due at once, since a virtual clock stands; the next worker waits again.
            now = self._clock.now()
            return Outcome("THROTTLING", BUSY, retry=True, postponed_until=now)
        except CallError as error:
            return _fail(delivery, error.error_code, error.message, error.output)
        except (OSError, ValueError) as error:
            # No Python, no directory: a retry would only hide that.
            return Outcome("NO_RESOURCE", f"The handler cannot be started: {error}")
        return _judge(delivery, reply)

    def flush(self) -> None:
        """Nothing to do."""

    def _describe(self, delivery: Delivery) -> dict[str, Any]:
        arn = parse_arn(delivery.target_arn)
        is_function = arn is not None and arn.resource.startswith("function:")
        name = self._handler
        if arn is not None and is_function:
            name = arn.resource.split(":")[1]
        region = arn.region if arn is not None else ""
        return {
            "payload": delivery.payload,
            "arn": delivery.target_arn,
            "name": name,
            # The same at each attempt. [doc]
            "request_id": derive_uuid(
                delivery.event.event_id, delivery.rule_arn, delivery.target_id
            ),
            "seconds": self._limit_seconds,
            "environ": {
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
                "EVCLI_ATTEMPT": str(delivery.attempts + 1),
                "EVCLI_EVENT_ID": delivery.event.event_id,
                "EVCLI_RULE_ARN": delivery.rule_arn,
                "EVCLI_TARGET_ARN": delivery.target_arn,
                "EVCLI_TARGET_ID": delivery.target_id,
                "_HANDLER": self._handler,
                "_X_AMZN_TRACE_ID": delivery.event.trace_header or "",
                **(
                    {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
                    if region
                    else {}
                ),
            },
        }


def _judge(delivery: Delivery, reply: Reply) -> Outcome:
    """Make an outcome of an answer; one that says nothing known is a failure."""
    answer = reply.answer
    if "returned" in answer:
        text = f"returned {answer['returned']}"
        return Outcome(
            output=_join(reply.output, "" if text == "returned null" else text)
        )
    name, message, trace = answer.get("error", ["Stale", "its files kept changing", ""])
    return _fail(
        delivery,
        "ERROR_FROM_TARGET",
        f"{name}: {message}" if message else f"{name}",
        _join(reply.output, trace),
    )


def _fail(
    delivery: Delivery, error_code: str, message: str, output: str | None
) -> Outcome:
    """A call that failed, to be made twice again, as Lambda does."""
    is_last = delivery.attempts >= len(RETRY_SECONDS)
    return Outcome(
        error_code,
        message,
        retry=not is_last,
        retry_after_seconds=0.0 if is_last else RETRY_SECONDS[delivery.attempts],
        output=output or None,
    )


def _join(*texts: str) -> str | None:
    return replace_nul("\n".join(filter(None, texts))) or None
