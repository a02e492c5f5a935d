"""PutPermission and RemovePermission: what they accept and raise."""

from __future__ import annotations

from evcli.model.shapes import Example, Member, Operation, by_name, string, structure
from evcli.model.shared import NAME_REGEX, PLAIN_BOOLEAN, PLAIN_STRING

NON_PARTNER_EVENT_BUS_NAME = string("NonPartnerEventBusName", 1, 256, regex=NAME_REGEX)
ACTION = string("Action", 1, 64, regex="events:[a-zA-Z]+")
PRINCIPAL = string("Principal", 1, 12, regex=r"(\d{12}|\*)")
STATEMENT_ID = string("StatementId", 1, 64, regex="[a-zA-Z0-9-_]+")

CONDITION = structure(
    "Condition",
    Member(
        "Type",
        PLAIN_STRING,
        "The operator; only `StringEquals` is known.",
        required=True,
    ),
    Member(
        "Key",
        PLAIN_STRING,
        "The key that is compared; only `aws:PrincipalOrgID` is known.",
        required=True,
    ),
    Member("Value", PLAIN_STRING, "The id of the organisation.", required=True),
)

# What examples need first.
PERMIT_PARTNER = (
    "evcli put-permission --statement-id partner-team --action "
    "events:PutEvents --principal 111122223333"
)

BUS_MEMBER = Member(
    "EventBusName",
    NON_PARTNER_EVENT_BUS_NAME,
    "The event bus, by name; `default` if you name none. Partner buses and ARNs are "
    "refused.",
    completes="event-bus",
)

PUT_PERMISSION = Operation(
    "PutPermission",
    "Adds a statement to the resource policy of an event bus, so that another "
    "account, everybody (`*`) or an organisation may send events to it. The same "
    "statement id replaces its statement; other statements stay.\n\n"
    "With `--policy` the whole policy is replaced by the given document and the "
    "other options are left aside.\n\n"
    "evcli applies the policy when a caller of another account puts events on the "
    "bus; try it with a second profile.",
    request=(
        BUS_MEMBER,
        Member(
            "Action",
            ACTION,
            "What the principal may do; the statement form knows `events:PutEvents` "
            "alone.",
        ),
        Member(
            "Principal",
            PRINCIPAL,
            "The account that gets the permission, or `*` for all; quote the star in "
            "a shell.",
            completes="account",
        ),
        Member(
            "StatementId",
            STATEMENT_ID,
            "The name of the statement in the policy. An id that is there already "
            "has its statement replaced.",
            completes="statement-id",
        ),
        Member("Condition", CONDITION, "Narrows the principal `*` to an organisation."),
        Member(
            "Policy",
            PLAIN_STRING,
            "A whole policy as JSON text. It replaces the one of the bus, and the "
            "other options are left aside.",
        ),
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "PolicyLengthExceededException",
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
    examples=(
        Example("Let another account send events", PERMIT_PARTNER),
        Example(
            "Let an organisation send events",
            "evcli put-permission --statement-id our-organisation --action "
            "events:PutEvents --principal '*' --condition "
            "Type=StringEquals,Key=aws:PrincipalOrgID,Value=o-1234567890",
        ),
    ),
)

REMOVE_PERMISSION = Operation(
    "RemovePermission",
    "Removes one statement from the policy of an event bus, or with "
    "`--remove-all-permissions` the whole policy. An unknown statement id is an "
    "error, also on a bus without a policy.",
    request=(
        Member(
            "StatementId",
            STATEMENT_ID,
            "The statement to remove.",
            completes="statement-id",
        ),
        Member(
            "RemoveAllPermissions",
            PLAIN_BOOLEAN,
            "Whether to remove the policy as a whole.",
        ),
        BUS_MEMBER,
    ),
    response=None,
    errors=(
        "ResourceNotFoundException",
        "InternalException",
        "ConcurrentModificationException",
        "OperationDisabledException",
    ),
    examples=(
        Example(
            "Take one statement back",
            "evcli remove-permission --statement-id partner-team",
            given=(PERMIT_PARTNER,),
        ),
        Example(
            "Take all of them back",
            "evcli remove-permission --remove-all-permissions",
            given=(PERMIT_PARTNER,),
        ),
    ),
)

OPERATIONS = by_name(
    PUT_PERMISSION,
    REMOVE_PERMISSION,
)
