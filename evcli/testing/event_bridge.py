"""`EventBridge`: an event bus with all that belongs to it, for the length of a block."""

from __future__ import annotations

import copy
import json
import os
import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from evcli.context import open_context
from evcli.errors import EvcliError, NoDeliveryError, WorkerBusyError
from evcli.inspection.deliveries import list_deliveries
from evcli.inspection.events import describe_events, list_events, make_query
from evcli.operations import call
from evcli.testing import failures, report
from evcli.testing.clock import Clock
from evcli.testing.explaining import explain_rule
from evcli.testing.host import HOST, make_variables
from evcli.testing.local_server import LocalServer
from evcli.testing.sending import make_sample, send_event
from evcli.testing.values import is_of_target, make_delivery, make_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Any, Self

    from evcli.context import Context
    from evcli.testing.values import Delivery, Event, Explanation, State

    Path = str | os.PathLike[str]

# How long is waited between two looks, in seconds.
LOOK_SECONDS = 0.05
# pytest shows the line of the test that failed, and nothing of this module.
__tracebackhide__ = True


class EventBridge:
    """A fresh state, a server in a thread, and an environment in which SDKs find it.

    A `with` block is its life: at the end of it nothing is left, neither a port nor a
    file, and the environment is what it was. Deliveries go to files below
    `state_directory`, or where the sinks of `config` say, and are made while the event is
    being sent; only retries, schedules and replays wait, for `clock` to be moved or for
    `wait_for_delivery`.

    Args:
        templates: files to `load` first.
        clock: where the clock stands; the machine's if absent.
        account_id, region: whose it is; 000000000000 and us-east-1 if absent.
        config: a `config.toml`, or what one says as a mapping: sinks, quotas, profiles.
        parameters: values of the templates' parameters, by name.
        server: one that runs already and serves one `EventBridge` after the other; a
            server of its own if absent.

    Attributes:
        url: where the server answers.
        state_directory: for `evcli --state-dir`, and for those who look into files.
        notices: lines for people, such as what a template has that evcli leaves out.
    """

    def __init__(
        self,
        *templates: Path,
        clock: datetime | str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        config: Path | Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
        server: LocalServer | None = None,
    ) -> None:
        self._templates = templates
        self._instant = clock
        self._own = {"account": account_id, "region": region}
        self._config = config
        self._parameters = parameters
        self._shared_server = server
        self._block: ExitStack | None = None
        self._client: Any = None
        self.url = ""
        self.state_directory = ""
        self.notices: list[str] = []
        self.clock = Clock(self._open_context)

    def __repr__(self) -> str:
        return f"EventBridge({self.url if self._block else 'not running'})"

    # -- its life

    def __enter__(self) -> Self:
        if self._block is not None:
            raise EvcliError("This EventBridge is running already.")
        with ExitStack() as block:
            # Around all else: whatever evcli does may need the limit of recursion.
            block.enter_context(HOST.changed({}))
            server = self._shared_server or block.enter_context(LocalServer())
            self._server = server
            self.url, self.state_directory = server.url, server.state_directory
            block.callback(server.remove_state)
            server.make_state(self._read_configuration())
            self.notices = server.told
            block.callback(self._end)
            self._block = block
            with self._open_context() as ctx:
                self.account_id, self.region = ctx.account_id, ctx.region
            variables = make_variables(
                self.url, self.account_id, self.region, self.state_directory
            )
            block.enter_context(HOST.changed(variables))
            if self._instant is not None:
                self.clock.set(self._instant)
            if self._templates:
                self.load(*self._templates, parameters=self._parameters)
            self._block = block.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._block is not None:
            self._block.__exit__(kind, error, trace)

    def _end(self) -> None:
        self._block = None
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _read_configuration(self) -> dict[str, Any]:
        from evcli.store.directory.configuration_file import (
            anchor_handlers,
            read_configuration,
        )

        given, base = self._config or {}, ""
        if isinstance(given, str | os.PathLike):
            path = str(given)
            given, base = read_configuration(path), os.path.dirname(path)
        anchor_handlers(given := copy.deepcopy(dict(given)), base)
        own = {name: each for name, each in self._own.items() if each is not None}
        # What is removed soon need not outlast a loss of power.
        return {"durability": "normal", **given, **own}

    @contextmanager
    def _open_context(self) -> Iterator[Context]:
        if self._block is None:
            raise EvcliError("This EventBridge is not running; use it in a with block.")
        kept = self._server.kept
        with closing(open_context(self.state_directory, kept=kept)) as ctx:
            try:
                yield ctx
            finally:
                self.notices += ctx.notices

    # -- what it is told

    @property
    def client(self) -> Any:
        """A client of boto3 for the service `events`; boto3 has to be installed."""
        if self._block is None:
            raise EvcliError("This EventBridge is not running; use it in a with block.")
        if self._client is None:
            import boto3  # type: ignore[import-untyped]

            # A session of its own: that of boto3 is made once and remembers credentials.
            self._client = boto3.session.Session(
                aws_access_key_id=self.account_id,
                aws_secret_access_key="evcli",
                region_name=self.region,
            ).client("events", endpoint_url=self.url)
        return self._client

    def call(self, operation: str, /, **request: Any) -> dict[str, Any]:
        """Call an operation, such as `call("PutRule", Name="r", ScheduleExpression=…)`.

        Returns: its response; times are aware.

        Raises:
            ParamValidationError: the request is not what the operation takes.
            ServiceError: what EventBridge would answer, by the name of the error.
            KeyError: there is no such operation.
        """
        with self._open_context() as ctx:
            return call(ctx, operation, request)

    def load(
        self,
        *templates: Path,
        parameters: Mapping[str, str] | None = None,
        stack_name: str | None = None,
    ) -> None:
        """Make what files describe, or change it to what they say.

        What cannot be worked out, or is not part of EventBridge, is named in `notices`.

        Args:
            templates: of CloudFormation, SAM or Serverless, a folder `cdk.out`, a plan as
                `terraform show -json` prints it, or what `evcli local export` wrote;
                together, so that one may import what another one exports.
            parameters: values of a template's parameters, by name.
            stack_name: as what the stack is deployed; by the file's name if absent.

        Raises: EvcliError: the file, the line, and what is wrong there.
        """
        from evcli.testing.loading import load_templates

        with self._open_context() as ctx:
            load_templates(ctx, templates, parameters or {}, stack_name)

    def send(
        self, event: Mapping[str, Any], *, event_bus_name: str | None = None
    ) -> Event:
        """Send an event, and deliver it.

        Args:
            event: an entry of PutEvents (`Source`, `DetailType`, `Detail`, which may be
                an object), or a whole event (`source`, `detail-type`, `detail` …), also
                one of AWS's own; what it lacks is filled in.
            event_bus_name: a name or an ARN; `default` if absent.

        Returns: what arrived, and what came of it.

        Raises: EvcliError: it is refused.
        """
        with self._open_context() as ctx:
            event_id = send_event(ctx, event, event_bus_name)
            arrivals = ctx.store.accepted_events.list_arrivals(event_id)
            [described] = describe_events(ctx, arrivals[:1], for_people=True)
        return make_event(described)

    def trigger(
        self,
        sample: str,
        values: Mapping[str, Any] | None = None,
        *,
        event_bus_name: str | None = None,
    ) -> Event:
        """Play a sample event as its service would; `evcli local trigger` lists them.

        Args:
            sample: such as `s3/object-created`, or one of `.evcli/events/`.
            values: what is to be different, by path (`{"detail.object.key": "a.png"}`)
                or nested (`{"detail": {"object": {"key": "a.png"}}}`).

        Returns: as `send`.

        Raises: EvcliError: there is no such sample, or it has no such value.
        """
        with self._open_context() as ctx:
            event = make_sample(ctx, sample, values or {})
        return self.send(event, event_bus_name=event_bus_name)

    def fail(self, target: str, times: int | None = None) -> None:
        """Let a target fail, as one does that cannot be reached for a while.

        Args:
            target: the id of a target, its ARN, or the last part of the ARN.
            times: of each delivery that many attempts fail; all of them if absent, and
                none any more with 0.

        Raises: EvcliError: no rule has such a target, and it is no ARN.
        """
        with self._open_context() as ctx:
            failures.fail_target(ctx, target, times)

    # -- what it tells

    def events(
        self,
        *,
        event_bus_name: str | None = None,
        source: str | None = None,
        detail_type: str | None = None,
        event_pattern: Mapping[str, Any] | str | None = None,
        undelivered: bool = False,
    ) -> list[Event]:
        """List the events that arrived, oldest first, with what came of each.

        Args:
            event_bus_name: a name or an ARN.
            source, detail_type: `*` stands for any characters.
            event_pattern: JSON, or an object.
            undelivered: only those that no delivery came of.

        Raises: EvcliError: the event pattern is not valid.
        """
        if event_pattern is not None and not isinstance(event_pattern, str):
            event_pattern = json.dumps(event_pattern)
        query = make_query(
            event_bus_name=event_bus_name,
            source=source,
            detail_type=detail_type,
            event_pattern=event_pattern,
            undelivered=undelivered,
        )
        with self._open_context() as ctx:
            found = list(describe_events(ctx, list_events(ctx, query), for_people=True))
        return [make_event(each) for each in found]

    def deliveries(
        self,
        *,
        rule: str | None = None,
        target: str | None = None,
        state: State | None = None,
        event_id: str | None = None,
    ) -> list[Delivery]:
        """List deliveries, oldest first; dead letters are among them.

        Args:
            rule: its name or ARN.
            target: its id or ARN, or the last part of the ARN, such as a queue's name.
        """
        with self._open_context() as ctx:
            ledger = ctx.store.ledger
            asked = {"event_id": event_id, "rule_name": rule, "state": state}
            listed = list(list_deliveries(ctx, asked, 0))
            return [
                make_delivery(each, ledger.list_attempts(each.delivery_key))
                for each in listed
                if target is None
                or is_of_target(each.target_id, each.target_arn, target)
            ]

    def wait_for_delivery(
        self,
        *,
        rule: str | None = None,
        target: str | None = None,
        state: State = "DELIVERED",
        event_id: str | None = None,
        timeout: float = 5.0,
    ) -> Delivery:
        """Wait for a delivery; what becomes due meanwhile is done.

        For code that sends events in other threads or processes, and for retries on the
        machine's clock. Arguments as those of `deliveries`.

        Args:
            timeout: seconds, of the machine's clock whatever `clock` says.

        Returns: the oldest that fits.

        Raises: NoDeliveryError: none came, and what there is instead; it is an
            AssertionError, too.
        """
        asked = {"rule": rule, "target": target, "state": state, "event_id": event_id}
        ends_at = time.monotonic() + timeout
        while True:
            self._tick()
            found = self.deliveries(
                rule=rule, target=target, state=state, event_id=event_id
            )
            if found:
                return found[0]
            remaining = ends_at - time.monotonic()
            if remaining <= 0:
                deliveries, events = self.deliveries(), self.events()
                raise NoDeliveryError(
                    report.describe_absence(asked, timeout, deliveries, events)
                )
            time.sleep(min(remaining, LOOK_SECONDS))

    def _tick(self) -> None:
        try:
            self.clock.tick()
        except WorkerBusyError:
            return  # another process is at it

    def explain(
        self,
        event: Mapping[str, Any],
        rule: str,
        *,
        event_bus_name: str = "default",
    ) -> Explanation:
        """Say whether a rule matches an event, and why; nothing is sent.

        Args:
            event: as `send` takes it.
            rule: its name.

        Returns: true if it matches; its text says why or why not.

        Raises: ServiceError: there is no such rule or event bus.
        """
        with self._open_context() as ctx:
            return explain_rule(ctx, dict(event), rule, event_bus_name)

    def describe(self) -> str:
        """Tell the story of the last events: rules, deliveries, attempts; for people."""
        with self._open_context() as ctx:
            return report.describe_state(ctx, self.notices)
