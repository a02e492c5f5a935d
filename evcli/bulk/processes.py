"""Processes that share work with this one, part by part, in the order of the parts.

Parts are given out a few at a time, and answers are taken in their order, so what comes
out is the same however many processes there are, and memory is bounded. While the next
answer is not there yet, this process does a part itself; what a process was at that died,
it does again.

Where a part lies in a file, others are told where, and read it themselves: so none has to
wait for bytes to come through a pipe. They are spawned and not forked, which is safe on
every system, beside every thread, and with a database that is open here. A process ends
when its connection is closed, by this side or by its death.
"""

from __future__ import annotations

import os
from collections import deque
from itertools import islice
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from queue import SimpleQueue
    from typing import Any, BinaryIO, TypeVar

    Part = TypeVar("Part")
    Result = TypeVar("Result")
    # A function of a module: what it returns is entered once, and gives what is done with
    # each part.
    MakeWork = Callable[..., AbstractContextManager[Callable[[Any], Any]]]
    # A path and what it leads to, its device and its inode.
    File = tuple[str, int, int]
    # A file, an offset in it, and how many bytes there are of what is meant.
    Span = tuple[File, int, int]

# A process is given so many parts at once, so that there is always one to go on with.
AHEAD = 3
# Where the bytes themselves are sent it is one: while both sides sent, neither would read.
AHEAD_WITH_BYTES = 1
# So many parts that were done here wait for answers that come before theirs.
HELD = 2


class Helper:
    """A process that helps; `given` counts its parts that are not answered yet.

    `is_up` once it has said that it is ready, `is_lost` once it is known to be dead.
    """

    __slots__ = ("connection", "given", "is_lost", "is_up", "process")

    def __init__(self, connection: Connection, process: BaseProcess) -> None:
        self.connection = connection
        self.process = process
        self.given = 0
        self.is_up = self.is_lost = False

    def has_room(self, ahead: int) -> bool:
        """Say whether it is ready for another part."""
        if not self.is_up and not self.is_lost and self.connection.poll():
            self._receive()
            self.is_up = True
        return self.is_up and not self.is_lost and self.given < ahead

    def give(self, task: object) -> None:
        """Give it a part."""
        self.given += 1
        try:
            self.connection.send(task)
        except OSError:
            self.is_lost = True

    def is_ready(self) -> bool:
        """Say whether the answer to its first part is there, or never comes."""
        return self.is_lost or self.connection.poll()

    def receive(self) -> Any:
        """Take the answer to its first part; `None` if it has died."""
        self.given -= 1
        return None if self.is_lost else self._receive()

    def _receive(self) -> Any:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.is_lost = True
            return None


class Crew:
    """Processes for a `with` block, all made alike."""

    __slots__ = ("_arguments", "_count", "_make", "helpers")

    def __init__(self, count: int, make: MakeWork, arguments: tuple[Any, ...]) -> None:
        """Name the processes.

        Args:
            make: called with the arguments in each process, for a `with` block around
                all parts; what that gives is called with each part and answers.
        """
        self._count = count
        self._make = make
        self._arguments = arguments
        self.helpers: list[Helper] = []

    def __enter__(self) -> Crew:
        try:
            for _ in range(self._count):
                self.helpers.append(start(self._make, self._arguments))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lost_count(self) -> int:
        """How many of the processes have died."""
        return sum(helper.is_lost for helper in self.helpers)

    def close(self) -> None:
        """End the processes, whatever they are at."""
        for helper in self.helpers:
            helper.connection.close()
            helper.process.terminate()
        for helper in self.helpers:
            helper.process.join()


def share(
    parts: Iterable[Part],
    work: Callable[[Part], Result],
    describe: Callable[[Part], object],
    crew: Crew,
    is_light: Callable[[Part], bool],
) -> Iterator[tuple[Part, Result]]:
    """Have all parts done; each with its answer, in their order.

    Args:
        work: does a part here.
        describe: lays out what another process is given of a part.
        is_light: whether that is little, where the part is say, and not its bytes.
    """
    sharing = Sharing(parts, work, describe, is_light, crew.helpers)
    while sharing.give_out() or sharing.work_here():
        while not sharing.is_next_ready() and sharing.work_here():
            sharing.give_out()
        yield sharing.take()


