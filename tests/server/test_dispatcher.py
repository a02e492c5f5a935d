"""The threads that answer requests: one of them leads, unless it has to wait."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest

from evcli.server import dispatcher as leading
from evcli.server.dispatcher import Dispatcher
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Request:
    """What waitress has answered: says by whom, once it may go on."""

    def __init__(self, may_end: threading.Event | None = None) -> None:
        self._may_end = may_end
        self.begun = threading.Event()
        self.thread: int | None = None

    def service(self) -> None:
        """Be answered."""
        self.begun.set()
        if self._may_end is not None:
            self._may_end.wait(PATIENCE_SECONDS)
        self.thread = threading.get_ident()


class Watched:
    """A dispatcher with what it reads from, and a thread that watches it."""

    def __init__(self) -> None:
        self.dispatcher = Dispatcher(self.read)
        self.readers: list[int] = []
        self.error: BaseException | None = None
        self._coming: SimpleQueue[Request | None] = SimpleQueue()
        self._reading = threading.Lock()
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch)
        self._watching.start()

    def read(self, seconds: float) -> None:
        """Read what has come, as waitress does: one thread at a time."""
        assert self._reading.acquire(blocking=False)
        try:
            self.readers.append(threading.get_ident())
            request = self._coming.get(timeout=seconds)
            while request is not None:
                self.dispatcher.add_task(request)
                request = self._coming.get_nowait()
        except Empty:
            pass
        finally:
            self._reading.release()

    def send(self, *requests: Request) -> None:
        """Have requests come."""
        for request in requests:
            self._coming.put(request)

    def answer(self, *requests: Request) -> set[int | None]:
        """Have requests answered; by which threads they were."""
        self.send(*requests)
        wait_for(lambda: all(request.thread is not None for request in requests))
        return {request.thread for request in requests}

    def _watch(self) -> None:
        try:
            self.dispatcher.watch(self._over.is_set)
        except ZeroDivisionError as error:
            self.error = error

    def close(self) -> None:
        """End it."""
        self._over.set()
        self.dispatcher.wake()
        self._watching.join()
        self.dispatcher.end()
        self._coming.put(None)
        self.dispatcher.join(PATIENCE_SECONDS)


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A dispatcher that is looked after."""
    with closing(Watched()) as each:
        yield each


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request count as waiting, however busy the machine is."""
    monkeypatch.setattr(leading, "PATIENCE_SECONDS", PATIENCE_SECONDS)


@pytest.mark.usefixtures("patient")
def test_one_thread_reads_and_answers_request_after_request(watched: Watched) -> None:
    answered_by = watched.answer(*[Request() for _ in range(50)])

    assert answered_by == {*watched.readers}
    assert len(answered_by) == 1


def answer_beside_a_slow_one(
    watched: Watched, count: int = 1
) -> tuple[int | None, set[int | None]]:
    """Have requests answered while another one waits; by whom this one and those were."""
    may_end = threading.Event()
    slow = Request(may_end)
    watched.send(slow)
    slow.begun.wait(PATIENCE_SECONDS)
    answered_by = watched.answer(*[Request() for _ in range(count)])
    may_end.set()
    wait_for(lambda: slow.thread)
    return slow.thread, answered_by


def test_another_thread_leads_where_a_request_waits(watched: Watched) -> None:
    slow_thread, answered_by = answer_beside_a_slow_one(watched, 10)

    assert slow_thread not in answered_by


def test_it_is_noticed_after_any_pause(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "SLEEP_SECONDS", 0.01)
    for _ in range(3):
        answer_beside_a_slow_one(watched)
        time.sleep(0.1)


def test_a_request_that_another_one_waits_for_is_answered(watched: Watched) -> None:
    """As that of a target that calls the server."""
    inner = Request()

    class Outer(Request):
        def service(self) -> None:
            watched.send(inner)
            wait_for(lambda: inner.thread)
            super().service()

    watched.answer(Outer())


def test_no_more_are_answered_at_once_than_may_be(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "THREADS", 3)
    may_end = threading.Event()
    requests = [Request(may_end) for _ in range(5)]
    watched.send(*requests)
    wait_for(lambda: sum(request.begun.is_set() for request in requests) == 3)
    time.sleep(5 * leading.PATIENCE_SECONDS)

    assert sum(request.begun.is_set() for request in requests) == 3
    # One more reads, for what comes meanwhile is not to be late.
    before = len(watched.readers)
    wait_for(lambda: len(watched.readers) > before)
    may_end.set()
    wait_for(lambda: all(request.thread is not None for request in requests))


def test_threads_that_waited_lead_again(watched: Watched) -> None:
    for _ in range(leading.THREADS + 5):
        answer_beside_a_slow_one(watched)

    # Three at a time, or some more where the machine lets threads wait.
    assert len({*watched.readers}) < leading.THREADS


def test_the_leader_is_known_to_itself(watched: Watched) -> None:
    class Asking(Request):
        is_leading = False

        def service(self) -> None:
            self.is_leading = watched.dispatcher.is_leading()
            super().service()

    request = Asking()
    watched.answer(request)

    assert request.is_leading
    assert not watched.dispatcher.is_leading()


def test_a_request_that_fails_leaves_others_a_leader(watched: Watched) -> None:
    class Failing(Request):
        def service(self) -> None:
            raise RuntimeError("a bug")

    watched.dispatcher.logger = FakeLogger()  # type: ignore[assignment]
    watched.send(Failing())

    watched.answer(Request())


def test_what_reading_raises_whoever_watches_gets() -> None:
    class Broken(Watched):
        def read(self, seconds: float) -> None:
            raise ZeroDivisionError

    with closing(Broken()) as watched:
        wait_for(lambda: watched.error)


class FakeLogger:
    """Keeps what would be printed to itself."""

    exception: Callable[..., None] = staticmethod(lambda *_: None)
