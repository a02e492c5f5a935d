"""The context: everything that an operation may use besides its request.

Account, region, clock, ids, store and sinks arrive here and nowhere else, so an
operation is a function of (context, request), and a test can hold every part of it.
"""

from __future__ import annotations

import os
import sys

from evcli import load
from evcli.arns import format_event_bus_arn, format_rule_arn
from evcli.errors import EvcliError, LimitExceededException
from evcli.store.directory.configuration import QUOTAS, REGIONAL_QUOTAS
from evcli.store.epoch import UTC, datetime, from_epoch_ms, timedelta
from evcli.store.store import Store, open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol, TextIO

    from evcli.errors import ServiceError
    from evcli.store.deliveries import Delivery, Event

    # The ARN of a log group, the event that it is about, the record as JSON.
    LogRecord = tuple[str, Event, str]

    class Clock(Protocol):
        """Where the time comes from."""

        def now(self) -> datetime:
            """The present instant, aware, UTC."""

    class Sink(Protocol):
        """What stands for a target on this machine.

        `deliver` takes one delivery and says what came of it. One that `is_buffered`
        writes many at a time: a delivery counts as made once `flush` has returned as
        well. One that is not may run somebody else's code: it gets its deliveries after
        all buffered ones were flushed, and what came of each is recorded before the
        next one.

        One that `is_exactly_once` keeps a delivery once however often it is attempted,
        so the record of the attempt need not survive a loss of power; its `flush` may
        be called in a thread.
        """

        is_buffered: bool
        is_exactly_once: bool

        def deliver(self, delivery: Delivery, request: dict[str, Any]) -> Outcome:
            """Hand over one delivery; `request` is what the target's service gets."""

        def flush(self) -> None:
            """Make everything delivered so far outlast the process."""


DEFAULT_ACCOUNT_ID = "000000000000"
DEFAULT_REGION = "us-east-1"
RECURSION_LIMIT = 10_000


class Outcome:
    """What an attempt came to.

    `error_code` is one of EventBridge's delivery error codes, `None` on success;
    `retry` says whether it may be tried again, `retry_after_seconds` not before when;
    `output` is what the sink said, for the ledger; `http_status` is what it was answered,
    where HTTP is spoken. `postponed_until` says that nothing was attempted yet, and when
    it will be. `line` is what the store is to keep in the transaction that records it.
    """

    __slots__ = (
        "error_code",
        "http_status",
        "line",
        "message",
        "output",
        "postponed_until",
        "retry",
        "retry_after_seconds",
    )

    def __init__(
        self,
        error_code: str | None = None,
        message: str | None = None,
        *,
        retry: bool = False,
        retry_after_seconds: float = 0.0,
        output: str | None = None,
        http_status: int | None = None,
        postponed_until: datetime | None = None,
        line: str | None = None,
    ) -> None:
        self.error_code = error_code
        self.http_status = http_status
        self.line = line
        self.message = message
        self.postponed_until = postponed_until
        self.retry = retry
        self.retry_after_seconds = retry_after_seconds
        self.output = output


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands where it was put, until it is moved."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """The instant at which the clock stands."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Put the clock somewhere."""
        self._instant = instant

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._instant += timedelta(seconds=seconds)


def _new_uuid() -> str:
    # Most commands make no id.
    new_id: Callable[[], str] = load("evcli.ids", "new_uuid")
    return new_id()