class Sharing:
    """Parts that are given out and not answered yet, in their order."""

    __slots__ = (
        "_coming",
        "_describe",
        "_held",
        "_helpers",
        "_is_light",
        "_next",
        "_waiting",
        "_work",
    )

    def __init__(
        self,
        parts: Iterable[Any],
        work: Callable[[Any], Any],
        describe: Callable[[Any], object],
        is_light: Callable[[Any], bool],
        helpers: list[Helper],
    ) -> None:
        self._coming = iter(parts)
        self._work = work
        self._describe = describe
        self._is_light = is_light
        self._helpers = helpers
        # The next part, where it was looked at already.
        self._next: list[Any] = []
        # Each with who is at it, or with the answer.
        self._waiting: deque[tuple[Any, Helper | None, Any]] = deque()
        self._held = 0

    def give_out(self) -> bool:
        """Give parts to all who have room for more; say whether any part waits."""
        has_given = True
        while has_given:
            has_given = False
            for helper in self._helpers:
                if helper.has_room(AHEAD) and self._look_ahead():
                    part = self._next[0]
                    if self._is_light(part) or helper.has_room(AHEAD_WITH_BYTES):
                        helper.give(self._describe(self._next.pop()))
                        self._waiting.append((part, helper, None))
                        has_given = True
        return bool(self._waiting)

    def work_here(self) -> bool:
        """Do the next part here; `False` if there is none, or enough was done ahead."""
        if self._held == HELD or not self._look_ahead():
            return False
        part = self._next.pop()
        self._waiting.append((part, None, self._work(part)))
        self._held += 1
        return True

    def _look_ahead(self) -> bool:
        """Get the next part in hand; `False` if there is none."""
        if not self._next:
            self._next.extend(islice(self._coming, 1))
        return bool(self._next)

    def is_next_ready(self) -> bool:
        """Say whether the next answer can be had without waiting."""
        helper = self._waiting[0][1]
        return helper is None or helper.is_ready()

    def take(self) -> tuple[Any, Any]:
        """Take the next answer, with its part."""
        part, helper, result = self._waiting.popleft()
        if helper is None:
            self._held -= 1
        else:
            result = helper.receive()
            if helper.is_lost:
                result = self._work(part)
        # Before the answer is made use of, so that nobody is idle meanwhile.
        self.give_out()
        return part, result


def start(make: MakeWork, arguments: tuple[Any, ...]) -> Helper:
    """Start a process."""
    from multiprocessing import get_context

    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, make, arguments), daemon=True)
    _start_undisturbed(process)
    theirs.close()
    return Helper(mine, process)


def _start_undisturbed(process: BaseProcess) -> None:
    """Start a process that no SIGINT of the terminal reaches, not even while it starts.

    Ctrl-C interrupts this side; the other one then ends by itself.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        process.start()
        return
    from multiprocessing.resource_tracker import ensure_running

    # It would let SIGINT through again, were it to be started in between.
    ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def identify(path: str) -> File:
    """Name a file so that another process knows it again. Raises: OSError."""
    status = Path(path).stat()
    return path, status.st_dev, status.st_ino


class SpanReader:
    """Reads spans of files; the last file stays open."""

    __slots__ = ("_file", "_stream")

    def __init__(self) -> None:
        self._file: File | None = None
        self._stream: BinaryIO | None = None

    def read(self, span: Span) -> bytes:
        """Read a span. Raises: OSError, EOFError: it is not there any more."""
        file, start, length = span
        if self._stream is None or file != self._file:
            self.close()
            self._file = file
            self._stream = Path(file[0]).open("rb")  # noqa: SIM115 - others read on in it
            status = os.fstat(self._stream.fileno())
            if (status.st_dev, status.st_ino) != file[1:]:
                raise FileNotFoundError(f"{file[0]} is another file now.")
        self._stream.seek(start)
        data = self._stream.read(length)
        if len(data) != length:
            raise EOFError(f"{file[0]} is shorter than before.")
        return data

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()


def serve(connection: Connection, make: MakeWork, arguments: tuple[Any, ...]) -> None:
    """Do parts until the other side is gone."""
    import gc
    import signal

    # For systems without signal masks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    work_for(connection, make, arguments)


def work_for(
    connection: Connection, make: MakeWork, arguments: tuple[Any, ...]
) -> None:
    """Do parts until the other side is gone, which does again what fails here.

    Answers are large, and a connection holds little: they wait for the other side to take
    them while the next part is done, as many as it gave parts.
    """
    import gc
    from queue import SimpleQueue
    from threading import Thread

    answers: SimpleQueue[Any] = SimpleQueue()
    Thread(target=send_all, args=(connection, answers), daemon=True).start()
    try:
        with make(*arguments) as work:
            gc.freeze()
            answers.put(None)
            while True:
                answers.put(work(connection.recv()))
    except Exception:  # the outermost layer; the other side sees the end of it
        connection.close()


def send_all(connection: Connection, answers: SimpleQueue[Any]) -> None:
    """Send answers until the other side is gone."""
    try:
        while True:
            connection.send(answers.get())
    except (OSError, TypeError):  # the latter where it is closed amid an answer
        return
