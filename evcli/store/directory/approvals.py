"""Approvals: what a person lets the `config.toml` of a project do.

A repository that somebody cloned brings its `.evcli/` along, and evcli finds it from the
working directory upwards. What in its `config.toml` runs code or leaves this machine has
no effect until the person has approved it, once, with `evcli local allow`: every sink
but the harmless ones, `[hosts]`, see `configuration.list_effects`,, `allowed_hosts`.

Approved are the entries, each with its value, for the path of that state directory. They
are kept in the user's configuration directory, where no repository can bring them along.
What a command line says, such as `./deliver.sh`, is approved and not the file that it
names, which is as much as direnv and mise promise of the scripts that they call.

Which configuration is a project's is told by the name of its directory, `.evcli`, and not
by how it was found: naming it with `EVCLI_STATE_DIR` is what a refusal of its owner
advises, and must not run its commands at that. A directory of another name was chosen by
a person who typed it, and is trusted, as is the user's own. [guess] git trusts what
`GIT_DIR` names, direnv and mise ask for every file of theirs; somebody who is surprised
would decide it.
"""

from __future__ import annotations

import json
import os

from evcli.errors import ConfigurationError
from evcli.store.directory.state_directory import (
    find_user_directory,
    is_project_directory,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# So many entries does a refusal name.
SHOWN_ENTRIES = 5


def require_approved(
    state_directory: str, name: str, effects: list[str], environ: Mapping[str, str]
) -> None:
    """Refuse the effects of the file `name` that nobody has approved.

    Raises: ConfigurationError: names them.
    """
    refused = list_refused(state_directory, effects, environ)
    if refused:
        shown = "; ".join(refused[:SHOWN_ENTRIES])
        more = len(refused) - SHOWN_ENTRIES
        raise ConfigurationError(
            f"{os.path.join(state_directory, name)} would run code or leave the project"
            f" with {shown}{f' and {more} more' if more > 0 else ''}: approve that with"
            " `evcli local allow`, or in CI with EVCLI_ALLOW_SINKS=1."
        )


def list_refused(
    state_directory: str, effects: list[str], environ: Mapping[str, str]
) -> list[str]:
    """List the effects of a configuration that somebody has to approve yet."""
    if environ.get("EVCLI_ALLOW_SINKS") == "1":
        return []
    if not is_project_directory(state_directory):
        return []
    approved = read_approved(state_directory, environ)
    return [effect for effect in effects if effect not in approved]


def read_approved(state_directory: str, environ: Mapping[str, str]) -> set[str]:
    """Read which entries were approved, as `configuration.list_effects` words them.

    Raises: ConfigurationError: they cannot be read.
    """
    try:
        path = _find_file(state_directory, environ)
    except ConfigurationError:
        return set()  # a user without a home has none
    try:
        with open(path, encoding="utf-8") as file:
            return set(json.load(file)["entries"])
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path} is damaged; remove it and approve with `evcli local allow` again."
        ) from error


def approve(
    state_directory: str, entries: Iterable[str], environ: Mapping[str, str]
) -> None:
    """Let the approved entries of a state directory be these; none revokes all.

    Raises: ConfigurationError: they cannot be written.
    """
    from evcli.store.directory.private_files import (
        make_private_directories,
        write_atomically,
    )

    path = _find_file(state_directory, environ)
    # The path is there for people; its hash names the file.
    document = {"path": os.path.realpath(state_directory), "entries": sorted(entries)}
    try:
        if document["entries"]:
            make_private_directories(os.path.dirname(path))
            write_atomically(path, json.dumps(document, indent=4) + "\n")
        elif os.path.exists(path):
            os.unlink(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}."
        ) from error


def _find_file(state_directory: str, environ: Mapping[str, str]) -> str:
    """Name the file of one state directory: two projects never write the same one."""
    from hashlib import sha256

    name = sha256(os.fsencode(os.path.realpath(state_directory))).hexdigest()
    return os.path.join(
        find_user_directory("config", environ), "allowed", f"{name}.json"
    )
