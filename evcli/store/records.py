"""The records that the store keeps: immutable values, one concept each.

A record's columns are its annotations, in order; `TABLE` and `KEY` say where it lives
and what identifies it. Columns that end in `_at` are aware UTC datetimes here and epoch
milliseconds in the store; columns in `DOCUMENTS` are JSON values here and text there.
Annotations and not `__slots__` carry the columns, so that each is written once. A column
that a table gets later stands last, may be `None`, and names in `ADDED` the version of
the schema that has it, the next one: state directories then get it by themselves.
The ledger's rows, `Delivery` and `Event`, are in `store/deliveries.py`.
"""

from __future__ import annotations

from evcli.arns import format_arn, format_event_bus_arn, format_rule_arn
from evcli.errors import DamagedStoreError
from evcli.json_text import dumps, loads
from evcli.store.epoch import from_epoch_ms, to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, ClassVar, Self


class Record:
    """A value with named columns; made once, changed only by `replace`."""

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    DOCUMENTS: ClassVar[frozenset[str]] = frozenset()
    COLUMNS: ClassVar[tuple[str, ...]] = ()
    ADDED: ClassVar[dict[str, int]] = {}

    def __init_subclass__(cls) -> None:
        cls.COLUMNS = tuple(cls.__annotations__)

    def __init__(self, **values: Any) -> None:
        for column in self.COLUMNS:
            self.__dict__[column] = values.pop(column, None)
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change; use replace()")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[column] for column in self.KEY))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.KEY)
        return f"{type(self).__name__}({shown})"

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Read the values of `COLUMNS` as the store has them.

        Raises: ValueError, TypeError, OverflowError: they are not what was written.
        """
        values: dict[str, Any] = {}
        for column, value in zip(cls.COLUMNS, row, strict=True):
            if value is not None:
                if column in cls.DOCUMENTS:
                    value = loads(value)
                elif column.endswith("_at"):
                    value = from_epoch_ms(value)
            values[column] = value
        return cls(**values)

    @classmethod
    def read(cls, row: Sequence[Any], path: str) -> Self:
        """Read a row of the state directory at `path`. Raises: DamagedStoreError."""
        try:
            return cls.from_row(row)
        except (ValueError, TypeError, OverflowError) as error:
            key = "/".join(map(str, row[: len(cls.KEY)]))
            what = f"{key} of {cls.TABLE} cannot be read"
            raise DamagedStoreError(path, what) from error

    def to_row(self) -> tuple[Any, ...]:
        """Write the values of `COLUMNS` as the store has them."""
        return tuple(self._write(column) for column in self.COLUMNS)

    def _write(self, column: str) -> object:
        value = self.__dict__[column]
        if value is None:
            return None
        if column in self.DOCUMENTS:
            return dumps(value)
        return to_epoch_ms(value) if column.endswith("_at") else value

    def replace(self, **changes: Any) -> Self:
        """Copy the record with some columns changed."""
        return type(self)(**{**self.__dict__, **changes})


class Resource(Record):
    """A record that has an ARN of its own, in the account and region of its key.

    `RESOURCE` is the end of it; with an id in it a name used again has another ARN.
    """

    KEY = ("account_id", "region", "name")
    RESOURCE: ClassVar[str]

    account_id: str
    region: str

    @property
    def arn(self) -> str:
        """The ARN of the resource."""
        resource = self.RESOURCE.format(**self.__dict__)
        return format_arn("events", self.region, self.account_id, resource)


class EventBus(Record):
    """An event bus. Events arrive here; its rules decide where they go.

    Every account and region has a `default` one, stored only once it was changed. A
    partner event bus names the partner event source that feeds it.
    """

    TABLE = "event_buses"
    KEY = ("account_id", "region", "name")
    DOCUMENTS = frozenset({"dead_letter_config", "log_config"})

    account_id: str
    region: str
    name: str
    description: str | None
    kms_key_identifier: str | None
    dead_letter_config: dict[str, Any] | None
    log_config: dict[str, Any] | None
    policy: str | None
    event_source_name: str | None
    created_at: datetime
    last_modified_at: datetime

    @property
    def arn(self) -> str:
        """The ARN of the event bus, in its own account and region."""
        return format_event_bus_arn(self.region, self.account_id, self.name)


class Rule(Record):
    """A rule: an event pattern, a schedule or both, on one event bus.

    `schedule_anchor_at` is where a rate expression starts counting; `next_fire_at` is
    the next instant of the schedule, absent when the rule has none or is disabled.
    """

    TABLE = "rules"
    KEY = ("account_id", "region", "event_bus_name", "name")

    account_id: str
    region: str
    event_bus_name: str
    name: str
    event_pattern: str | None
    schedule_expression: str | None
    state: str
    description: str | None
    role_arn: str | None
    managed_by: str | None
    created_by: str
    schedule_anchor_at: datetime | None
    next_fire_at: datetime | None

    @property
    def arn(self) -> str:
        """The ARN of the rule, in the account and region of its event bus."""
        return format_rule_arn(
            self.region, self.account_id, self.event_bus_name, self.name
        )


class Target(Record):
    """A target of a rule; `definition` is the target as it was put, in wire spelling."""

    TABLE = "targets"
    KEY = ("account_id", "region", "event_bus_name", "rule_name", "target_id")
    DOCUMENTS = frozenset({"definition"})

    account_id: str
    region: str
    event_bus_name: str
    rule_name: str
    target_id: str
    arn: str
    definition: dict[str, Any]


class Archive(Resource):
    """An archive of one event bus.

    `archive_id` keeps the events of a deleted archive out of a new one with its name.
    `event_count` and `size_bytes` are kept up to date as events come and go, so that
    describing an archive costs the same whatever it holds.
    """

    TABLE = "archives"
    RESOURCE = "archive/{name}"

    account_id: str
    region: str
    name: str
    archive_id: str
    event_bus_name: str
    event_source_arn: str
    description: str | None
    event_pattern: str | None
    retention_days: int
    kms_key_identifier: str | None
    state: str
    state_reason: str | None
    event_count: int
    size_bytes: int
    created_at: datetime


class Replay(Resource):
    """A replay: archived events of a span of time, on their way once more.

    `replayed_to` is how far into the archive deliveries were committed, a cursor of
    `store/archived_events.py`; a worker that takes the replay over starts after it.
    `owner` is the process that is at it.
    """

    TABLE = "replays"
    RESOURCE = "replay/{name}"
    DOCUMENTS = frozenset({"destination", "replayed_to"})

    account_id: str
    region: str
    name: str
    archive_id: str
    description: str | None
    event_source_arn: str
    destination: dict[str, Any]
    state: str
    state_reason: str | None
    event_start_at: datetime
    event_end_at: datetime
    event_last_replayed_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    replayed_to: list[int] | None
    owner: int | None


class Connection(Resource):
    """How API destinations authorise their calls.

    `auth_parameters` holds the secrets in wire spelling and never leaves the store but
    for the HTTP request itself; `token` is the cached OAuth answer.
    """

    TABLE = "connections"
    RESOURCE = "connection/{name}/{connection_id}"
    DOCUMENTS = frozenset(
        {"auth_parameters", "invocation_connectivity_parameters", "token"}
    )

    account_id: str
    region: str
    name: str
    connection_id: str
    description: str | None
    authorization_type: str
    auth_parameters: dict[str, Any]
    invocation_connectivity_parameters: dict[str, Any] | None
    kms_key_identifier: str | None
    secret_arn: str | None
    state: str
    state_reason: str | None
    token: dict[str, Any] | None
    created_at: datetime
    last_modified_at: datetime
    last_authorized_at: datetime | None


class ApiDestination(Resource):
    """An HTTP endpoint that rules can name as a target, called through a connection."""

    TABLE = "api_destinations"
    RESOURCE = "api-destination/{name}/{api_destination_id}"

    account_id: str
    region: str
    name: str
    api_destination_id: str
    description: str | None
    connection_arn: str
    invocation_endpoint: str
    http_method: str
    invocation_rate_limit_per_second: int
    created_at: datetime
    last_modified_at: datetime


class Endpoint(Resource):
    """Two event buses; `failed_over` stands for the health check of the first."""

    TABLE = "endpoints"
    RESOURCE = "endpoint/{name}"
    DOCUMENTS = frozenset({"routing_config", "replication_config", "event_buses"})

    account_id: str
    region: str
    name: str
    endpoint_id: str
    description: str | None
    routing_config: dict[str, Any]
    replication_config: dict[str, Any]
    event_buses: list[dict[str, Any]]
    role_arn: str | None
    state: str
    state_reason: str | None
    failed_over: int
    created_at: datetime
    last_modified_at: datetime


class EventSource(Record):
    """A partner event source, offered by one account to another.

    Partner and customer share the state directory, so one record serves both sides.
    """

    TABLE = "event_sources"
    KEY = ("region", "name", "account_id")

    region: str
    name: str
    account_id: str
    partner_account_id: str
    state: str
    created_at: datetime
    expires_at: datetime | None

    @property
    def arn(self) -> str:
        """The ARN of the event source, which names no account. Source: [doc]."""
        return format_arn("events", self.region, "", f"event-source/{self.name}")


class SendMark(Record):
    """How far the input of `send` was read, written as its lines are accepted.

    `path` is absolute, or `-` for standard input. `position_bytes` is the end of the
    `lines` lines read so far; `tail_bytes` before it have the digest `tail_digest`, by
    which the same input is known again. `rejects_bytes` is how long the file of rejected
    lines was, `failures` the first failures: line number, code, message.
    """

    TABLE = "send_marks"
    KEY = ("account_id", "region", "path")
    DOCUMENTS = frozenset({"failures"})

    account_id: str
    region: str
    path: str
    position_bytes: int
    lines: int
    tail_bytes: int
    tail_digest: str
    accepted: int
    failed: int
    deliveries: int
    rejects_bytes: int
    failures: list[list[Any]]


class OwnerMark(Record):
    """Which file made something, by `evcli local import`; deleted with what it made."""

    TABLE = "owners"
    KEY = ("account_id", "region", "kind", "name")

    account_id: str
    region: str
    kind: str
    name: str
    path: str
    stack: str
    logical_id: str
    is_retained: int


RECORDS: tuple[type[Record], ...] = (
    EventBus, Rule, Target, Archive, Replay, Connection, ApiDestination, Endpoint,
    EventSource, SendMark, OwnerMark,
)  # fmt: skip

# The last step that `store/sqlite/migrations.py` spells out, or a later one that adds columns.
SCHEMA_VERSION = max(12, *(max(kind.ADDED.values(), default=0) for kind in RECORDS))
