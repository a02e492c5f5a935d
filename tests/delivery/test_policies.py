"""Resource policies. Source: the delivery reference §7.3; IAM's documentation, [doc]."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.delivery.policies.conditions import (
    OPERATORS,
    find_wildcards,
    match_wildcards,
)
from evcli.delivery.policies.policy import ALLOW, DENY, Access, Verdict, judge

BUS = "arn:aws:events:us-east-1:111111111111:event-bus/b"
RULE = "arn:aws:events:us-west-2:222222222222:rule/r"
FRIEND = "222222222222"
ROOT = f"arn:aws:iam::{FRIEND}:root"
WEST = "arn:aws:events:us-west-2:*:*"

DIRECT = {
    "events:source": "com.shop",
    "events:detail-type": "new",
    "events:eventbusinvocation": "false",
    "aws:principalaccount": FRIEND,
    "aws:currenttime": "2024-05-14T11:23:22+00:00",
    "aws:epochtime": "1715685802",
}
BY_RULE = {
    **DIRECT,
    "events:eventbusinvocation": "true",
    "aws:sourcearn": RULE,
    "aws:sourceaccount": FRIEND,
}


def make_statement(**changes: Any) -> dict[str, Any]:
    statement = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "events:PutEvents",
        "Resource": BUS,
        **changes,
    }
    return {name: value for name, value in statement.items() if value is not None}


def decide(
    *statements: dict[str, Any],
    context: dict[str, str] = BY_RULE,
    version: str = "2012-10-17",
) -> Verdict:
    policy = {"Version": version, "Statement": list(statements)}
    access = Access(
        account_id=FRIEND, action="events:PutEvents", resource=BUS, context=context
    )
    return judge(json.dumps(policy), access)


def tell(verdict: Verdict) -> tuple[str | None, str | None, str | None]:
    return verdict.effect, verdict.statement, verdict.obstacle


def is_allowed(**changes: Any) -> bool:
    context = changes.pop("context", BY_RULE)
    return decide(make_statement(**changes), context=context).effect == ALLOW


def holds(operator: str, key: str, wanted: Any, context: dict[str, str]) -> bool:
    return is_allowed(Condition={operator: {key: wanted}}, context=context)


# -- the worked table


def when(**operators: Any) -> dict[str, Any]:
    return make_statement(Condition=operators)


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
SOURCE_AND_TYPE = {"events:source": "com.shop", "events:detail-type": "new"}
FROM_WEST = {"aws:SourceArn": WEST}
BY_A_RULE = {"events:eventBusInvocation": "true"}


@pytest.mark.parametrize(
    ("statements", "context", "effect"),
    [
        ([], BY_RULE, None),
        ([make_statement()], BY_RULE, ALLOW),
        ([make_statement(Principal={"AWS": "333333333333"})], BY_RULE, None),
        ([make_statement(Principal="*", Condition=ORGANIZATION)], BY_RULE, None),
        (
            [make_statement(Principal="*", Condition=ORGANIZATION)],
            {**BY_RULE, "aws:principalorgid": "o-2"},
            None,
        ),
        (
            [make_statement(Principal="*", Condition=ORGANIZATION)],
            {**BY_RULE, "aws:principalorgid": "o-1"},
            ALLOW,
        ),
        ([when(StringEquals=SOURCE_AND_TYPE)], BY_RULE, ALLOW),
        (
            [when(StringEquals=SOURCE_AND_TYPE)],
            {**BY_RULE, "events:source": "com.other"},
            None,
        ),
        ([when(ArnEquals=FROM_WEST)], BY_RULE, ALLOW),
        ([when(ArnEquals=FROM_WEST)], DIRECT, None),
        (
            [
                make_statement(),
                make_statement(
                    Effect="Deny", Principal="*", Condition={"ArnEquals": FROM_WEST}
                ),
            ],
            BY_RULE,
            DENY,
        ),
        ([when(BoolIfExists=BY_A_RULE)], BY_RULE, ALLOW),
        ([when(BoolIfExists=BY_A_RULE)], DIRECT, None),
    ],
)
def test_the_worked_examples_come_out_as_written(
    statements: list[dict[str, Any]], context: dict[str, str], effect: str | None
) -> None:
    assert decide(*statements, context=context).effect == effect


# -- which statement it was


def test_a_verdict_names_the_statement_that_allows() -> None:
    verdict = decide(
        make_statement(Sid="a", Action="events:PutRule"), make_statement(Sid="b")
    )

    assert tell(verdict) == (ALLOW, "'b'", None)


def test_deny_wins_wherever_it_stands() -> None:
    allow = make_statement(Sid="allow")
    deny = make_statement(Sid="deny", Effect="Deny")

    assert tell(decide(allow, deny)) == (DENY, "'deny'", None)
    assert tell(decide(deny, allow)) == (DENY, "'deny'", None)


def test_a_statement_without_sid_is_named_by_its_number() -> None:
    verdict = decide(make_statement(Principal={}), make_statement(Sid=None))

    assert tell(verdict) == (ALLOW, "2", None)


def test_a_silent_verdict_names_the_first_that_would_allow_and_what_it_lacks() -> None:
    verdict = decide(
        make_statement(Sid="other", Principal={"AWS": "333333333333"}),
        make_statement(Sid="org", Condition=ORGANIZATION),
        make_statement(Sid="later", Condition=ORGANIZATION),
    )

    assert tell(verdict) == (None, "'org'", "StringEquals aws:PrincipalOrgID")


def test_a_deny_whose_condition_fails_says_nothing() -> None:
    verdict = decide(make_statement(Effect="Deny", Condition=ORGANIZATION))

    assert tell(verdict) == (None, None, None)


def test_a_lone_statement_needs_no_list() -> None:
    access = Access(
        account_id=FRIEND, action="events:PutEvents", resource=BUS, context={}
    )
    policy = json.dumps({"Statement": make_statement()})

    assert tell(judge(policy, access)) == (ALLOW, "'s'", None)


@pytest.mark.parametrize(
    "policy", [None, "", "{", "[]", "{}", '{"Statement":[1,null,"x"]}', "[" * 5000]
)
def test_what_is_no_policy_says_nothing(policy: str | None) -> None:
    access = Access(
        account_id=FRIEND, action="events:PutEvents", resource=BUS, context={}
    )

    assert tell(judge(policy, access)) == (None, None, None)


# -- principal, action, resource


@pytest.mark.parametrize(
    ("principal", "fits"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": FRIEND}, True),
        ({"AWS": ROOT}, True),
        ({"AWS": ["333333333333", ROOT]}, True),
        ({"AWS": f"arn:aws:iam::{FRIEND}:role/path/r"}, True),
        ({"AWS": f"arn:aws:iam::{FRIEND}:user/u"}, True),
        ({"AWS": f"arn:aws:sts::{FRIEND}:assumed-role/r/session"}, True),
        ({"AWS": f"arn:aws-cn:iam::{FRIEND}:root"}, True),
        ({"AWS": "333333333333"}, False),
        ({"AWS": "arn:aws:iam::333333333333:root"}, False),
        ({"AWS": f"arn:aws:events::{FRIEND}:root"}, False),
        ({"AWS": []}, False),
        ({"Service": "events.amazonaws.com"}, False),
        ({"Federated": "*"}, False),
        (FRIEND, False),
        (None, False),
    ],
)
def test_principal_is_the_sending_account_in_each_of_its_forms(
    principal: Any, fits: bool
) -> None:
    assert is_allowed(Principal=principal) == fits


@pytest.mark.parametrize(
    ("principal", "fits"),
    [
        ({"AWS": ROOT}, False),
        ("*", False),
        ({"AWS": ["333333333333", FRIEND]}, False),
        ({"AWS": "333333333333"}, True),
        ({"Service": "events.amazonaws.com"}, True),
    ],
)
def test_not_principal_is_everybody_else(principal: Any, fits: bool) -> None:
    assert is_allowed(Principal=None, NotPrincipal=principal) == fits


@pytest.mark.parametrize(
    ("action", "fits"),
    [
        ("events:PutEvents", True),
        ("EVENTS:putevents", True),
        ("events:*", True),
        ("events:Put*", True),
        ("events:PutEvent?", True),
        ("*", True),
        (["events:PutRule", "events:PutEvents"], True),
        ("events:PutRule", False),
        ("events:PutEvent", False),
        ("events:PutEvents?", False),
        ([], False),
        (None, False),
    ],
)
def test_action_has_wildcards_and_no_case(action: Any, fits: bool) -> None:
    assert is_allowed(Action=action) == fits


def test_not_action_is_every_other_action() -> None:
    assert is_allowed(Action=None, NotAction="events:PutRule")
    assert not is_allowed(Action=None, NotAction=["events:Put*"])


@pytest.mark.parametrize(
    ("resource", "fits"),
    [
        (BUS, True),
        ("*", True),
        ("arn:aws:events:*:111111111111:event-bus/*", True),
        (BUS[:-1] + "?", True),
        ([BUS + "x", BUS], True),
        (BUS + "x", False),
        (BUS.upper(), False),
        (BUS + "?", False),
        (None, False),
    ],
)
def test_resource_has_wildcards_and_case(resource: Any, fits: bool) -> None:
    assert is_allowed(Resource=resource) == fits


def test_not_resource_is_every_other_resource() -> None:
    assert is_allowed(Resource=None, NotResource=BUS + "x")
    assert not is_allowed(Resource=None, NotResource="*")


@pytest.mark.parametrize("effect", ["allow", "ALLOW", None, 1, ["Allow"]])
def test_effect_is_one_of_two_words(effect: Any) -> None:
    assert not is_allowed(Effect=effect)


# -- conditions

# Operator, key, what the policy has, whether it holds for `BY_RULE`.
CASES: list[tuple[str, str, Any, bool]] = [
    ("StringEquals", "events:source", "com.shop", True),
    ("StringEquals", "EVENTS:Source", "com.shop", True),
    ("StringEquals", "events:source", ["x", "com.shop"], True),
    ("StringEquals", "events:source", "COM.SHOP", False),
    ("StringEquals", "events:source", "com.*", False),
    ("StringNotEquals", "events:source", "com.other", True),
    ("StringNotEquals", "events:source", "com.shop", False),
    ("StringNotEquals", "events:source", ["com.other", "com.shop"], False),
    ("StringEqualsIgnoreCase", "events:source", "COM.Shop", True),
    ("StringEqualsIgnoreCase", "events:source", "COM", False),
    ("StringNotEqualsIgnoreCase", "events:source", "COM.Shop", False),
    ("StringNotEqualsIgnoreCase", "events:source", "COM", True),
    ("StringLike", "events:source", "com.*", True),
    ("StringLike", "events:source", "com.sho?", True),
    ("StringLike", "events:source", "COM.*", False),
    ("StringLike", "events:source", "shop", False),
    ("StringNotLike", "events:source", "com.*", False),
    ("StringNotLike", "events:source", "org.*", True),
    ("ArnEquals", "aws:SourceArn", RULE, True),
    ("ArnEquals", "aws:SourceArn", WEST, True),
    ("ArnEquals", "aws:SourceArn", "arn:aws:*:us-west-?:*:rule/*", True),
    # A wildcard stays inside its part of the ARN.
    ("ArnEquals", "aws:SourceArn", "arn:*:rule/r", False),
    ("ArnEquals", "aws:SourceArn", "*", False),
    ("ArnEquals", "events:source", "*", False),
    ("ArnLike", "aws:SourceArn", f"arn:aws:events:*:{FRIEND}:rule/*", True),
    ("ArnLike", "aws:SourceArn", "arn:aws:events:eu-*:*:*", False),
    ("ArnNotEquals", "aws:SourceArn", WEST, False),
    ("ArnNotEquals", "aws:SourceArn", "arn:aws:events:eu-west-1:*:*", True),
    ("ArnNotLike", "aws:SourceArn", WEST, False),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:events:eu-west-1:*:*", True),
    ("Bool", "events:eventBusInvocation", "true", True),
    ("Bool", "events:eventBusInvocation", True, True),
    ("Bool", "events:eventBusInvocation", "TRUE", True),
    ("Bool", "events:eventBusInvocation", "false", False),
    ("Bool", "events:eventBusInvocation", False, False),
    ("Null", "aws:SourceArn", "false", True),
    ("Null", "aws:SourceArn", False, True),
    ("Null", "aws:SourceArn", "true", False),
    ("Null", "aws:SourceIp", "true", True),
    ("Null", "aws:SourceIp", "false", False),
    ("BinaryEquals", "events:source", "com.shop", True),
    ("BinaryEquals", "events:source", "x", False),
    ("NumericEquals", "aws:EpochTime", 1715685802, True),
    ("NumericEquals", "aws:EpochTime", "1715685802.0", True),
    ("NumericEquals", "aws:EpochTime", "nan", False),
    ("NumericEquals", "events:source", 1, False),
    ("NumericNotEquals", "aws:EpochTime", 1, True),
    ("NumericLessThan", "aws:EpochTime", 1715685803, True),
    ("NumericLessThan", "aws:EpochTime", 1715685802, False),
    ("NumericLessThanEquals", "aws:EpochTime", 1715685802, True),
    ("NumericGreaterThan", "aws:EpochTime", 1715685801, True),
    ("NumericGreaterThan", "aws:EpochTime", 1715685802, False),
    ("NumericGreaterThanEquals", "aws:EpochTime", 1715685802, True),
    ("DateEquals", "aws:CurrentTime", "2024-05-14T11:23:22Z", True),
    ("DateNotEquals", "aws:CurrentTime", "2024-05-14T11:23:22Z", False),
    ("DateLessThan", "aws:CurrentTime", "2024-05-15", True),
    ("DateLessThan", "aws:CurrentTime", "2024-05-14T11:23:22Z", False),
    ("DateLessThan", "aws:CurrentTime", "never", False),
    ("DateLessThanEquals", "aws:CurrentTime", "1715685802", True),
    ("DateGreaterThan", "aws:CurrentTime", "2024-05-14T00:00:00+00:00", True),
    ("DateGreaterThan", "aws:CurrentTime", "9" * 90, False),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2024-05-14T11:23:22Z", True),
    ("IpAddress", "aws:SourceIp", "0.0.0.0/0", False),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", True),
    ("StringEquals", "events:source", [], False),
    ("StringEquals", "events:source", None, False),
    ("StringEquals", "events:source", {"a": "com.shop"}, False),
]


@pytest.mark.parametrize(("operator", "key", "wanted", "expected"), CASES)
def test_an_operator_holds_as_documented(
    operator: str, key: str, wanted: Any, expected: bool
) -> None:
    assert holds(operator, key, wanted, BY_RULE) == expected


def test_every_operator_has_a_case_that_holds_or_one_that_does_not() -> None:
    assert {case[0] for case in CASES} == {*OPERATORS, "Null"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("10.0.0.0/8", True), ("10.1.2.3", True), ("11.0.0.0/8", False), ("x", False)],
)
def test_ip_addresses_are_compared_as_networks(wanted: str, expected: bool) -> None:
    context = {"aws:sourceip": "10.1.2.3"}

    assert holds("IpAddress", "aws:SourceIp", wanted, context) == expected
    assert holds("NotIpAddress", "aws:SourceIp", wanted, context) != expected


@pytest.mark.parametrize("name", OPERATORS)
def test_a_missing_key_fails_an_operator_and_passes_its_negation(name: str) -> None:
    is_negated = "Not" in name

    assert holds(name, "aws:None", "1", BY_RULE) == is_negated
    assert holds(f"{name}IfExists", "aws:None", "1", BY_RULE)
    assert holds(f"ForAllValues:{name}", "aws:None", "1", BY_RULE)
    assert not holds(f"ForAnyValue:{name}", "aws:None", "1", BY_RULE)
    assert holds(f"ForAnyValue:{name}IfExists", "aws:None", "1", BY_RULE)


@pytest.mark.parametrize("prefix", ["", "ForAnyValue:", "ForAllValues:"])
@pytest.mark.parametrize("suffix", ["", "IfExists"])
def test_prefix_and_suffix_change_nothing_for_a_key_that_is_there(
    prefix: str, suffix: str
) -> None:
    name = f"{prefix}StringEquals{suffix}"

    assert holds(name, "events:source", "com.shop", BY_RULE)
    assert not holds(name, "events:source", "com.other", BY_RULE)
    name = f"{prefix}StringNotEquals{suffix}"
    assert not holds(name, "events:source", "com.shop", BY_RULE)
    assert holds(name, "events:source", "com.other", BY_RULE)


def test_all_keys_of_all_operators_have_to_hold() -> None:
    condition = {
        "StringEquals": {"events:source": "com.shop", "events:detail-type": "old"},
        "Bool": BY_A_RULE,
    }
    verdict = decide(make_statement(Condition=condition))

    assert tell(verdict) == (None, "'s'", "StringEquals events:detail-type")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringResembles": {"events:source": "com.shop"}},
        {"stringequals": {"events:source": "com.shop"}},
        {"ForSomeValues:StringEquals": {"events:source": "com.shop"}},
        {"NullIfExists": {"events:source": "false"}},
        {"StringEquals": "com.shop"},
        ["StringEquals"],
        None,
    ],
)
def test_what_cannot_be_judged_never_opens_a_door(condition: Any) -> None:
    statement = {**make_statement(), "Condition": condition}

    assert decide(statement).effect is None
    assert decide({**statement, "Effect": "Deny"}).effect == DENY


# -- variables


def test_a_variable_stands_for_the_value_of_its_key() -> None:
    own_rules = {"aws:SourceArn": "arn:aws:events:*:${aws:PrincipalAccount}:rule/*"}
    own_name = {"events:source": "app-${aws:principalaccount}"}

    assert is_allowed(Condition={"ArnLike": own_rules})
    assert is_allowed(
        Condition={"StringEquals": own_name},
        context={**BY_RULE, "events:source": f"app-{FRIEND}"},
    )
    assert is_allowed(
        Resource="arn:aws:events:*:*:event-bus/${events:source}",
        context={**BY_RULE, "events:source": "b"},
    )


def test_a_variable_without_value_matches_nothing() -> None:
    condition = {"StringLike": {"events:source": ["*${aws:PrincipalOrgID}", "x"]}}

    assert not is_allowed(Condition=condition)
    assert not is_allowed(Resource="*${aws:PrincipalOrgID}")


def test_what_a_variable_brings_is_no_wildcard() -> None:
    context = {**BY_RULE, "events:source": "*"}

    assert not is_allowed(
        Condition={"StringLike": {"events:detail-type": "${events:source}"}},
        context=context,
    )
    assert is_allowed(
        Condition={"StringLike": {"events:source": "${*}"}}, context=context
    )
    assert not holds("StringLike", "events:source", "com${?}shop", BY_RULE)


def test_policies_of_the_older_version_have_no_variables() -> None:
    statement = when(StringEquals={"aws:PrincipalAccount": "${aws:PrincipalAccount}"})

    assert decide(statement).effect == ALLOW
    assert decide(statement, version="2008-10-17").effect is None


# -- never a crash

TEXT = st.sampled_from(
    [
        "*",
        "",
        "Allow",
        "Deny",
        "events:*",
        BUS,
        ROOT,
        "${aws:",
        "${x}",
        "1",
        "a:b:c:d:e:f",
    ]
) | st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)
NAME = st.sampled_from(["", "ForAnyValue:", "ForAllValues:", "x:"]).flatmap(
    lambda prefix: st.sampled_from([*OPERATORS, "Null", "IfExists", "X"]).flatmap(
        lambda name: st.sampled_from(["", "IfExists"]).map(
            lambda suffix: f"{prefix}{name}{suffix}"
        )
    )
)
CONDITION = JSON | st.dictionaries(
    NAME, JSON | st.dictionaries(st.sampled_from([*BY_RULE, "", "X"]), JSON, max_size=3)
)
STATEMENT = JSON | st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]) | JSON},
    optional={
        "Sid": JSON,
        "Principal": st.just("*") | JSON | st.fixed_dictionaries({"AWS": JSON}),
        "NotPrincipal": JSON,
        "Action": st.just("*") | JSON,
        "NotAction": JSON,
        "Resource": st.just("*") | JSON,
        "NotResource": JSON,
        "Condition": CONDITION,
    },
)


@given(statements=st.lists(STATEMENT, max_size=3) | JSON, version=JSON)
def test_any_json_is_a_policy_with_a_verdict(statements: Any, version: Any) -> None:
    policy = json.dumps({"Version": version, "Statement": statements})
    access = Access(
        account_id=FRIEND, action="events:PutEvents", resource=BUS, context=BY_RULE
    )

    assert judge(policy, access).effect in (ALLOW, DENY, None)


@given(text=st.text())
def test_any_text_is_a_policy_with_a_verdict(text: str) -> None:
    access = Access(
        account_id=FRIEND, action="events:PutEvents", resource=BUS, context=BY_RULE
    )

    assert judge(text, access).effect in (ALLOW, DENY, None)


@given(
    pattern=st.text("ab*?", max_size=8),
    text=st.text("ab", max_size=8),
)
def test_wildcards_match_as_a_regular_expression_does(pattern: str, text: str) -> None:
    import re

    expected = re.fullmatch(pattern.replace("*", ".*").replace("?", "."), text)

    assert match_wildcards(find_wildcards([(pattern, False)]), text) == bool(expected)


def test_many_wildcards_take_no_time() -> None:
    tokens = find_wildcards([("*a" * 100, False)])

    assert not match_wildcards(tokens, "a" * 2000 + "b")
