"""A progress bar on standard error, for people who wait."""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.cli.session import Session

    # Called with how much is done, of how much, and that in words.
    Update = Callable[[int, int | None, str], None]


@contextmanager
def open_progress(
    session: Session, title: str, total: int | None = None
) -> Iterator[Update | None]:
    """Show a bar while standard error is a terminal; else hand out `None`.

    Args:
        total: how much is to come; `None` while nobody knows.
    """
    if not session.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.fields[count]}"), TimeRemainingColumn())
    console = Console(file=session.stderr)
    with Progress(title, *columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total, count="")

        def update(done: int, total: int | None, count: str) -> None:
            bar.update(task, completed=done, total=total, count=count)

        yield update
