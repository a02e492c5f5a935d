"""`config.toml` as people write it: what may stand there, reading, checking, writing."""

from __future__ import annotations

import json
import os
import stat

from evcli.errors import ConfigurationError
from evcli.store.directory.configuration import FILE_NAME, QUOTAS
from evcli.store.directory.private_files import write_atomically

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ACCOUNT = {"type": "string", "pattern": "^[0-9]{12}$", "description": "12 digits"}
REGION = {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)+$"}
ORGANIZATION = {"type": "string", "pattern": r"^o-[a-z0-9]{1,32}$"}
OUTPUT = {"enum": ["json", "text", "table", "yaml", "yaml-stream", "off"]}
# Whom API destinations call.
HOST = {
    "pattern": r"^[A-Za-z0-9._-]+(:[0-9]{1,5})?$",
    "description": "a host's name, with or without :PORT",
}

# What an entry of [[sinks]] may say: of any of evcli's kinds, and of each kind what it
# must and may say besides. Kinds of other packages check their own options. `help` is
# what `evcli local sinks add` says of the option.
SINK_KEYS: dict[str, Any] = {
    "arn": {},
    "kind": {},
    "fail_first": {"type": "integer", "minimum": 0},
    "fail_rate": {"type": "number", "minimum": 0, "maximum": 1},
    "seed": {"type": "integer"},
}
TIMEOUT = {"type": "number", "exclusiveMinimum": 0, "description": "seconds"}
SINK_KINDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "file": (
        [],
        {"path": {"type": "string", "minLength": 1, "help": "where the lines go"}},
    ),
    "stdout": ([], {}),
    "exec": (
        ["command"],
        {
            "command": {
                "type": ["string", "array"],
                "minLength": 1,
                "minItems": 1,
                "items": {"type": "string"},
                "help": "a line for the shell",
            },
            "timeout": {**TIMEOUT, "help": "30"},
        },
    ),
    "http": (
        ["url"],
        {
            "url": {
                "type": "string",
                "pattern": "^https?://.",
                "help": "where payloads are posted",
            },
            "timeout": {**TIMEOUT, "help": "5 if absent"},
        },
    ),
    "handler": (
        ["handler"],
        {
            "handler": {
                "type": "string",
                "pattern": r"^[^.\s]+(\.[^.\s]+)+$",
                "description": "MODULE.FUNCTION",
                "help": "the function that is called",
            },
            "path": {
                "type": "string",
                "minLength": 1,
                "help": "the directory of MODULE, which it runs in; that of"
                " config.toml if absent",
            },
            "python": {
                "type": "string",
                "minLength": 1,
                "help": "the Python that runs it; evcli's own if absent",
            },
            "timeout": {**TIMEOUT, "help": "30 for a call if absent"},
        },
    ),
    "aws": (
        ["endpoint_url"],
        {
            "endpoint_url": {
                "type": "string",
                "pattern": "^https?://.",
                "help": "where the API is, such as that of moto_server",
            },
            "timeout": {**TIMEOUT, "help": "5 if absent"},
        },
    ),
    "null": ([], {}),
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "account": ACCOUNT,
        "region": REGION,
        "organization": ORGANIZATION,
        "durability": {"enum": ["full", "normal"]},
        "output": OUTPUT,
        "profiles": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "account": ACCOUNT,
                    "region": REGION,
                    "organization": ORGANIZATION,
                    "output": OUTPUT,
                    "access_key_id": {"type": "string"},
                },
            },
        },
        "quotas": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"type": "integer", "minimum": 1} for name in QUOTAS},
        },
        "replays": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "windows_per_second": {
                    "type": "number",
                    "minimum": 0.0001,
                    "maximum": 1000,
                }
            },
        },
        "retry_jitter": {"type": "boolean"},
        "schemas": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"mode": {"enum": ["warn", "refuse"]}},
        },
        "allowed_hosts": {"type": "array", "items": {"type": "string"}},
        "hosts": {
            "type": "object",
            "propertyNames": HOST,
            "additionalProperties": {
                "type": "string",
                "pattern": r"^https?://[^/?#@\s]+/?$",
                "description": "http://HOST:PORT or https://HOST:PORT",
            },
        },
        "sinks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["arn", "kind"],
                "properties": {
                    "arn": {"type": "string", "minLength": 1},
                    "kind": {"type": "string", "minLength": 1},
                },
                "allOf": [
                    {
                        "if": {
                            "required": ["kind"],
                            "properties": {"kind": {"const": kind}},
                        },
                        "then": {
                            "additionalProperties": False,
                            "required": required,
                            "properties": {**SINK_KEYS, **keys},
                        },
                    }
                    for kind, (required, keys) in SINK_KINDS.items()
                ],
            },
        },
    },
}


