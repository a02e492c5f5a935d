"""Pages, tokens and conflicts against botocore's paginator."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.output.pagination import (
    check_paging_options,
    choose_pagination,
    fetch_pages,
)
from evcli.cli.output.rendering import RenderedResponse
from evcli.errors import ParamValidationError
from evcli.model import get_operation
from evcli.model.shapes import Operation, Pagination

NAMES = [f"rule-{number}" for number in range(7)]


def find_operation(name: str) -> Operation:
    operation = get_operation(name)
    assert operation is not None
    return operation


LIST_NAMES = find_operation("ListRuleNamesByTarget")
PAGINATION = Pagination("RuleNames", automatic=True)


class Service:
    """Lists `NAMES` with tokens `p1`, `p2` … and remembers what it was asked."""

    def __init__(self, page_size: int = 3) -> None:
        self.page_size = page_size
        self.requests: list[dict[str, Any]] = []

    def call(self, **request: Any) -> dict[str, Any]:
        self.requests.append(dict(request))
        size = request.get("Limit", self.page_size)
        page = int(request.get("NextToken", "p0")[1:])
        names = NAMES[page * size : (page + 1) * size]
        response: dict[str, Any] = {"RuleNames": names}
        if (page + 1) * size < len(NAMES):
            response["NextToken"] = f"p{page + 1}"
        return response


def list_names(service: Service, **options: Any) -> dict[str, Any]:
    pages = fetch_pages(
        lambda request: service.call(**request),
        PAGINATION,
        {"TargetArn": "arn:t"},
        options,
    )
    result: dict[str, Any] = RenderedResponse(LIST_NAMES, pages).get_result()
    return result


def list_names_as_peer(service: Service, **options: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jmespath
        from botocore.paginate import PageIterator
    iterator = PageIterator(
        method=service.call,
        input_token=["NextToken"],
        output_token=[jmespath.compile("NextToken")],
        more_results=None,
        result_keys=[jmespath.compile("RuleNames")],
        non_aggregate_keys=[],
        limit_key="Limit",
        max_items=options.get("max_items"),
        starting_token=options.get("starting_token"),
        page_size=options.get("page_size"),
        op_kwargs={"TargetArn": "arn:t"},
    )
    result: dict[str, Any] = iterator.build_full_result()
    return result


@pytest.mark.parametrize("page_size", [None, 1, 2, 3, 7, 50])
@pytest.mark.parametrize("max_items", [None, -1, 0, 1, 2, 3, 4, 6, 7, 8])
@pytest.mark.parametrize(
    "starting_token",
    [
        None,
        "p1",
        "p1___1",
        "None___2",
        "p1___x",
        "not base64!",
        "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
        "eyJOZXh0VG9rZW4iOiAicDEifQ==",
        "eyJOZXh0VG9rZW4iOiAicDEiLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
    ],
)
def test_pages_requests_and_tokens_equal_the_peers(
    page_size: int | None, max_items: int | None, starting_token: str | None
) -> None:
    options = {
        "page_size": page_size,
        "max_items": max_items,
        "starting_token": starting_token,
    }
    ours, theirs = Service(), Service()

    outcomes = []
    for list_all, service in ((list_names, ours), (list_names_as_peer, theirs)):
        try:
            outcomes.append(list_all(service, **options))
        except ValueError as error:  # the service's own, for a token it cannot read
            outcomes.append({"error": str(error)})

    assert outcomes[0] == outcomes[1]
    assert list(outcomes[0]) == list(outcomes[1])
    assert ours.requests == theirs.requests


@pytest.mark.parametrize("max_items", range(1, 8))
def test_continuing_from_token_to_token_gives_every_item_once(max_items: int) -> None:
    seen: list[str] = []
    token = None

    while True:
        answer = list_names(Service(), max_items=max_items, starting_token=token)
        seen += answer["RuleNames"]
        token = answer.get("NextToken")
        if token is None:
            break

    assert seen == NAMES


def test_tokens_are_the_recorded_ones() -> None:
    inside = list_names(Service(), max_items=1)
    boundary = list_names(Service(), max_items=3)
    exact = list_names(Service(), max_items=7)

    assert inside == {
        "RuleNames": NAMES[:1],
        "NextToken": "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
    }
    assert boundary == {
        "RuleNames": NAMES[:3],
        "NextToken": "eyJOZXh0VG9rZW4iOiAicDEifQ==",
    }
    assert exact == {"RuleNames": NAMES}


@pytest.mark.parametrize(
    "token",
    ["MTIz", "eyJib3RvX3RydW5jYXRlX2Ftb3VudCI6ICJ4In0=", "a___b___c"],
)
def test_a_token_of_another_kind_is_refused(token: str) -> None:
    with pytest.raises(GeneralError) as caught:
        list_names(Service(), starting_token=token)

    assert caught.value.message == f"Bad starting token: {token}"


def test_an_empty_starting_token_is_sent_for_the_check_to_refuse() -> None:
    requests: list[dict[str, Any]] = []

    def call(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        return {"RuleNames": []}

    list(fetch_pages(call, PAGINATION, {}, {"starting_token": ""}))

    assert requests == [{"NextToken": ""}]


@pytest.mark.parametrize(
    ("operation_name", "request_", "options"),
    [
        ("ListRuleNamesByTarget", {}, {"no_paginate": True}),
        ("ListRuleNamesByTarget", {"NextToken": "p1"}, {}),
        ("ListRuleNamesByTarget", {"Limit": 3}, {}),
        ("ListArchives", {}, {}),
        ("DescribeRule", {"Name": "r"}, {"no_paginate": True}),
    ],
)
def test_one_call_is_made_when_pages_are_not_followed(
    operation_name: str, request_: dict[str, Any], options: dict[str, Any]
) -> None:
    operation = find_operation(operation_name)

    assert choose_pagination(operation, request_, options) is None


@pytest.mark.parametrize(
    ("given", "options", "used"),
    [
        ((), {"no_paginate": True, "max_items": 3}, "--max-items"),
        (
            (),
            {
                "no_paginate": True,
                "max_items": 1,
                "page_size": 2,
                "starting_token": "x",
            },
            "--starting-token, --page-size, --max-items",
        ),
        (("Limit",), {"page_size": 3}, "--page-size"),
        (("NextToken", "TargetArn"), {"max_items": 3}, "--max-items"),
    ],
)
def test_paging_options_conflict_with_no_paginate(
    given: tuple[str, ...], options: dict[str, Any], used: str
) -> None:
    with pytest.raises(ParamError) as caught:
        check_paging_options(LIST_NAMES, given, options)

    assert caught.value.message == (
        f"Cannot specify --no-paginate along with pagination arguments: {used}"
    )


@pytest.mark.parametrize(
    ("operation_name", "given", "options"),
    [
        ("ListRuleNamesByTarget", (), {"max_items": 3, "page_size": 1}),
        ("ListRuleNamesByTarget", (), {"no_paginate": True, "max_items": 0}),
        ("ListRuleNamesByTarget", ("Limit",), {"starting_token": ""}),
        ("ListArchives", ("Limit",), {"no_paginate": True}),
    ],
)
def test_paging_options_without_conflict_pass(
    operation_name: str, given: tuple[str, ...], options: dict[str, Any]
) -> None:
    operation = find_operation(operation_name)

    problem = check_paging_options(operation, given, options)  # type: ignore[func-returns-value]  # raises or not

    assert problem is None


def test_a_page_asked_for_in_a_document_makes_paging_options_unknown() -> None:
    with pytest.raises(ParamValidationError) as caught:
        choose_pagination(find_operation("ListRules"), {"Limit": 5}, {"max_items": 3})

    assert caught.value.problems == [
        'Unknown parameter in input: "PaginationConfig", must be one of: '
        "NamePrefix, EventBusName, NextToken, Limit"
    ]


@pytest.mark.parametrize(("max_items", "count"), [(0, 1), (-2, 1), (1, 0), (None, 0)])
def test_max_items_below_one_warns_once(max_items: int | None, count: int) -> None:
    lines: list[str] = []

    chosen = choose_pagination(LIST_NAMES, {}, {"max_items": max_items}, lines.append)

    assert chosen is LIST_NAMES.pagination

    assert lines == count * [
        "warning: Non-positive values for --max-items may result in undefined behavior."
    ]
