"""The declarations are the service model: nothing missing, nothing invented.

Both are written out as flat facts, path by path, and compared in both directions with
the `events` model of the installed client. Source: [doc].
"""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader

from evcli import errors
from evcli.model import INDEX, find_operation, load_family
from evcli.model.shapes import Operation, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILIES = sorted({family for family, _ in INDEX.values()})
OPERATIONS = [load_family(family)[name] for name, (family, _) in INDEX.items()]


@cache
def load_service_model() -> dict[str, Any]:
    model: dict[str, Any] = Loader().load_service_model("events", "service-2")
    return model


@cache
def load_paginators() -> dict[str, Any]:
    model = Loader().load_service_model("events", "paginators-1")
    paginators: dict[str, Any] = model["pagination"]
    return paginators


def list_declared_facts(operation: Operation) -> dict[str, Any]:
    facts: dict[str, Any] = {"errors": operation.errors}
    for place in ("request", "response"):
        shape = getattr(operation, place)
        facts[place] = None if shape is None else shape.name
        if shape is not None:
            facts.update(walk_declaration(shape, place))
    return facts


def walk_declaration(shape: Shape, path: str) -> Iterator[tuple[str, Any]]:
    yield f"{path} shape", (shape.kind, shape.name)
    yield f"{path} min", shape.min
    yield f"{path} max", shape.max
    yield f"{path} regex", shape.regex
    yield f"{path} enum", shape.enum
    yield f"{path} sensitive", shape.sensitive
    yield f"{path} members", tuple(shape.members)
    required = [name for name, member in shape.members.items() if member.required]
    yield f"{path} required", tuple(required)
    for name, member in shape.members.items():
        yield from walk_declaration(member.shape, f"{path}.{name}")
    for step in ("element", "key", "value"):
        inner = getattr(shape, step)
        if inner is not None:
            yield from walk_declaration(inner, f"{path}.<{step}>")


def list_modelled_facts(model: dict[str, Any], name: str) -> dict[str, Any]:
    operation = model["operations"][name]
    errors_ = tuple(error["shape"] for error in operation.get("errors", []))
    facts: dict[str, Any] = {"errors": errors_}
    for place, key in (("request", "input"), ("response", "output")):
        shape = operation.get(key)
        facts[place] = None if shape is None else shape["shape"]
        if shape is not None:
            facts.update(walk_model(model, shape["shape"], place))
    return facts


def walk_model(
    model: dict[str, Any], name: str, path: str
) -> Iterator[tuple[str, Any]]:
    shape = model["shapes"][name]
    yield f"{path} shape", (shape["type"], name)
    yield f"{path} min", shape.get("min")
    yield f"{path} max", shape.get("max")
    yield f"{path} regex", shape.get("pattern")
    yield f"{path} enum", tuple(shape.get("enum", ()))
    yield f"{path} sensitive", shape.get("sensitive", False)
    yield f"{path} members", tuple(shape.get("members", ()))
    yield f"{path} required", tuple(shape.get("required", ()))
    for member, place in shape.get("members", {}).items():
        yield from walk_model(model, place["shape"], f"{path}.{member}")
    for step, key in (("element", "member"), ("key", "key"), ("value", "value")):
        if key in shape:
            yield from walk_model(model, shape[key]["shape"], f"{path}.<{step}>")


def list_differences(operation: Operation, model: dict[str, Any]) -> list[str]:
    declared = list_declared_facts(operation)
    modelled = list_modelled_facts(model, operation.name)
    return [
        f"{path}: {declared.get(path)!r} here, {modelled.get(path)!r} in the model"
        for path in sorted({*declared, *modelled})
        if declared.get(path) != modelled.get(path)
    ]


def list_shapes(shape: Shape) -> Iterator[Shape]:
    yield shape
    for member in shape.members.values():
        yield from list_shapes(member.shape)
    for inner in (shape.element, shape.key, shape.value):
        if inner is not None:
            yield from list_shapes(inner)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_declaration_equals_the_service_model(operation: Operation) -> None:
    model = load_service_model()

    differences = list_differences(operation, model)

    assert differences == []


