"""What a failure of PostgreSQL means for the store, in one line."""

from __future__ import annotations

import psycopg
from psycopg import errors

from evcli.errors import (
    CommitUnknownError,
    ConfigurationError,
    ConflictError,
    DamagedStoreError,
    StoreError,
)
from evcli.store.postgresql.driver import DeadlineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.errors import EvcliError

# Others were faster, or wait for each other: what is begun anew may well succeed.
# So it does where a row was removed that another one was about to refer to.
CONFLICTS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.ForeignKeyViolation,
    errors.UniqueViolation,
)
# Of a connection that is refused libpq gives the server's words, and no code.
NO_ROOM = ("too many connections", "too many clients", "remaining connection slots")
STARTING = ("starting up", "recovery mode", "shutting down")
GONE = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.IdleInTransactionSessionTimeout,
    errors.IdleSessionTimeout,
)
NOTHING = "Nothing was changed."


def describe_failure(name: str, error: psycopg.Error) -> EvcliError:
    """Say what became of a statement that failed before any commit."""
    if isinstance(error, CONFLICTS):
        return ConflictError(
            f"Others changed the same in the store {name} at the same time, again and"
            f" again. {NOTHING}"
        )
    if isinstance(error, DeadlineError):
        return StoreError(f"The store {name} does not answer any more. {NOTHING}")
    if isinstance(error, errors.LockNotAvailable):
        return StoreError(
            f"Other processes kept the store {name} busy for too long. {NOTHING}"
        )
    if isinstance(error, errors.DiskFull):
        return StoreError(f"The disk of the store {name} is full. {NOTHING}")
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn)):
        return DamagedStoreError(name, _first_line(error))
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return ConfigurationError(
            f"The store {name} cannot be written: the database is a copy that is read."
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return ConfigurationError(
            f"The store {name} cannot be used: {_first_line(error)}."
        )
    if is_gone(error):
        return StoreError(describe_gone(name))
    return StoreError(f"The store {name} failed: {_first_line(error)}. {NOTHING}")


def describe_gone(name: str) -> str:
    """Say that the connection was lost before anything was committed."""
    return f"The server of the store {name} is gone. {NOTHING}"


def describe_commit_failure(name: str, error: psycopg.Error) -> EvcliError:
    """Say what became of a transaction whose commit failed."""
    if is_gone(error):
        return CommitUnknownError(
            f"The server of the store {name} was lost while it committed: whether"
            " anything was changed is unknown."
        )
    return describe_failure(name, error)


def describe_no_connection(name: str, error: psycopg.Error) -> EvcliError:
    """Say why there is no connection."""
    if any(words in str(error) for words in NO_ROOM):
        return StoreError(
            f"The server of the store {name} has all its connections in use. {NOTHING}"
        )
    text = _first_line(error)
    # What libpq says of a URL may have the password in it.
    if isinstance(error, psycopg.ProgrammingError):
        text = "libpq takes no such URL"
    return StoreError(f"The store {name} cannot be reached: {text}. {NOTHING}")


def is_passing(error: psycopg.Error) -> bool:
    """Say whether a refused connection may be had in a while."""
    return any(words in str(error) for words in (*NO_ROOM, *STARTING))


def is_gone(error: psycopg.Error) -> bool:
    """Say whether the connection is lost with an error."""
    if isinstance(error, (DeadlineError, *GONE)):
        return True
    # Those without a code are libpq's own.
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None


def _first_line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    lines = [line.strip() for line in text.splitlines()]
    # Of several addresses that were tried, the last one.
    return lines[0].removesuffix(".") if lines else ""