def allow_deep_json() -> None:
    """Let this process read and write JSON as deep as a detail may be: a thousand levels.

    Python 3.11 counts the json module's own steps against the limit of recursion.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))


class Context:
    """Everything an operation may use besides its request.

    `sinks` are those given by whoever made the context, by target ARN; one under `*`
    stands for all targets. `opened_sinks`, by target ARN as well, are those that the
    configuration asked for, and `shared_sinks` the ones among them that stand for several
    ARNs, by the number of their entry. `kept` is what sinks keep beyond a context, such
    as the processes of handlers; each has a `close`. A context that was not given it
    closes it (`is_keeper`).
    `environ`, `stdout` and `stderr` are what sinks see of the process's surroundings.
    `after_commit` collects what a handler wants done once its transaction is committed.
    `notices` are lines for the person, beside the answer; `debug`, when set, is told
    what evcli does. `write_lines_by`, when set, writes the lines of file sinks as JSON,
    for a command that writes so many that the import of a faster writer pays.
    `trace_header` is the X-Amzn-Trace-Id header of the HTTP request, where there is one.
    `log_records` are those of event buses' logs that wait for the end of a transaction;
    `report`, when set, is told what was done, for whoever watches a worker.
    """

    __slots__ = (
        "account_id",
        "after_commit",
        "clock",
        "configuration",
        "debug",
        "environ",
        "is_keeper",
        "kept",
        "log_records",
        "new_id",
        "notices",
        "opened_sinks",
        "organization_id",
        "quotas",
        "region",
        "report",
        "shared_sinks",
        "sinks",
        "stderr",
        "stdout",
        "store",
        "trace_header",
        "write_lines_by",
    )

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        account_id: str = DEFAULT_ACCOUNT_ID,
        region: str = DEFAULT_REGION,
        organization_id: str | None = None,
        configuration: dict[str, Any] | None = None,
        new_id: Callable[[], str] = _new_uuid,
        debug: Callable[[str], None] | None = None,
        environ: Mapping[str, str] | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        kept: dict[Any, Any] | None = None,
    ) -> None:
        allow_deep_json()
        self.store = store
        self.clock = clock
        self.account_id = account_id
        self.region = region
        self.organization_id = organization_id
        self.configuration = configuration or {}
        self.quotas = _read_quotas(self.configuration, region)
        self.new_id = new_id
        self.debug = debug
        self.write_lines_by: Callable[[object], bytes] | None = None
        self.environ = os.environ if environ is None else environ
        self.stdout = sys.stdout if stdout is None else stdout
        self.stderr = sys.stderr if stderr is None else stderr
        self.sinks: dict[str, Sink] = {}
        self.opened_sinks: dict[str, Sink] = {}
        self.shared_sinks: dict[int, Sink] = {}
        self.is_keeper = kept is None
        self.kept: dict[Any, Any] = {} if kept is None else kept
        self.after_commit: list[Callable[[], None]] = []
        self.notices: list[str] = []
        self.trace_header: str | None = None
        self.log_records: list[LogRecord] = []
        self.report: Callable[[dict[str, Any]], None] | None = None

    def close(self) -> None:
        """Close the store, and what sinks keep if nobody else does."""
        self.store.close()
        for each in self.kept.values() if self.is_keeper else ():
            each.close()

    def act_as(
        self, account_id: str, region: str, organization_id: str | None = None
    ) -> Context:
        """Make a context for another account or region of the same state directory."""
        other = object.__new__(Context)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.account_id = account_id
        other.region = region
        other.organization_id = organization_id
        other.quotas = _read_quotas(self.configuration, region)
        other.trace_header = None
        return other

    def require_quota(
        self,
        name: str,
        size: int,
        refuse: Callable[[], ServiceError] = LimitExceededException,
    ) -> None:
        """Refuse what would be more than a quota allows.

        The service's sentences hardly say which one it is, so a notice names it. [guess]

        Args:
            name: as in `[quotas]` of config.toml.
            size: how much there would be.
            refuse: makes the service's answer.

        Raises: ServiceError: it would be more.
        """
        if size <= self.quotas[name]:
            return
        notice = (
            f"the quota {name} is {self.quotas[name]}; [quotas] in config.toml changes"
            " it"
        )
        # Bulk input meets the same quota again and again.
        if self.notices[-1:] != [notice]:
            self.notices.append(notice)
        raise refuse()

    def new_ids(self, count: int) -> list[str]:
        """Make many ids at once."""
        if self.new_id is _new_uuid:
            ids: list[str] = load("evcli.ids", "new_uuids")(count)
            return ids
        return [self.new_id() for _ in range(count)]

    def event_bus_arn(self, name: str) -> str:
        """The ARN of an event bus of this account and region."""
        return format_event_bus_arn(self.region, self.account_id, name)

    def rule_arn(self, event_bus_name: str, rule_name: str) -> str:
        """The ARN of a rule of this account and region."""
        return format_rule_arn(self.region, self.account_id, event_bus_name, rule_name)


def _read_quotas(configuration: dict[str, Any], region: str) -> dict[str, int]:
    return {
        **QUOTAS,
        **REGIONAL_QUOTAS.get(region, {}),
        **configuration.get("quotas", {}),
    }


def open_context(
    state_directory: str,
    *,
    account_id: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    debug: Callable[[str], None] | None = None,
    warn: Callable[[str], object] | None = None,
    environ: Mapping[str, str] | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
    store: Store | None = None,
    kept: dict[Any, Any] | None = None,
) -> Context:
    """Open a state directory as an account in a region, as it stands now.

    Args:
        account_id: `None` for the profile's, else the configured, else twelve zeros.
        region: `None` likewise, at last `us-east-1`.
        profile: a profile of `config.toml`; one that it does not name changes nothing.
        warn: told in one line for whom this process has to wait.
        store: the directory's, for whoever keeps one open longer than one command.
        kept: what sinks have kept so far; whoever gives it closes it.

    Raises: ConfigurationError: the directory or its `config.toml` cannot be used.
    """
    environ = os.environ if environ is None else environ
    opened = open_store(state_directory, warn, environ) if store is None else store
    try:
        facts = opened.meta.all()
        configuration = opened.load_configuration(facts, environ)
        if configuration.get("durability") == "normal":
            opened.database.relax_durability()
    except EvcliError:
        if store is None:
            opened.close()
        raise
    chosen = configuration.get("profiles", {}).get(profile or "default", {})
    account_id, region = choose_scope(configuration, profile, account_id, region)
    return Context(
        store=opened,
        clock=_read_clock(facts),
        account_id=account_id,
        region=region,
        organization_id=chosen.get("organization") or configuration.get("organization"),
        configuration=configuration,
        debug=debug,
        environ=environ,
        stdout=stdout,
        stderr=stderr,
        kept=kept,
    )


def choose_scope(
    configuration: Mapping[str, Any],
    profile: str | None,
    account_id: str | None,
    region: str | None,
) -> tuple[str, str]:
    """Say which account and region a command acts in; arguments as of `open_context`."""
    chosen = configuration.get("profiles", {}).get(profile or "default", {})
    return (
        account_id
        or chosen.get("account")
        or configuration.get("account", DEFAULT_ACCOUNT_ID),
        region or chosen.get("region") or configuration.get("region", DEFAULT_REGION),
    )


def _read_clock(facts: dict[str, Any]) -> Clock:
    epoch_ms = facts.get("clock")
    return SystemClock() if epoch_ms is None else VirtualClock(from_epoch_ms(epoch_ms))