def read_configuration(path: str) -> dict[str, Any]:
    """Parse and check a `config.toml`. Raises: ConfigurationError."""
    import tomllib

    try:
        value = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}.") from error
    require_valid(path, value, SCHEMA)
    # Dates, which only a sink of another package can have, become text: the reading
    # that is kept in the store has to be the same as this one.
    plain: dict[str, Any] = json.loads(
        json.dumps(value, default=lambda date: date.isoformat())
    )
    return plain


def anchor_handlers(value: dict[str, Any], directory: str) -> None:
    """Write the paths of handlers in full, so that they can be used from elsewhere.

    Args:
        value: what a `config.toml` says, changed here.
        directory: where relative paths count from.
    """
    base = os.path.abspath(directory)
    for sink in value.get("sinks", ()):
        if sink["kind"] != "handler":
            continue
        sink["path"] = os.path.join(base, os.path.expanduser(sink.get("path", "")))
        if os.path.dirname(sink.get("python", "")):
            sink["python"] = os.path.join(base, os.path.expanduser(sink["python"]))


def get_configuration(state_directory: str) -> dict[str, Any]:
    """Read a state directory's `config.toml` anew; `{}` when there is none.

    Raises: ConfigurationError: names file, line or key, and what is allowed.
    """
    path = os.path.join(state_directory, FILE_NAME)
    return read_configuration(path) if os.path.exists(path) else {}


def read_text(path: str) -> str:
    """Read a file that is one: what is a pipe or a device could be read for ever.

    Raises:
        ConfigurationError: it cannot be read, or is something else.
        UnicodeDecodeError: it is not UTF-8.
    """
    # Opening a pipe would wait for somebody who writes.
    at_once = getattr(os, "O_NONBLOCK", 0)
    try:
        with open(
            path, "rb", opener=lambda name, flags: os.open(name, flags | at_once)
        ) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigurationError(
                    f"{path} cannot be read: It is no regular file."
                )
            return file.read().decode()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error


def require_valid(path: str, value: object, schema: dict[str, Any]) -> None:
    """Hold a document that a person wrote against its JSON Schema.

    Raises: ConfigurationError: the file, the key and what is allowed there.
    """
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is not None:
        raise ConfigurationError(f"{path}: {_describe(error)}.")


LIMIT_WORDS = {
    "minimum": "less than",
    "exclusiveMinimum": "not more than",
    "maximum": "more than",
}


def _describe(error: Any) -> str:
    key = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in error.absolute_path
    ).removeprefix(".")
    where = f"{key}: " if key else ""
    if error.validator == "additionalProperties":
        allowed = ", ".join(sorted(error.schema.get("properties", {})))
        unknown = sorted(set(error.instance) - set(error.schema["properties"]))
        return f"{where}unknown key {unknown[0]!r}; allowed are: {allowed}"
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        return f"{where}{missing[0]!r} is missing"
    if error.validator == "enum":
        allowed = ", ".join(map(repr, error.validator_value))
        return f"{where}{error.instance!r} is not one of: {allowed}"
    if error.validator == "type":
        return f"{where}{error.instance!r} is not of type {error.validator_value}"
    if error.validator == "pattern":
        wanted = error.schema.get("description", error.validator_value)
        return f"{where}{error.instance!r} does not fit {wanted}"
    if error.validator in LIMIT_WORDS:
        words = LIMIT_WORDS[error.validator]
        return f"{where}{error.instance!r} is {words} {error.validator_value}"
    return f"{where}{error.message}"


def write_configuration(path: str, value: dict[str, Any]) -> None:
    """Write a `config.toml` in one step: whole or not at all.

    Raises: ConfigurationError: the value does not fit, or the file cannot be written.
    """
    import tomli_w

    require_valid(path, value, SCHEMA)
    _write_text(path, tomli_w.dumps(value))


def change_sinks(path: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change `[[sinks]]` of a `config.toml`; all else stays as somebody has written it.

    Args:
        change: gets the sinks in their order, and changes them.

    Raises: ConfigurationError: as `read_configuration` and `write_configuration`.
    """
    import tomlkit

    document = tomlkit.document()
    if os.path.exists(path):
        read_configuration(path)
        document = tomlkit.parse(read_text(path).replace("\r\n", "\n"))
    if "sinks" not in document:
        document["sinks"] = tomlkit.aot()
    sinks: Any = document["sinks"]
    known = [id(each) for each in sinks]
    change(sinks)
    for each in sinks:
        if isinstance(each, tomlkit.items.Table) and id(each) not in known:
            each.add(tomlkit.nl())
    if not sinks:
        del document["sinks"]
    require_valid(path, document.unwrap(), SCHEMA)
    _write_text(path, tomlkit.dumps(document).rstrip("\n") + "\n")


def _write_text(path: str, text: str) -> None:
    try:
        write_atomically(path, text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}."
        ) from error
