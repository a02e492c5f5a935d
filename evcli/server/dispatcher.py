"""The threads of the server: one leads, the others follow where it has to wait.

The leader reads from all connections, and answers what has come, request after request. So
no request is handed from thread to thread, and no two compute at the same time, which in
Python only keeps both from their work. But a request may wait, for a slow disk or target,
and a target may itself call the server before it answers. So once one takes longer than
PATIENCE_SECONDS, another thread leads; the one before answers its request, and follows.
The pattern is known by the name of "leader and followers".
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from queue import Empty, SimpleQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# So many requests are answered at once; most of them wait. One more thread reads.
THREADS = 16
# Several times as long as a request takes that waits for nobody.
PATIENCE_SECONDS = 0.01
# How long the leader waits for connections at most. So long after the last request it is
# no longer looked after so often.
SLEEP_SECONDS = 1.0


class Leader:
    """What is known of the thread that leads: which, and since when it answers."""

    __slots__ = ("began_at", "is_answering", "thread_id")

    def __init__(self) -> None:
        self.thread_id: int | None = None
        self.is_answering = False
        # When its last request was begun.
        self.began_at = float("-inf")


class Dispatcher:
    """Threads that read and answer requests; `watch` looks after them.

    waitress calls `add_task`, of all that its own dispatcher has.
    """

    logger = logging.getLogger("waitress")

    def __init__(self, read: Callable[[float], object]) -> None:
        """Prepare.

        Args:
            read: reads what has come and calls `add_task` with requests; it waits so
                many seconds at most. One thread at a time calls it.
        """
        self._read = read
        # Added to by any thread, and taken from by the leader.
        self._requests: deque[Any] = deque()
        # The lock guards what follows.
        self._lock = threading.Lock()
        self._leader: Leader | None = None
        self._answering_count = 0
        self._idle_count = 0
        self._threads: list[threading.Thread] = []
        self._is_watched = False
        self._error: BaseException | None = None
        # Both may be added to from within a signal handler, unlike what has conditions.
        self._vacancies: SimpleQueue[Leader | None] = SimpleQueue()
        self._news: SimpleQueue[None] = SimpleQueue()

    def add_task(self, task: Any) -> None:
        """Have a request answered: waitress's channel, whose `service` does it."""
        self._requests.append(task)

    def is_leading(self) -> bool:
        """Say whether the leader asks, which reads next without being woken."""
        leader = self._leader
        return leader is not None and leader.thread_id == threading.get_ident()

    # -- in the thread that runs the server

    def watch(self, is_over: Callable[[], bool]) -> None:
        """Have requests read and answered, and see that a thread leads that can.

        Args:
            is_over: whether to come back; asked now and then, and after `wake`.

        Raises: whatever `read` has raised.
        """
        while not is_over():
            seconds = self._find_leader()
            try:
                self._news.get(timeout=seconds)
            except Empty:
                continue

    def wake(self) -> None:
        """Have `watch` ask whether it is over; from any thread and signal handler."""
        self._news.put(None)

    def end(self) -> None:
        """Have nobody lead any more; who reads is woken by the caller."""
        with self._lock:
            self._leader = None
        for _ in self._threads:
            self._vacancies.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the threads; those still busy then are left to the process."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _find_leader(self) -> float:
        """Let another thread lead if this one waits; seconds until to look again."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._leader is None:
                self._appoint()
                return SLEEP_SECONDS
            age = time.monotonic() - self._leader.began_at
            if not self._leader.is_answering:
                # Told when there is something to look after again.
                self._is_watched = age < SLEEP_SECONDS
                return PATIENCE_SECONDS if self._is_watched else SLEEP_SECONDS
            if age < PATIENCE_SECONDS:
                return PATIENCE_SECONDS - age
            self._appoint()
            return PATIENCE_SECONDS

    def _appoint(self) -> None:
        """Have an idle thread lead, or a new one; nobody once there are too many."""
        if self._idle_count:
            self._idle_count -= 1
        elif len(self._threads) <= THREADS:
            name = f"server-{len(self._threads)}"
            thread = threading.Thread(target=self._follow, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        else:
            return
        self._leader = Leader()
        self._vacancies.put(self._leader)

    # -- in the others

    def _follow(self) -> None:
        """Lead whenever it is asked for."""
        while (leader := self._vacancies.get()) is not None:
            leader.thread_id = threading.get_ident()
            try:
                while self._lead(leader):
                    continue
            except BaseException as error:
                self._error = error
                self.wake()
                return
            with self._lock:
                self._idle_count += 1

    def _lead(self, leader: Leader) -> bool:
        """Answer the next request, or read from connections; `False`: another one leads."""
        with self._lock:
            if self._leader is not leader:
                return False
            request, is_watched = self._take(leader), self._is_watched
            self._is_watched = is_watched or request is not None
        if request is None:
            self._read(PATIENCE_SECONDS if self._requests else SLEEP_SECONDS)
            return True
        if not is_watched:
            self.wake()
        try:
            request.service()
        except Exception:
            self.logger.exception("%r cannot be answered", request)
        with self._lock:
            self._answering_count -= 1
            leader.is_answering = False
        return True

    def _take(self, leader: Leader) -> Any:
        """Begin the next request, if there is one and not too many are answered."""
        if not self._requests or self._answering_count == THREADS:
            return None
        self._answering_count += 1
        leader.is_answering = True
        leader.began_at = time.monotonic()
        return self._requests.popleft()
