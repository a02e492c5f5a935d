"""Names are spelled as the official client spells them."""

from __future__ import annotations

import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from evcli.model import INDEX, load_family
from evcli.model.names import (
    operation_by_command,
    option_name,
    to_kebab_case,
    to_lower_camel,
    to_snake_case,
)

OPERATIONS = [load_family(family)[name] for name, (family, _) in INDEX.items()]
MEMBERS = sorted({name for each in OPERATIONS for name in each.request.members})
# Letters in words and runs, digits, as in `InvokeEC2HTTPCall2`. A plural acronym at the
# end (`ARNs`) has a rule of its own, which no name of this service needs.
WIRE_NAMES = st.from_regex(r"([A-Z]{1,4}[a-z0-9]{0,5}){1,5}[a-rt-z0-9]", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "kebab"),
    [
        ("ListRuleNamesByTarget", "list-rule-names-by-target"),
        ("ResourceARN", "resource-arn"),
        ("KmsKeyIdentifier", "kms-key-identifier"),
        ("InvocationRateLimitPerSecond", "invocation-rate-limit-per-second"),
        ("PutRule", "put-rule"),
        ("HTTPMethod", "http-method"),
    ],
)
def test_words_break_at_capitals_and_acronyms_stay_whole(name: str, kebab: str) -> None:
    spelled = to_kebab_case(name)

    assert spelled == kebab


@pytest.mark.parametrize("name", [*INDEX, *MEMBERS])
def test_names_are_those_of_the_official_client(name: str) -> None:
    official = (xform_name(name, "-"), xform_name(name, "_"))

    spelled = (to_kebab_case(name), to_snake_case(name))

    assert spelled == official


@given(WIRE_NAMES)
def test_any_name_is_spelled_as_the_official_client_would(name: str) -> None:
    official = xform_name(name, "-")

    spelled = to_kebab_case(name)

    assert spelled == official


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_command_leads_back_to_its_operation(operation: object) -> None:
    name = getattr(operation, "name", "")

    found = operation_by_command(to_kebab_case(name))

    assert found is operation


@pytest.mark.parametrize(
    "command", ["", "-", "nope", "PutRule", "Put-Rule", "put--rule", "put-rule-", "put"]
)
def test_other_spellings_are_no_commands(command: str) -> None:
    found = operation_by_command(command)

    assert found is None


def test_option_is_the_member_with_two_dashes() -> None:
    option = option_name("EventBusName")

    assert option == "--event-bus-name"


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("ResourceARN", "resourceARN"), ("awsvpcConfiguration", "awsvpcConfiguration")],
)
def test_service_spells_members_with_a_small_first_letter(
    name: str, spelled: str
) -> None:
    camel = to_lower_camel(name)

    assert camel == spelled
