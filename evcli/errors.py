"""Every error that evcli raises on purpose.

    EvcliError
    ├── ParamValidationError      the request does not fit its declared shape
    ├── ConfigurationError        evcli's own surroundings: state directory, config.toml
    │   └── ForeignFileError      what should hold the state is something else's
    ├── InspectionError           what was asked about is not there or makes no sense
    ├── NoDeliveryError           a test waited in vain
    ├── StoreError                the store failed at work
    │   ├── ConflictError         others were at the same; it may be tried again
    │   ├── CommitUnknownError    nobody knows whether it was committed
    │   └── DamagedStoreError     what it holds cannot be read
    ├── WorkerBusyError           there is a worker already
    ├── EntryError                an entry, or a line of bulk input, that is refused
    └── ServiceError              what EventBridge would answer; the class name is the code
        ├── AccessDeniedException
        ├── ConcurrentModificationException
        ├── IllegalStatusException
        ├── InternalException
        ├── InvalidEventPatternException
        ├── InvalidStateException
        ├── InvalidToken
        ├── LimitExceededException
        ├── ManagedRuleException
        ├── OperationDisabledException
        ├── PolicyLengthExceededException
        ├── ResourceAlreadyExistsException
        ├── ResourceNotFoundException
        ├── SerializationException
        ├── ThrottlingException
        └── ValidationException

Raisers state facts; the class words the sentence, so each of AWS's messages stands in
one place. What a module raises for a caller to catch, and never reaches people so, stands
beside what raises it. Text, layout and exit codes are decided in `cli/errors.py` and
`cli/output/error_output.py`, HTTP statuses in `server/`.
"""

from __future__ import annotations


class EvcliError(Exception):
    """An error with one message for people.

    `advice` is what may help beyond the message: sentences of evcli's own, which the
    command line prints below a message whose words are AWS's.
    """

    advice = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ParamValidationError(EvcliError):
    """A request that does not fit the declared shape; `problems` in request order.

    Source: [aws] the official client's report, one line per problem.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["Parameter validation failed:", *problems]))
        self.problems = problems


class ConfigurationError(EvcliError):
    """evcli's surroundings are unusable: what is wrong, where, and what to do."""


class ForeignFileError(ConfigurationError):
    """The file that should hold the state of a directory is something else's."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}/state.db is not a state file of evcli; name another directory with"
            " --state-dir. Nothing was changed."
        )


class InspectionError(EvcliError):
    """What was asked about is not there, or is not what it should be.

    `argument` is the name of the value that is at fault, such as `rule_arn`, where it is
    one of several.
    """

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument


class NoDeliveryError(EvcliError, AssertionError):
    """The delivery that a test waited for did not come; for a test suite a failure."""


class StoreError(EvcliError):
    """The store failed at work: the disk is full, a lock never came, a file is torn."""


class ConflictError(StoreError):
    """Others changed the same at the same time; what was undone may be begun again."""


class CommitUnknownError(StoreError):
    """The store was lost or failed while it committed: nobody knows whether it did."""


class DamagedStoreError(StoreError):
    """What the store holds cannot be read.

    Args:
        path: the state directory.
        what: what is known of it.
    """

    def __init__(self, path: str, what: str = "") -> None:
        super().__init__(
            f"{path}/state.db is damaged{what and ': '}{what}. `evcli local check` says"
            " more, and `evcli local restore FILE --force` puts a backup in its place."
        )


class WorkerBusyError(EvcliError):
    """Another worker is at the state directory. One is enough; two would race."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Another worker is running on the state directory {path}; there can be one"
            " `evcli local run` or `tick` at a time."
        )


class EntryError(EvcliError):
    """Why an entry, or a line of bulk input, is refused: AWS's error code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ServiceError(EvcliError):
    """An answer of EventBridge; the class name is the error code on the wire."""

    @property
    def code(self) -> str:
        """The wire code, such as `ResourceNotFoundException`."""
        return type(self).__name__


class AccessDeniedException(ServiceError):
    """The caller may not do this."""


class ConcurrentModificationException(ServiceError):
    """The resource is being changed by someone else."""


class IllegalStatusException(ServiceError):
    """The replay is in a state that does not allow the operation."""


class InternalException(ServiceError):
    """Declared by most operations; never produced offline."""


class InvalidEventPatternException(ServiceError):
    """The event pattern is not valid.

    Args:
        reason: the matcher's reason, with its position line where it has one.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")
        self.reason = reason


class InvalidStateException(ServiceError):
    """The event source is in a state that does not allow the operation."""


class InvalidToken(ServiceError):
    """A pagination token that this list operation did not give out.

    Source: [doc] HTTP 400 `InvalidToken`; [guess] the text, a recording would settle it.
    """

    def __init__(self) -> None:
        super().__init__("Invalid NextToken.")


class LimitExceededException(ServiceError):
    """A quota is used up. Source: [aws] the shared text."""

    def __init__(
        self,
        message: str = "The requested resource exceeds the maximum number allowed.",
    ) -> None:
        super().__init__(message)


class ManagedRuleException(ServiceError):
    """A rule that EventBridge manages was to be changed without force. Source: [aws]."""

    def __init__(self, rule_name: str) -> None:
        super().__init__(
            f"{rule_name} is a managed rule. Set 'force' parameter to true to override."
        )


class OperationDisabledException(ServiceError):
    """Declared by some operations; never produced offline."""


class PolicyLengthExceededException(ServiceError):
    """The event bus policy would grow past 10,240 characters. Source: [aws]."""

    def __init__(self) -> None:
        super().__init__("Policy size would be larger than the maximum allowed.")


class ResourceAlreadyExistsException(ServiceError):
    """The name is taken."""


class ResourceNotFoundException(ServiceError):
    """There is no such resource."""


class SerializationException(ServiceError):
    """A value of a JSON type that its member cannot have; names no member, as AWS.

    Args:
        value: what was given.
        expected: the type it should have had, such as `a String`.

    Source: [guess] the texts that AWS's JSON services share.
    """

    def __init__(self, value: object, expected: str) -> None:
        if isinstance(value, dict):
            message = "Start of structure or map found where not expected."
        elif isinstance(value, list | tuple):
            message = "Start of list found where not expected"
        else:
            kinds = {bool: str(value).upper(), str: "STRING"}
            token = kinds.get(type(value), "NUMBER")
            message = f"{token}_VALUE can not be converted to {expected}"
        super().__init__(message)


class ThrottlingException(ServiceError):
    """Declared by the connection operations; never produced offline."""


class ValidationException(ServiceError):
    """The service refuses the request's values."""
