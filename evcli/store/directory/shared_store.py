"""A store that is elsewhere: where `config.toml` or the environment say that it is.

What a state directory's own store remembers of `config.toml` is in a file beside it
then, `configuration.json`: the store may be that of other machines as well, whose files
say other things. Where there is no such store, none of this is loaded.
"""

from __future__ import annotations

import os

from evcli.errors import ConfigurationError
from evcli.store.directory.configuration import (
    FILE_NAME,
    describe_store,
    read_stamp,
)
from evcli.store.directory.state_directory import prepare_state_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.store.database import Warn
    from evcli.store.postgresql.database import Database

READING = "configuration.json"
# What `EVCLI_STORE` says to have the state directory's own store in any case.
LOCAL = "local"


def find_store_url(path: str, environ: Mapping[str, str]) -> str | None:
    """Say where the store of a state directory is; `None`: in the directory.

    `EVCLI_STORE` is trusted, `config.toml` as far as somebody has approved it.

    Raises: ConfigurationError: the file cannot be used, or is not approved.
    """
    if chosen := environ.get("EVCLI_STORE"):
        return None if chosen == LOCAL else chosen
    config = os.path.join(path, FILE_NAME)
    stamp = read_stamp(config) if os.path.isdir(path) else None
    if stamp is None:
        return None
    value = _load_kept(path, stamp)
    try:
        value = value or _read(path)
    except ConfigurationError:
        if not os.path.exists(os.path.join(path, "state.db")):
            raise
        # Whoever needs more of the file says what is wrong with it.
        return None
    store = value.get("store")
    if store is None or "url" not in store:
        return None
    from evcli.store.directory.approvals import require_approved

    require_approved(path, FILE_NAME, [describe_store(store)], environ)
    url: str = store["url"]
    return url


def has_state(path: str, environ: Mapping[str, str]) -> bool:
    """Say whether a state directory has a state, in it or elsewhere.

    Raises: ConfigurationError: as `find_store_url`.
    """
    own = os.path.join(path, "state.db")
    return os.path.lexists(own) or find_store_url(path, environ) is not None


def open_shared_database(
    path: str, warn: Warn | None, environ: Mapping[str, str]
) -> Database | None:
    """Open the store that a state directory has elsewhere; `None`: it has none.

    Raises: ConfigurationError, StoreError: it cannot be used.
    """
    url = find_store_url(path, environ)
    if url is None:
        return None
    try:
        from evcli.store.postgresql.opening import open_database
    except ImportError as error:
        raise ConfigurationError(
            "A store on PostgreSQL needs a package that is not installed: pip install"
            " 'evcli[postgresql]'."
        ) from error
    if not os.path.isdir(path):
        prepare_state_directory(path)
    return open_database(path, url, warn)


def load_reading(path: str, stamp: list[Any]) -> dict[str, Any]:
    """Give what `config.toml` says, which is read when it has changed, and then kept.

    Raises: ConfigurationError: it cannot be used.
    """
    value = _load_kept(path, stamp)
    if value is None:
        value = _read(path)
        _keep(path, {"stamp": stamp, "value": value})
    return value


def _read(path: str) -> dict[str, Any]:
    from evcli.store.directory.configuration_file import read_configuration

    return read_configuration(os.path.join(path, FILE_NAME))


def _load_kept(path: str, stamp: list[Any]) -> dict[str, Any] | None:
    import json

    try:
        with open(os.path.join(path, READING), encoding="utf-8") as file:
            known = json.load(file)
        value: dict[str, Any] = known["value"]
        return value if known["stamp"] == stamp else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(path: str, known: dict[str, Any]) -> None:
    """Write a reading, as far as that is possible: the next command can do without."""
    import json

    from evcli.store.directory.private_files import write_atomically

    try:
        write_atomically(os.path.join(path, READING), json.dumps(known) + "\n")
    except OSError:
        return
