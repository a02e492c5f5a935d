"""The threads that answer requests: one at a time, unless one has to wait."""

from __future__ import annotations

import threading
import time
from contextlib import closing
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


class Looking:
    """A dispatcher with a loop that looks after it, as the server's does."""

    def __init__(self) -> None:
        self.dispatcher = Dispatcher()
        self._over = threading.Event()
        self._loop = threading.Thread(target=self._look)
        self._loop.start()

    def _look(self) -> None:
        while not self._over.wait(self.dispatcher.find_leader() / 10):
            continue

    def close(self) -> None:
        """End it."""
        self._over.set()
        self._loop.join()
        self.dispatcher.finish(PATIENCE_SECONDS)


@pytest.fixture
def dispatcher() -> Iterator[Dispatcher]:
    """A dispatcher that is looked after."""
    with closing(Looking()) as looking:
        yield looking.dispatcher


def answer(dispatcher: Dispatcher, requests: list[Request]) -> list[Request]:
    """Have requests answered; those same ones, once they are."""
    for request in requests:
        dispatcher.add_task(request)
    wait_for(lambda: all(request.thread is not None for request in requests))
    return requests


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request count as waiting, however busy the machine is."""
    monkeypatch.setattr(leading, "PATIENCE_SECONDS", PATIENCE_SECONDS)


@pytest.mark.usefixtures("patient")
def test_one_thread_answers_request_after_request(dispatcher: Dispatcher) -> None:
    requests = answer(dispatcher, [Request() for _ in range(50)])

    assert len({request.thread for request in requests}) == 1
    assert len(dispatcher.threads) == 1


def test_another_thread_goes_on_where_a_request_waits(dispatcher: Dispatcher) -> None:
    may_end = threading.Event()
    slow = Request(may_end)
    dispatcher.add_task(slow)
    slow.begun.wait(PATIENCE_SECONDS)

    quick = answer(dispatcher, [Request() for _ in range(10)])
    may_end.set()
    wait_for(lambda: slow.thread)

    assert slow.thread not in {request.thread for request in quick}


def test_a_request_that_another_one_waits_for_is_answered(
    dispatcher: Dispatcher,
) -> None:
    """As that of a target that calls the server."""
    inner = Request()

    class Outer(Request):
        def service(self) -> None:
            dispatcher.add_task(inner)
            wait_for(lambda: inner.thread)
            super().service()

    answer(dispatcher, [Outer()])


def test_there_are_no_more_threads_than_it_may_have(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "THREADS", 3)
    may_end = threading.Event()
    requests = [Request(may_end) for _ in range(5)]
    for request in requests:
        dispatcher.add_task(request)
    wait_for(lambda: sum(request.begun.is_set() for request in requests) == 3)
    time.sleep(5 * leading.PATIENCE_SECONDS)

    assert len(dispatcher.threads) == 3
    assert sum(request.begun.is_set() for request in requests) == 3
    may_end.set()
    wait_for(lambda: all(request.thread is not None for request in requests))


def test_a_request_that_fails_leaves_others_a_leader(dispatcher: Dispatcher) -> None:
    class Failing(Request):
        def service(self) -> None:
            raise RuntimeError("a bug")

    dispatcher.logger = FakeLogger()
    dispatcher.add_task(Failing())

    answer(dispatcher, [Request()])


class FakeLogger:
    """Keeps what would be printed to itself."""

    exception: Callable[..., None] = staticmethod(lambda *_: None)
    warning = exception
