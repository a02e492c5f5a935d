"""Secrets that a file of state does not have: the stored ones, else placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.model.connections import CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
from evcli.model.shapes import STRUCTURE

if TYPE_CHECKING:
    from typing import Any

    from evcli.model.shapes import Shape

    Parameters = dict[str, Any]

PLACEHOLDER = "placeholder"

# Credentials to make a connection with that is to have none: authorisation type →
# parameters.
ANY_CREDENTIALS: dict[str, Parameters] = {
    "BASIC": {
        "BasicAuthParameters": {"Username": PLACEHOLDER, "Password": PLACEHOLDER}
    },
    "API_KEY": {
        "ApiKeyAuthParameters": {"ApiKeyName": PLACEHOLDER, "ApiKeyValue": PLACEHOLDER}
    },
    "OAUTH_CLIENT_CREDENTIALS": {
        "OAuthParameters": {
            "ClientParameters": {
                "ClientID": PLACEHOLDER,
                "ClientSecret": PLACEHOLDER,
            },
            "AuthorizationEndpoint": "https://localhost/",
            "HttpMethod": "POST",
        }
    },
}


def complete_parameters(
    given: Parameters, stored: Parameters
) -> tuple[Parameters, list[str]]:
    """Fill in the secrets that authorisation parameters lack.

    Args:
        given: parameters as a file has them.
        stored: those of the connection that has the name already; empty for a new one.

    Returns:
        The parameters, and the members that got a placeholder, as dotted names.
    """
    missing: list[str] = []
    shape = CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
    return _complete(shape, given, stored, "AuthParameters", missing), missing


def supply_secrets(members: Parameters) -> Parameters:
    """Give authorisation parameters with placeholders for whatever is secret.

    Args:
        members: of a connection, as an export has them: without any parameters where it
            was deauthorised.
    """
    given = members.get("AuthParameters")
    if given is None and "ConnectionState" in members:
        return ANY_CREDENTIALS.get(members.get("AuthorizationType", ""), {})
    return complete_parameters(given or {}, {})[0]


def _complete(
    shape: Shape, given: Any, stored: Parameters, path: str, missing: list[str]
) -> Any:
    if not isinstance(given, dict):
        # What is no structure the operation refuses.
        return given
    completed = {name: given[name] for name in given if name not in shape.members}
    for name, member in shape.members.items():
        here = f"{path}.{name}"
        if name in given:
            value = given[name]
            known = stored.get(name, {})
            if member.shape.kind == STRUCTURE:
                value = _complete(member.shape, value, known, here, missing)
            elif isinstance(value, list):
                value = [_complete_item(each, known, here, missing) for each in value]
            completed[name] = value
        elif member.required and member.shape.sensitive:
            completed[name] = _find_secret(name, stored, here, missing)
    return completed


def _complete_item(
    item: Any, stored: list[Parameters], path: str, missing: list[str]
) -> Any:
    """Complete a header, query or body parameter whose value is secret."""
    if not isinstance(item, dict) or "Value" in item or not item.get("IsValueSecret"):
        return item
    key = item.get("Key")
    known = next((each for each in stored if each.get("Key") == key), {})
    here = f"{path}.{key}"
    return {**item, "Value": _find_secret("Value", known, here, missing)}


def _find_secret(name: str, stored: Parameters, path: str, missing: list[str]) -> str:
    if name not in stored:
        missing.append(path)
    secret: str = stored.get(name, PLACEHOLDER)
    return secret
