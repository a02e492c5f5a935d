"""Resource policies: who may put events on an event bus, and which statement says so.

    policy ─► statements whose Action, Resource and Principal fit ─► whose Condition holds
                                                                       any Deny:  denied
                                                                       any Allow: allowed

Who sends is an account: evcli asks for no credentials, so a user or role of an account
in a statement stands for the account. [guess] A principal that is a service, or comes from
a federation, is nobody who sends.

Source: [doc] the evaluation; [guess] a statement without Action or Resource fits nothing,
and an operator that evcli does not know holds for Deny and not for Allow.
"""

from __future__ import annotations

import json

from evcli.arns import parse_arn
from evcli.delivery.policies.conditions import (
    find_obstacle,
    find_wildcards,
    list_texts,
    match_wildcards,
    split_variables,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

ALLOW = "Allow"
DENY = "Deny"

EVERYBODY = "*"
# The version of the policy language that has variables. Source: [doc].
VERSION_WITH_VARIABLES = "2012-10-17"


class Access:
    """What somebody wants: an action on a resource, for an account.

    `context` is the condition keys that the request has, in lower case.
    """

    __slots__ = ("account_id", "action", "context", "resource")

    def __init__(
        self,
        *,
        account_id: str,
        action: str,
        resource: str,
        context: Mapping[str, str],
    ) -> None:
        self.account_id = account_id
        self.action = action
        self.resource = resource
        self.context = context


class Verdict:
    """What a policy says: `effect` is `Allow`, `Deny`, or `None` when it says nothing.

    `statement` names the statement that says so. When there is none it is the first one
    that would allow it but for `obstacle`, a part of its condition; or `None`.
    """

    __slots__ = ("effect", "obstacle", "statement")

    def __init__(
        self,
        effect: str | None = None,
        statement: str | None = None,
        obstacle: str | None = None,
    ) -> None:
        self.effect = effect
        self.statement = statement
        self.obstacle = obstacle


def judge(policy: str | None, access: Access) -> Verdict:
    """Evaluate a policy, given as its text. Never raises; what is no policy says nothing."""
    document = _read_policy(policy)
    fills = document.get("Version") == VERSION_WITH_VARIABLES
    silent = allowed = Verdict()
    for name, statement in list_statements(document):
        effect = statement.get("Effect")
        if effect not in (ALLOW, DENY) or not _fits(statement, access, fills=fills):
            continue
        obstacle = find_obstacle(
            statement.get("Condition", {}),
            access.context,
            fills=fills,
            unknown=effect == DENY,
        )
        if effect == DENY and obstacle is None:
            return Verdict(DENY, name)
        if effect == ALLOW and obstacle is None and allowed.effect is None:
            allowed = Verdict(ALLOW, name)
        elif effect == ALLOW and silent.statement is None:
            silent = Verdict(None, name, obstacle)
    return allowed if allowed.effect else silent


def _read_policy(text: str | None) -> dict[str, Any]:
    try:
        document = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def list_statements(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """List the statements, each with a name: its Sid, else its number, from 1 on."""
    given = document.get("Statement", [])
    for number, each in enumerate(given if isinstance(given, list) else [given], 1):
        if isinstance(each, dict):
            sid = each.get("Sid")
            yield (f"'{sid}'" if sid and isinstance(sid, str) else f"{number}"), each


# -- whether a statement is about it


def _fits(statement: dict[str, Any], access: Access, *, fills: bool) -> bool:
    def is_action(text: str) -> bool:
        return match_wildcards(
            find_wildcards([(text.lower(), False)]), access.action.lower()
        )

    def is_resource(text: str) -> bool:
        pieces = split_variables(text, access.context, fills=fills)
        return pieces is not None and match_wildcards(
            find_wildcards(pieces), access.resource
        )

    def is_principal(text: str) -> bool:
        return is_account(text, access.account_id)

    return (
        _says(statement, "Action", list_texts, is_action)
        and _says(statement, "Resource", list_texts, is_resource)
        and _says(statement, "Principal", list_principals, is_principal)
    )


def _says(
    statement: dict[str, Any],
    member: str,
    read: Callable[[object], list[str]],
    test: Callable[[str], bool],
) -> bool:
    """Ask a member of a statement, `Action` say, or else its opposite, `NotAction`."""
    if member in statement:
        return any(map(test, read(statement[member])))
    opposite = f"Not{member}"
    return opposite in statement and not any(map(test, read(statement[opposite])))


def list_principals(value: object) -> list[str]:
    """Read the accounts, users and roles of a Principal; `*` is everybody."""
    if isinstance(value, dict):
        return list_texts(value.get("AWS", []))
    return [EVERYBODY] if value == EVERYBODY else []


def is_account(principal: str, account_id: str) -> bool:
    """Say whether an account is, or owns, a principal.

    Source: [doc] the forms: `*`, the number, and ARNs of root, users, roles, sessions.
    """
    if principal in (EVERYBODY, account_id):
        return True
    arn = parse_arn(principal)
    return (
        arn is not None
        and arn.service in ("iam", "sts")
        and arn.account_id == account_id
    )
