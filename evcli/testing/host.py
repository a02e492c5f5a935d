"""What a running `EventBridge` changes of its process: variables, limit of recursion.

Both belong to the process as a whole. So this module alone keeps them, for any number of
blocks that may end in any order: the last one that began holds, and after the last one
that ends everything is as it was before the first.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager

from evcli.context import allow_deep_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    # `None`: the variable is not there.
    Variables = Mapping[str, str | None]


class Host:
    """The process around; `with host.changed(variables)` changes it for a while."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._layers: list[Variables] = []
        self._before: dict[str, str | None] = {}
        self._recursion_limit = 0
        self._raised_limit = 0

    @contextmanager
    def changed(self, variables: Variables) -> Iterator[None]:
        """Set environment variables, and let JSON be as deep as events may be."""
        # A layer is told from others by what it is, not by what it says.
        layer = dict(variables)
        with self._lock:
            self._begin(layer)
        try:
            yield
        finally:
            with self._lock:
                self._end(layer)

    def _begin(self, layer: Variables) -> None:
        if not self._layers:
            self._recursion_limit = sys.getrecursionlimit()
            allow_deep_json()
            self._raised_limit = sys.getrecursionlimit()
        for name in layer:
            self._before.setdefault(name, os.environ.get(name))
        self._layers.append(layer)
        _set_variables(layer)

    def _end(self, layer: Variables) -> None:
        self._layers = [each for each in self._layers if each is not layer]
        wanted = dict(self._before)
        for each in self._layers:
            wanted |= each
        _set_variables(wanted)
        if self._layers:
            return
        self._before.clear()
        # What somebody else has set meanwhile is theirs.
        if sys.getrecursionlimit() == self._raised_limit:
            sys.setrecursionlimit(self._recursion_limit)


def _set_variables(variables: Variables) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


HOST = Host()
