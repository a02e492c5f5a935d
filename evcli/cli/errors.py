"""The command line's own errors, and the exit code of every error.

    EvcliError
    ├── UsageError            argv does not fit the grammar of options; usage follows
    ├── UnknownOptionsError   tokens that no option takes; usage comes first
    ├── ParamError            a value that cannot be read, or options that exclude
    ├── ConfigurationError    the surroundings say something that evcli cannot use
    │   ├── PagerError        the pager among them
    │   └── UnreadableError   files that are compared, where 1 says that they differ
    ├── CheckerError          what keeps `evcli local lint` or `test` from checking
    └── GeneralError          anything else that has one line to say

Raisers state facts; `error_output` lays them out. Exit codes: 252 request, 253
configuration, 254 service, 255 anything else; 2 what cannot be compared or checked.
"""

from __future__ import annotations

from evcli.errors import (
    ConfigurationError,
    EvcliError,
    ParamValidationError,
    ServiceError,
)

UNREADABLE_CODE = 2
PARAM_VALIDATION_CODE = 252
CONFIGURATION_CODE = 253
SERVICE_CODE = 254
GENERAL_CODE = 255


class UsageError(EvcliError):
    """argv does not fit: missing, ambiguous or unusable options."""


class UnknownOptionsError(EvcliError):
    """Tokens that are left over; no error format changes this message."""

    def __init__(self, tokens: list[str]) -> None:
        super().__init__(f"Unknown options: {', '.join(tokens)}")
        self.tokens = tokens


class ParamError(EvcliError):
    """A value that cannot be read, or options that exclude each other."""


class ValueSyntaxError(ParamError):
    """The value of one option cannot be read; `option` as the message spells it."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"Error parsing parameter '{option}': {problem}")
        self.option = option


class PagerError(ConfigurationError):
    """The pager cannot be started. Source: [peer] the first sentence."""

    def __init__(self, command: str, problem: str) -> None:
        super().__init__(
            "Unable to redirect output to pager. Received the following error when "
            f"opening pager:\n{problem}\n\n"
            f"The pager is {command!r}; AWS_PAGER names another one, and an empty "
            "AWS_PAGER or --no-cli-pager uses none."
        )


class UnreadableError(ConfigurationError):
    """A file cannot be read by a command whose exit code 1 says that files differ."""


class GeneralError(EvcliError):
    """One line, exit code 255, never dressed up."""


class CheckerError(EvcliError):
    """Why a command that checks could not: bad usage, a file that cannot be read."""


def describe_error(error: EvcliError) -> tuple[int, str | None]:
    """Give the exit code and the class that messages name, if they name one."""
    if isinstance(error, ServiceError):
        return SERVICE_CODE, error.code
    if isinstance(error, UsageError | ParamError | ParamValidationError):
        return PARAM_VALIDATION_CODE, "ParamValidation"
    if isinstance(error, UnknownOptionsError):
        return PARAM_VALIDATION_CODE, None
    if isinstance(error, PagerError):
        return CONFIGURATION_CODE, "Pager"
    if isinstance(error, UnreadableError):
        return UNREADABLE_CODE, "Configuration"
    if isinstance(error, ConfigurationError):
        return CONFIGURATION_CODE, "Configuration"
    if isinstance(error, CheckerError):
        return UNREADABLE_CODE, None
    return GENERAL_CODE, None
