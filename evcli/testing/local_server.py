"""A server in a thread of this process, in front of a state that is made anew at will."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import ExitStack, closing, suppress

from evcli.context import open_context
from evcli.server.application import Application
from evcli.server.server import Server
from evcli.store.directory.configuration import FILE_NAME, read_stamp
from evcli.store.directory.configuration_file import write_configuration
from evcli.store.directory.run_directory import RunDirectory
from evcli.store.directory.state_directory import prepare_state_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

LOOPBACK = "127.0.0.1"
STATE_FILE = "state.db"


class LocalServer:
    """A `with` block in which a port answers; its address and its state's stay the same.

    So what a program has opened once, such as a client of boto3 in a module, works in
    every test. `told` has the lines that the server has for whoever runs it, `kept` what
    its sinks keep.
    """

    def __init__(self) -> None:
        self.url = ""
        self.state_directory = ""
        self.told: list[str] = []
        self.kept: dict[Any, Any] = {}
        self._empty = ""
        self._made_with: tuple[dict[str, Any], list[Any] | None] | None = None
        self._resources = ExitStack()

    def __enter__(self) -> LocalServer:
        with self._resources as resources:
            directory = resources.enter_context(RunDirectory())
            # Below it, so that the lock outlives each state.
            self.state_directory = os.path.join(directory, "state")
            self._empty = os.path.join(directory, "empty.db")
            resources.callback(self._close_kept)
            application = Application(
                self.state_directory, warn=self.told.append, kept=self.kept
            )
            server = Server(application, LOOPBACK, 0)
            self.url = server.url
            thread = threading.Thread(target=server.run, name="evcli", daemon=True)
            thread.start()
            resources.callback(thread.join)
            resources.callback(server.stop)
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.__exit__(kind, error, trace)

    def _close_kept(self) -> None:
        for each in self.kept.values():
            each.close()
        self.kept.clear()

    def make_state(self, configuration: dict[str, Any]) -> None:
        """Begin with an empty state.

        Making one takes a while, most of it to write it for good. So an empty one is
        kept, and copied as long as `config.toml` stays what it was made with.

        Args:
            configuration: what `config.toml` is to say.

        Raises: ConfigurationError: it says what no `config.toml` may.
        """
        self.remove_state()
        made_with = (configuration, read_stamp(self._find(FILE_NAME)))
        if made_with == self._made_with:
            draft = f"{self._empty}.copy"
            shutil.copy(self._empty, draft)
            os.replace(draft, self._find(STATE_FILE))
        else:
            prepare_state_directory(self.state_directory)
            write_configuration(self._find(FILE_NAME), configuration)
            # Read once, it is not read again.
            with closing(open_context(self.state_directory)):
                pass
            shutil.copy(self._find(STATE_FILE), self._empty)
            self._made_with = (configuration, read_stamp(self._find(FILE_NAME)))
        self.told.clear()

    def remove_state(self) -> None:
        """Remove the state, not what it is configured to be.

        What the server's threads have open of it, they drop by themselves.
        """
        if not os.path.isdir(self.state_directory):
            return
        for name in os.listdir(self.state_directory):
            if name == FILE_NAME:
                continue
            path = self._find(name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                # SQLite removes its logs itself.
                with suppress(FileNotFoundError):
                    os.unlink(path)

    def _find(self, name: str) -> str:
        return os.path.join(self.state_directory, name)
