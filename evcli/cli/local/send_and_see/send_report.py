"""What is said of what was sent: a line each of a few on a terminal, or a document."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from evcli.cli.local.output import choose_output, write_document
from evcli.cli.local.send_and_see.arrival_lines import (
    write_arrival,
    write_prospect,
    write_refusal,
)
from evcli.cli.local.send_and_see.bulk_input import open_bar
from evcli.inspection.arrivals import describe_arrivals, has_matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from evcli.cli.local.send_and_see.bulk_input import Progress
    from evcli.cli.session import Session
    from evcli.context import Context

    Value = dict[str, Any]

# As many events are a line each on a terminal; more are summed up.
FEW = 20


class Report:
    """Takes what became of events, says it, and knows what the exit code depends on.

    `is_few` says whether few lines are to be expected. `failed` counts those that were
    refused; `matched` says whether a rule matched any event, where somebody asks for it.
    """

    def __init__(self, session: Session, ctx: Context, *, asks_for_match: bool) -> None:
        self.session = session
        self.ctx = ctx
        self.is_few = True
        self.failed = 0
        self.matched = False
        self._asks_for_match = asks_for_match
        self._output = choose_output(session, ctx)
        self._is_terminal = (
            session.stdout.isatty()
            and self._output == "table"
            and session.options.get("query") is None
        )
        self._count = 0

    @property
    def shows_lines(self) -> bool:
        """Whether each event is a line."""
        return self._is_terminal and self.is_few

    def add(
        self, keys: Sequence[int], failed: int, failures: Sequence[Sequence[Any]]
    ) -> None:
        """Take what became of a batch.

        Args:
            keys: of the events that arrived.
            failed: how many lines were refused.
            failures: number, code and message of the first ones.
        """
        self.failed += failed
        if self._asks_for_match and not self.matched:
            self.matched = has_matches(self.ctx, keys)
        if not self._count_lines(len(keys) + failed):
            return
        for arrival in describe_arrivals(self.ctx, keys):
            write_arrival(self.session, arrival)
        for number, code, message in failures:
            write_refusal(self.session, number, code, message)

    def add_prospect(self, number: int, found: Value | tuple[str, str]) -> None:
        """Take what a line would come to.

        Args:
            number: of the line.
            found: as `DryRun.add` gives it.
        """
        shows = self._count_lines(1)
        if isinstance(found, tuple):
            self.failed += 1
            if shows:
                write_refusal(self.session, number, *found)
            return
        self.matched = self.matched or bool(found["Rules"])
        if shows:
            write_prospect(self.session, found)

    def _count_lines(self, count: int) -> bool:
        """Count lines; say whether they are still few enough to be shown."""
        self._count += count
        if self._count > FEW:
            self.is_few = False
        return self.shows_lines

    @contextmanager
    def open_bar(self, total: int | None) -> Iterator[Progress]:
        """Show a bar, unless each event is a line.

        Args:
            total: the bytes to come; `None` where nobody knows.
        """
        if self.shows_lines:
            yield lambda done, count: None
            return
        with open_bar(self.session, "Sending", total) as show:
            yield show

    def write(self, document: Value) -> None:
        """Write the answer, if it is not on the terminal already."""
        if not self.shows_lines:
            write_document(self.session, "Send", document, self._output)
