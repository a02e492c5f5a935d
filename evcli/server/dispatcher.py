"""The threads of the server: one answers requests, others where it has to wait.

Threads that compute at the same time only take Python's lock from each other, and a
processor's cache: four clients would be answered half as fast as one after the other. But
a request may wait, for a slow disk or target, and a target may itself call the server
before it answers. So there is one leader, which answers request after request. Once one
takes longer than PATIENCE_SECONDS, another thread leads, and that one ends with what it is
at: the pattern is known as "leader and followers".
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from waitress.task import ThreadedTaskDispatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Most of them wait.
THREADS = 16
# Several times as long as a request takes that waits for nobody.
PATIENCE_SECONDS = 0.01
# How long the server sleeps at most while no request waits for a leader.
SLEEP_SECONDS = 1.0


class Leader:
    """A thread that answers requests; `since` is when its present one was begun."""

    __slots__ = ("_answer", "since")

    def __init__(self, answer: Callable[[Leader], None]) -> None:
        self._answer = answer
        self.since: float | None = None

    def service(self) -> None:
        """Answer requests; waitress calls it in one of its threads."""
        self._answer(self)

    def is_waiting(self) -> bool:
        """Say whether its request waits for something, by how long it takes."""
        since = self.since
        return since is not None and time.monotonic() - since > PATIENCE_SECONDS


class Dispatcher(ThreadedTaskDispatcher):
    """waitress's threads, started as they are needed, and waited for at the end."""

    # The base class warns at everything that has to queue.
    queue_logger = logging.Logger("queue", logging.ERROR)

    def __init__(self) -> None:
        super().__init__()
        self._started: list[threading.Thread] = []
        self._is_finishing = False
        # What guards the next two.
        self._leader_lock = threading.Lock()
        self._requests: deque[Any] = deque()
        self._leader: Leader | None = None

    def add_task(self, task: Any) -> None:
        """Have a request answered: waitress's channel, whose `service` does it."""
        with self._leader_lock:
            self._requests.append(task)
            self._find_leader()

    def find_leader(self) -> float:
        """Let another thread lead if this one waits; seconds until to look again."""
        with self._leader_lock:
            self._find_leader()
            return PATIENCE_SECONDS if self._requests else SLEEP_SECONDS

    def _find_leader(self) -> None:
        has_leader = self._leader is not None and not self._leader.is_waiting()
        if has_leader or not self._requests:
            return
        leader: Any = Leader(self._answer)  # all that waitress needs of a task
        self._leader = leader
        count = len(self.threads)
        if self.active_count == count < THREADS and not self._is_finishing:
            self.set_thread_count(count + 1)
        super().add_task(leader)

    def _answer(self, leader: Leader) -> None:
        while True:
            with self._leader_lock:
                if self._leader is not leader:
                    return
                if not self._requests:
                    self._leader = None
                    return
                request = self._requests.popleft()
                leader.since = time.monotonic()
            request.service()

    def start_new_thread(self, target: Callable[[int], object], thread_no: int) -> None:
        """Start a thread; the base class says when."""
        thread = threading.Thread(target=target, args=(thread_no,), daemon=True)
        self._started.append(thread)
        thread.start()

    def finish(self, seconds: float) -> None:
        """End the threads; those still busy after a time are left to the process."""
        self._is_finishing = True
        self.set_thread_count(0)
        deadline = time.monotonic() + seconds
        for thread in self._started:
            thread.join(max(0.0, deadline - time.monotonic()))
