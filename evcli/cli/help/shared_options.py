"""What the options say about themselves that no operation declares.

Help and completion read these tables; parsing reads `arguments`, and a test holds the
names together.
"""

from __future__ import annotations

from evcli.cli.output import DEFAULT_ERROR_FORMAT, ERROR_FORMATS, FORMATTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _name_choices(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"


def find_first_sentence(text: str) -> str:
    """Cut a help text after its first sentence, on one line."""
    line = " ".join(text.split())
    end = line.find(". ")
    return line if end < 0 else line[: end + 1]


# Global options that do something here: option -> (placeholder, what it does).
GLOBAL_OPTIONS = {
    "--output": (
        "<format>",
        f"How the answer is written: {_name_choices(FORMATTERS)}.",
    ),
    "--query": ("<expression>", "Pick from the answer with a JMESPath expression."),
    "--color": ("<when>", "Color tables: on, off or auto, which is on a terminal."),
    "--region": ("<region>", "The region to act in; us-east-1 if nothing names one."),
    "--profile": (
        "<name>",
        "A profile of config.toml, which may stand for another account, or of "
        "~/.aws/config.",
    ),
    "--state-dir": (
        "<directory>",
        "Where everything is kept: else EVCLI_STATE_DIR, the nearest .evcli "
        "directory, or the one of the user.",
    ),
    "--no-paginate": (
        "",
        "Make one call and show its token instead of following the pages.",
    ),
    "--no-cli-pager": ("", "Write to the terminal without a pager."),
    "--cli-error-format": (
        "<format>",
        "How errors are written: "
        f"{_name_choices([DEFAULT_ERROR_FORMAT, *ERROR_FORMATS[:-1]])}.",
    ),
    "--debug": ("", "Tell on standard error what evcli does, and when."),
    "--version": ("", "Show the version and stop."),
    "--help": ("", "Show help and stop; so do -h and the word help at the end."),
}

# Global options that only mean something to a client of the cloud.
WITHOUT_EFFECT = {
    "--endpoint-url": "<url>",
    "--no-verify-ssl": "",
    "--no-sign-request": "",
    "--ca-bundle": "<file>",
    "--cli-read-timeout": "<seconds>",
    "--cli-connect-timeout": "<seconds>",
    "--cli-binary-format": "<format>",
    "--cli-auto-prompt": "",
    "--no-cli-auto-prompt": "",
}

# Options of every operation, or of those that page: option -> (type, what it does).
COMMAND_OPTIONS = {
    "--cli-input-json": (
        "string",
        "The whole request as JSON, with members in wire spelling; `file://` reads a "
        "file and `-` standard input. Options given beside it win.",
    ),
    "--cli-input-yaml": ("string", "The same as YAML; only one of the two is allowed."),
    "--starting-token": (
        "string",
        "Where to go on: the `NextToken` of an answer that `--max-items` cut.",
    ),
    "--page-size": (
        "integer",
        "How many items each call asks for; the answer is the same.",
    ),
    "--max-items": (
        "integer",
        "How many items to show at most; a `NextToken` follows where more are left.",
    ),
    "--generate-cli-skeleton": (
        "string",
        "Call nothing. Print an empty request to fill in (`input`, the default, or "
        "`yaml-input`), or a sample of the answer (`output`).",
    ),
}

EXIT_CODES = {
    0: "The service accepted the request.",
    252: "The command line does not fit; nothing was called.",
    253: "evcli cannot use its surroundings: a setting, config.toml, the state directory.",
    254: "The service refused the request.",
    255: "Anything else; the line on standard error says what.",
}

# Of commands that check what people wrote.
CHECKER_EXIT_CODES = {
    0: "Nothing was found.",
    1: "Something was found, or a test failed.",
    2: "The command line does not fit, or something cannot be read.",
    5: "There was nothing to check.",
}

# Of `evcli local …`, where there is no service.
LOCAL_EXIT_CODES = {
    0: "It was done.",
    1: "What the command is to find out is not so; its description says what that is.",
    252: EXIT_CODES[252],
    253: EXIT_CODES[253],
    254: "Something that the command needs, such as a rule, is not there or refused.",
    255: EXIT_CODES[255],
}