def test_every_kind_of_drift_is_reported() -> None:
    model = copy.deepcopy(load_service_model())
    shapes = model["shapes"]
    shapes["RuleName"]["max"] = 65
    shapes["RuleName"]["pattern"] = ".*"
    shapes["ScheduleExpression"]["min"] = 1
    shapes["RuleState"]["enum"].append("ASLEEP")
    shapes["RuleDescription"]["sensitive"] = True
    shapes["PutRuleRequest"]["required"] = ["Name", "State"]
    shapes["PutRuleRequest"]["members"]["Colour"] = {"shape": "RuleName"}
    del shapes["PutRuleRequest"]["members"]["RoleArn"]
    model["operations"]["PutRule"]["errors"].pop()
    operation = find_operation("PutRule")

    paths = {line.partition(":")[0] for line in list_differences(operation, model)}

    assert paths >= {
        "errors",
        "request members",
        "request required",
        "request.Colour shape",
        "request.Description sensitive",
        "request.Name max",
        "request.Name regex",
        "request.RoleArn shape",
        "request.ScheduleExpression min",
        "request.State enum",
    }


def test_operations_are_those_of_the_service_model() -> None:
    model = load_service_model()

    declared = [operation.name for operation in OPERATIONS]

    assert declared == sorted(model["operations"])


def test_automatic_pagination_is_that_of_the_service_model() -> None:
    paginators = load_paginators()

    automatic = {
        operation.name: {
            "input_token": "NextToken",
            "output_token": "NextToken",
            "limit_key": operation.pagination.limit,
            "result_key": operation.pagination.result,
        }
        for operation in OPERATIONS
        if operation.pagination is not None and operation.pagination.automatic
    }

    assert automatic == paginators


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_operation_pages_exactly_when_it_takes_a_token(operation: Operation) -> None:
    takes_token = "NextToken" in operation.request.members

    pagination = operation.pagination

    assert (pagination is not None) == takes_token
    if pagination is not None:
        assert operation.response is not None
        assert pagination.limit in operation.request.members
        assert operation.response.members[pagination.result].shape.kind == "list"


def test_operations_that_only_read_are_those_that_describe_list_and_test() -> None:
    by_name = re.compile("Describe|List|TestEventPattern")

    reading = [operation.name for operation in OPERATIONS if operation.reads_only]

    assert reading == [name for name in INDEX if by_name.match(name)]


@pytest.mark.parametrize("family", FAMILIES)
def test_index_equals_the_declarations_of_the_family(family: str) -> None:
    indexed = {name for name, (place, _) in INDEX.items() if place == family}

    declared = {name: operation.name for name, operation in load_family(family).items()}

    assert declared == {name: name for name in indexed}


def test_no_shape_is_declared_twice() -> None:
    places: dict[str, set[int]] = {}
    for operation in OPERATIONS:
        for root in (operation.request, operation.response):
            for shape in list_shapes(root) if root is not None else ():
                places.setdefault(shape.name, set()).add(id(shape))

    twice = {name for name, objects in places.items() if len(objects) > 1}

    assert twice == set()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_enum_order_of_messages_holds_the_same_values(operation: Operation) -> None:
    enums = [shape for shape in list_shapes(operation.request) if shape.enum]

    orders = [sorted(shape.enum_order) for shape in enums]

    assert orders == [sorted(shape.enum) for shape in enums]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_declared_error_has_its_class(operation: Operation) -> None:
    classes = [getattr(errors, code, None) for code in operation.errors]

    known = [isinstance(each, type) for each in classes]

    assert known == [True] * len(operation.errors)


@pytest.mark.parametrize("family", FAMILIES)
def test_family_loads_no_other_family(family: str) -> None:
    script = (
        f"import sys, evcli.model.{family}; "
        "print(*sorted(name for name in sys.modules if name.startswith('evcli')))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()

    assert loaded == sorted(
        [
            "evcli",
            "evcli.model",
            f"evcli.model.{family}",
            "evcli.model.shapes",
            "evcli.model.shared",
        ]
    )
