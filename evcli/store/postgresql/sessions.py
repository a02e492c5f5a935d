"""Sessions by their names: which processes of which hosts work at a store."""

from __future__ import annotations

import os
import socket
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# PostgreSQL keeps so many bytes of a name.
NAME_BYTES = 63
WORKER = "worker"


def get_prefix(schema: str) -> str:
    """What the names of a schema's sessions begin with."""
    return f"evcli/{crc32(schema.encode()):08x}/"


def name_session(schema: str, *, is_worker: bool = False) -> str:
    """Name a session of this process."""
    role = WORKER if is_worker else "command"
    host = socket.gethostname()
    return f"{get_prefix(schema)}{role}/{os.getpid()}/{host}"[:NAME_BYTES]


def list_workers(
    execute: Callable[..., Any], schema: str
) -> list[tuple[str, int, int]]:
    """List the workers of a schema: host, process id, since when in epoch ms."""
    rows = execute(
        "SELECT application_name,"
        " min(extract(epoch FROM backend_start) * 1000)::bigint FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE ?"
        " GROUP BY application_name ORDER BY 2, 1",
        (f"{get_prefix(schema)}{WORKER}/%",),
    )
    found = []
    for name, since_ms in rows.fetchall():
        process_id, host = name.split("/", 4)[3:]
        found.append((host, int(process_id), since_ms or 0))
    return found
