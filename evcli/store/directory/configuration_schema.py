"""What `config.toml` may say: its JSON Schema, and of each key what it is for.

Reading and writing is in `configuration_file`; help and the file of `evcli local init`
are made from what stands here.
"""

from __future__ import annotations

from evcli.store.directory.configuration import QUOTAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# `help` is what `evcli help config` and the file of `evcli local init` say of a key;
# `default` is what holds without it, and `examples` stand where nothing does.
ACCOUNT = {
    "type": "string",
    "pattern": "^[0-9]{12}$",
    "description": "12 digits",
    "help": "the account that commands act as",
    "default": "000000000000",
}
REGION = {
    "type": "string",
    "pattern": r"^[a-z0-9]+(-[a-z0-9]+)+$",
    "help": "the region that commands act in",
    "default": "us-east-1",
}
ORGANIZATION = {
    "type": "string",
    "pattern": r"^o-[a-z0-9]{1,32}$",
    "help": "the organization of the account, which resource policies may ask for",
    "examples": ["o-exampleorgid"],
}
OUTPUT = {
    "enum": ["json", "text", "table", "yaml", "yaml-stream", "off"],
    "help": "how answers are written where `--output` does not say",
    "default": "json",
}
# Whom API destinations call.
HOST = {
    "pattern": r"^[A-Za-z0-9._-]+(:[0-9]{1,5})?$",
    "description": "a host's name, with or without :PORT",
}

# What an entry of [[sinks]] may say: of any of evcli's kinds, and of each kind what it
# must and may say besides. Kinds of other packages check their own options. `help` is
# what `evcli local sinks add` says of the option.
SINK_KEYS: dict[str, Any] = {
    "arn": {"help": "whose targets: `*` is any text, `?` one character"},
    "kind": {"help": "what stands for them: see `evcli help sinks`"},
    "fail_first": {
        "type": "integer",
        "minimum": 0,
        "help": "let the first attempts of each delivery fail",
    },
    "fail_rate": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "help": "let this share of the attempts fail",
    },
    "seed": {"type": "integer", "help": "which ones `fail_rate` hits"},
}
TIMEOUT = {"type": "number", "exclusiveMinimum": 0, "description": "seconds"}
SINK_KINDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "file": (
        [],
        {"path": {"type": "string", "minLength": 1, "help": "where the lines go"}},
    ),
    "stdout": ([], {}),
    "stderr": ([], {}),
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
            "timeout": {**TIMEOUT, "help": "30 if absent"},
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
    "table": ([], {}),
    "null": ([], {}),
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "account": ACCOUNT,
        "region": REGION,
        "organization": ORGANIZATION,
        "durability": {
            "enum": ["full", "normal"],
            "help": "whether what was answered survives a power cut: see"
            " `evcli help durability`",
            "default": "full",
        },
        "output": OUTPUT,
        "profiles": {
            "type": "object",
            "help": "what `--profile NAME` stands for",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "account": ACCOUNT,
                    "region": REGION,
                    "organization": ORGANIZATION,
                    "output": OUTPUT,
                    "access_key_id": {
                        "type": "string",
                        "help": "whom `evcli local serve` takes for this profile",
                        "examples": ["AKIAEXAMPLE"],
                    },
                },
            },
        },
        "quotas": {
            "type": "object",
            "help": "what there may be at most; the defaults are those of AWS",
            "additionalProperties": False,
            "properties": {
                name: {
                    "type": "integer",
                    "minimum": 1,
                    "default": quota,
                }
                for name, quota in QUOTAS.items()
            },
        },
        "replays": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "windows_per_second": {
                    "type": "number",
                    "minimum": 0.0001,
                    "maximum": 1000,
                    "help": "minutes of events that a replay sends in a second; without"
                    " it, all at once",
                    "examples": [2],
                }
            },
        },
        "store": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "url": {
                    "type": "string",
                    "pattern": "^postgres(ql)?://",
                    "description": "postgresql://HOST/DATABASE?schema=NAME",
                    "help": "where the state is instead of here: see `evcli help state`",
                    "examples": ["postgresql://db.example.com/team?schema=evcli"],
                }
            },
        },
        "retry_jitter": {
            "type": "boolean",
            "help": "spread retries at random, as the service does",
            "default": False,
        },
        "schemas": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "mode": {
                    "enum": ["warn", "refuse"],
                    "help": "what becomes of events that do not fit the project's schemas",
                    "default": "warn",
                }
            },
        },
        "allowed_hosts": {
            "type": "array",
            "items": {"type": "string"},
            "help": "hosts besides this machine that sinks may call",
            "examples": [["dev-box.example.com"]],
        },
        "hosts": {
            "type": "object",
            "propertyNames": HOST,
            "additionalProperties": {
                "help": "where the API destinations of this host are called",
                "examples": ["http://127.0.0.1:8080"],
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
