"""What the operations on permissions accept, return and raise."""

from __future__ import annotations

from evcli.model.shapes import Member, Operation, string, structure
from evcli.model.shared import NAME_REGEX, PLAIN_BOOLEAN, PLAIN_STRING

NON_PARTNER_EVENT_BUS_NAME = string("NonPartnerEventBusName", 1, 256, regex=NAME_REGEX)
ACTION = string("Action", 1, 64, regex="events:[a-zA-Z]+")
PRINCIPAL = string("Principal", 1, 12, regex=r"(\d{12}|\*)")
STATEMENT_ID = string("StatementId", 1, 64, regex="[a-zA-Z0-9-_]+")

CONDITION = structure(
    "Condition",
    Member("Type", PLAIN_STRING, required=True),
    Member("Key", PLAIN_STRING, required=True),
    Member("Value", PLAIN_STRING, required=True),
)

PUT_PERMISSION = Operation(
    "PutPermission",
    "",
    request=structure(
        "PutPermissionRequest",
        Member("EventBusName", NON_PARTNER_EVENT_BUS_NAME),
        Member("Action", ACTION),
        Member("Principal", PRINCIPAL),
        Member("StatementId", STATEMENT_ID),
        Member("Condition", CONDITION),
        Member("Policy", PLAIN_STRING),
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "PolicyLengthExceededException",
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
)

REMOVE_PERMISSION = Operation(
    "RemovePermission",
    "",
    request=structure(
        "RemovePermissionRequest",
        Member("StatementId", STATEMENT_ID),
        Member("RemoveAllPermissions", PLAIN_BOOLEAN),
        Member("EventBusName", NON_PARTNER_EVENT_BUS_NAME),
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        PUT_PERMISSION,
        REMOVE_PERMISSION,
    )
}
