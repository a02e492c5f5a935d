"""Where a store on PostgreSQL is: a URL, without its password wherever it is shown."""

from __future__ import annotations

import re
from urllib.parse import (
    SplitResult,
    parse_qsl,
    unquote,
    urlencode,
    urlsplit,
)

from evcli.errors import ConfigurationError

DEFAULT_SCHEMA = "evcli"
SCHEMES = ("postgresql", "postgres")
# What of a URL's query may be shown.
SHOWN = ("host", "port", "dbname", "user", "service", "schema")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Address:
    """A schema of a database; `conninfo` is for libpq, `name` for people."""

    __slots__ = ("conninfo", "name", "schema")

    def __init__(self, conninfo: str, schema: str, name: str) -> None:
        self.conninfo = conninfo
        self.schema = schema
        self.name = name


def parse_address(url: str) -> Address:
    """Read `postgresql://USER@HOST:PORT/DATABASE?schema=NAME`, and what else libpq takes.

    Raises: ConfigurationError: it is none.
    """
    shown = hide_password(url)
    parts = _split(url)
    if parts is None or parts.scheme not in SCHEMES:
        raise ConfigurationError(
            f"The store {shown} is no URL of a PostgreSQL database, such as"
            " postgresql://host/database?schema=evcli."
        )
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = dict(options).get("schema", DEFAULT_SCHEMA)
    if not _SCHEMA.fullmatch(schema) or schema.startswith("pg_"):
        raise ConfigurationError(
            f"The store {shown} has no schema of PostgreSQL: lower-case letters, digits"
            " and _ are in its name, which does not begin with pg_."
        )
    rest = [(name, value) for name, value in options if name != "schema"]
    query = urlencode(rest, safe="/")
    # In a URL libpq takes a + for itself.
    conninfo = _join(parts.scheme, parts.netloc, parts.path, query.replace("+", "%20"))
    return Address(conninfo, schema, shown)


def hide_password(url: str) -> str:
    """Give a URL without its password, and without what else nobody has to see."""
    parts = _split(url)
    if parts is None:
        return "(not shown)"
    account, at, host = parts.netloc.rpartition("@")
    netloc = f"{account.partition(':')[0]}{at}{host}"
    shown = [(name, value) for name, value in parse_qsl(parts.query) if name in SHOWN]
    return _join(parts.scheme, netloc, unquote(parts.path), urlencode(shown, safe="/"))


def _join(scheme: str, netloc: str, path: str, query: str) -> str:
    # By hand: urlunsplit leaves the slashes out where no host is named, as in
    # postgresql:///database.
    return f"{scheme}://{netloc}{path}{'?' if query else ''}{query}"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
