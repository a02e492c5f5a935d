"""The authorisation parameters of connections: what fits, what a change makes, what shows.

They are kept in wire spelling, secrets and all. Only what
`hide_parameters` returns gets into an answer.

Source: [doc] the structures; [peer] how lists are merged and how items are shown.
"""

from __future__ import annotations

from evcli.errors import ValidationException
from evcli.model.connections import (
    CONNECTION_AUTH_RESPONSE_PARAMETERS,
    CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS,
)
from evcli.model.constraints import Walk
from evcli.model.shapes import LIST, STRUCTURE
from evcli.model.violations import format_violations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.model.shapes import Shape

    Parameters = dict[str, Any]

# Authorisation type → the structure that holds its credentials.
CREDENTIALS = {
    "BASIC": "BasicAuthParameters",
    "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters",
    "API_KEY": "ApiKeyAuthParameters",
}


def get_credentials_name(parameters: Parameters) -> str | None:
    """Name the structure of credentials that is given, if one is.

    Raises: ValidationException: more than one is. [peer]
    """
    given = [name for name in CREDENTIALS.values() if name in parameters]
    if len(given) > 1:
        raise one_type_is_required()
    return given[0] if given else None


def require_credentials(authorization_type: str, parameters: Parameters) -> None:
    """Refuse parameters without the credentials of their type, or with others.

    Raises: ValidationException: as said. [peer]
    """
    given = get_credentials_name(parameters)
    if given is None:
        raise one_type_is_required()
    if given != CREDENTIALS[authorization_type]:
        raise ValidationException("AuthorizationType does not match AuthParameters.")


def one_type_is_required() -> ValidationException:
    """Word the refusal of no credentials, and of two kinds. Source: [peer]."""
    return ValidationException("Exactly one authentication parameter type is required.")


def require_complete(parameters: Parameters) -> None:
    """Refuse what an update made of the parameters, if it would not do for a new one.

    Updates may leave out any member; over a new type, or after a deauthorisation, there
    is nothing that could fill in for it.

    Raises: ValidationException: members are missing; [guess] worded as for null.
    """
    walk = Walk(None)
    shape = CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
    walk.read(shape, parameters, (None, "AuthParameters"))
    if walk.violations:
        raise ValidationException(format_violations(walk.violations))


def merge_parameters(stored: Parameters, given: Parameters) -> Parameters:
    """Lay an update over the stored parameters, structure by structure. [peer]"""
    merged = dict(stored)
    for name, value in given.items():
        known = stored.get(name)
        if isinstance(value, dict):
            merged[name] = merge_parameters(known or {}, value)
        elif isinstance(value, list):
            merged[name] = _merge_list(known or [], value)
        else:
            merged[name] = value
    return merged


def _merge_list(stored: list[Parameters], given: list[Parameters]) -> list[Parameters]:
    """Take the given list; an item without a value keeps the one of its key. [peer]

    A value that was secret and is kept stays secret, whatever is said of it: otherwise
    an update could make the next answer show it. [guess]
    """
    by_key = {item.get("Key"): item for item in stored}
    merged = []
    for item in given:
        known = by_key.get(item.get("Key"), {})
        if "Value" not in item and "Value" in known:
            is_secret = item.get("IsValueSecret") or known.get("IsValueSecret", False)
            item = {**known, **item, "IsValueSecret": is_secret}
        merged.append(item)
    return merged


def hide_parameters(parameters: Parameters) -> Parameters:
    """Copy the parameters as answers may show them, members in model order.

    What the response's shape does not declare stays behind, and that is how passwords,
    keys and client secrets do.
    """
    return _hide(CONNECTION_AUTH_RESPONSE_PARAMETERS, parameters)


def _hide(shape: Shape, stored: Parameters) -> Parameters:
    shown: Parameters = {}
    for name, member in shape.members.items():
        if name not in stored:
            continue
        value = stored[name]
        if member.shape.kind == STRUCTURE:
            shown[name] = _hide(member.shape, value)
        elif member.shape.kind == LIST:
            shown[name] = [_hide_item(item) for item in value]
        else:
            shown[name] = value
    return shown


def _hide_item(item: Parameters) -> Parameters:
    """Show a header, query or body parameter; whether it is secret always. [peer]"""
    is_secret = item.get("IsValueSecret", False)
    names = ("Key",) if is_secret else ("Key", "Value")
    shown = {name: item[name] for name in names if name in item}
    return {**shown, "IsValueSecret": is_secret}
