"""Texts that did not fit a shape: shown, unless they may hold a secret.

Source: [doc] what is sensitive; that such values never show is evcli's own.
"""

from __future__ import annotations

import pytest

from evcli.model.connections import CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
from evcli.model.secrets import hide_text, list_secrets
from evcli.model.shapes import Shape
from evcli.model.targets import TARGET

AUTH = CREATE_CONNECTION_AUTH_REQUEST_PARAMETERS
BASIC = AUTH.members["BasicAuthParameters"].shape
PASSWORD = BASIC.members["Password"].shape
INVOCATION = AUTH.members["InvocationHttpParameters"].shape
HEADERS = INVOCATION.members["HeaderParameters"].shape


@pytest.mark.parametrize(
    ("shape", "text", "shown"),
    [
        (PASSWORD, "x", "***"),
        (BASIC, "x", "***"),
        (HEADERS, "x", "***"),
        (AUTH, "BasicAuthParameters={Password=x", "***"),
        (AUTH, '{"OAuthParameters":{"ClientParameters":{"ClientSecret":"x"}', "***"),
        (AUTH, "BasicAuthParameters={Username=u", "BasicAuthParameters={Username=u"),
        (TARGET, "Id=1,Arn", "Id=1,Arn"),
        (TARGET, "Id=1,RedshiftDataParameters={Sql=x", "***"),
    ],
)
def test_a_text_is_hidden_where_it_is_or_names_a_secret(
    shape: Shape, text: str, shown: str
) -> None:
    assert hide_text(shape, text) == shown


def test_secrets_are_found_at_any_depth() -> None:
    assert set(list_secrets(AUTH)) == {
        "Password",
        "ClientSecret",
        "ApiKeyValue",
        "Value",
    }
    assert set(list_secrets(TARGET)) == {"GraphQLOperation", "Sql", "Sqls"}
