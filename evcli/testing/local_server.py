"""A server in a thread of this process, in front of a state that is made anew at will."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import ExitStack, closing

from evcli.context import open_context
from evcli.server.application import Application
from evcli.server.server import Server
from evcli.store.directory.configuration import FILE_NAME
from evcli.store.directory.configuration_file import write_configuration
from evcli.store.directory.run_directory import RunDirectory
from evcli.store.directory.state_directory import prepare_state_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

LOOPBACK = "127.0.0.1"


class LocalServer:
    """A `with` block in which a port answers; its address and its state's stay the same.

    So what a program has opened once, such as a client of boto3 in a module, works in
    every test. `told` has the lines that the server has for whoever runs it.
    """

    def __init__(self) -> None:
        self.url = ""
        self.state_directory = ""
        self.told: list[str] = []
        self._resources = ExitStack()

    def __enter__(self) -> LocalServer:
        with self._resources as resources:
            directory = resources.enter_context(RunDirectory())
            # Below it, so that the lock outlives each state.
            self.state_directory = os.path.join(directory, "state")
            application = Application(self.state_directory, warn=self.told.append)
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

    def make_state(self, configuration: dict[str, Any]) -> None:
        """Begin with an empty state.

        Args:
            configuration: what its `config.toml` is to say.

        Raises: ConfigurationError: it says what no `config.toml` may.
        """
        self.remove_state()
        prepare_state_directory(self.state_directory)
        path = os.path.join(self.state_directory, FILE_NAME)
        write_configuration(path, configuration)
        with closing(open_context(self.state_directory)):
            self.told.clear()

    def remove_state(self) -> None:
        """Remove the state; what the server's threads have open they drop by themselves."""
        shutil.rmtree(self.state_directory, ignore_errors=True)
