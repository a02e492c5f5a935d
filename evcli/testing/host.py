"""What a running `EventBridge` changes of its process, and how it is given back.

Environment variables, the limit of recursion, and boto3's default session, which keeps
the credentials and the region that it found first. They belong to the process as a whole.
So this module alone changes them, for any number of blocks that may end in any order: the
last one that began holds, and after the last one that ends everything is as it was before
the first.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager

from evcli.context import allow_deep_json
from evcli.server.environment import HIDDEN, list_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    # `None`: the variable is not there.
    Variables = Mapping[str, str | None]

# What is hidden or set while an `EventBridge` runs.
CHANGED_VARIABLES = (*HIDDEN, "EVCLI_ACCOUNT_ID", *list_variables("", "", "", ""))


def make_variables(
    url: str, account_id: str, region: str, state_directory: str
) -> dict[str, str | None]:
    """Make the variables that lead here, and `None` for what leads elsewhere."""
    variables = list_variables(url, account_id, region, state_directory)
    return {**dict.fromkeys(CHANGED_VARIABLES), **variables}


class Host:
    """The process around; `with host.changed(variables)` changes it for a while."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._layers: list[Variables] = []
        self._before: dict[str, str | None] = {}
        self._recursion_limit = 0
        self._raised_limit = 0
        self._session_before: object = None
        # Of blocks before, by what they were made of: the first client of a session
        # costs more than all else that a test does here.
        self._sessions: dict[tuple[str | None, ...], object] = {}

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
        if self._layers:
            self._keep_session()
        else:
            self._session_before = _get_session()
            self._recursion_limit = sys.getrecursionlimit()
            allow_deep_json()
            self._raised_limit = sys.getrecursionlimit()
        for name in layer:
            self._before.setdefault(name, os.environ.get(name))
        self._layers.append(layer)
        _set_variables(layer)
        _put_session(self._sessions.get(_name_session(layer)))

    def _end(self, layer: Variables) -> None:
        self._keep_session()
        self._layers = [each for each in self._layers if each is not layer]
        wanted = dict(self._before)
        for each in self._layers:
            wanted |= each
        _set_variables(wanted)
        if self._layers:
            _put_session(self._sessions.get(_name_session(self._layers[-1])))
            return
        _put_session(self._session_before)
        self._before.clear()
        # What somebody else has set meanwhile is theirs.
        if sys.getrecursionlimit() == self._raised_limit:
            sys.setrecursionlimit(self._recursion_limit)

    def _keep_session(self) -> None:
        self._sessions[_name_session(self._layers[-1])] = _get_session()


def _name_session(layer: Variables) -> tuple[str | None, ...]:
    return tuple(layer.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_REGION"))


def _get_session() -> object:
    """boto3's default session; `None`: it has none, or nobody has imported it."""
    return getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)


def _put_session(session: object) -> None:
    boto3: Any = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = session


def _set_variables(variables: Variables) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


HOST = Host()
