"""Whatever stands in a file, what comes of it is a description or a sentence."""

from __future__ import annotations

import copy
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from evcli.errors import EvcliError
from evcli.infrastructure.changes import list_changes
from evcli.infrastructure.sources import parse_source
from tests.infrastructure.conftest import SAMPLES, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evcli.context import Context

pytestmark = pytest.mark.slow

JUNK: list[Any] = [
    None, 1, True, "x", "", [], {}, [None], [[]], {"a": None}, {"Ref": "x"},
    {"Fn::GetAtt": ["Bus", "Arn"]}, {"references": ["a.b.c", 1]}, ["a", {"b": 1}],
]  # fmt: skip


def list_paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from list_paths(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from list_paths(item, (*path, i))


def mutate(document: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every part replaced by junk, two kinds each; every part taken away."""
    for number, path in enumerate(list_paths(document)):
        for junk in (JUNK[number % len(JUNK)], JUNK[(number * 5 + 3) % len(JUNK)]):
            yield path, replace(document, path, junk)
        if path:
            yield path, remove(document, path)


def replace(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return changed


def remove(document: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(document)
    part = changed
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    return changed


def find_refusal(path: Path) -> str | None:
    """Why a file cannot be read; `None` if it can."""
    try:
        read(path)
    except EvcliError as error:
        return error.message
    return None


@pytest.mark.parametrize(
    "name", ["template.yaml", "sam.yaml", "plan.json", "serverless/.serverless/cloudformation-template-update-stack.json"]
)  # fmt: skip
def test_no_mutation_of_a_file_ends_in_a_traceback(name: str, tmp_path: Path) -> None:
    text = (SAMPLES / "same" / name).read_text()
    document = parse_source(name, text).value
    path = tmp_path / "file.json"
    outcomes = set()

    for where, mutated in mutate(document):
        path.write_text(json.dumps(mutated))
        refusal = find_refusal(path)
        outcomes.add("read" if refusal is None else "refused")
        assert refusal is None or str(path) in refusal, where

    assert outcomes == {"read", "refused"}


def test_no_mutation_of_a_manifest_ends_in_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "cdk.out"
    shutil.copytree(SAMPLES / "cdk" / "cdk.out", folder)
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    # Only what is read of it; the rest is long.
    document["artifacts"] = {
        name: {key: artifact[key] for key in ("type", "environment", "properties") if key in artifact}
        for name, artifact in document["artifacts"].items()
        if name in ("Parts", "Parts.assets", "assembly-Prod")
    }  # fmt: skip

    for where, mutated in mutate(document):
        path.write_text(json.dumps(mutated))
        refusal = find_refusal(folder)
        assert refusal is None or str(folder) in refusal, where


def test_no_mutation_of_a_language_extension_ends_in_a_traceback(
    tmp_path: Path,
) -> None:
    text = """
Parameters: {P: {Type: CommaDelimitedList, Default: "a,b"}}
Mappings: {M: {a: {k: v}}}
Conditions: {C: !And [!Equals [!Ref AWS::Region, x], !Not [!Equals [a, b]]]}
Resources:
  Fn::ForEach::L:
    - N
    - !Ref P
    - R${N}:
        Type: AWS::Events::Rule
        Properties:
          Name: !Join ["-", [!Ref N, !Select [0, !Split [",", "x,y"]], !FindInMap [M, a, k]]]
          EventPattern: {source: [!Sub ["${N}-${X}", {X: !If [C, a, !Base64 b]}]]}
          Description: {Fn::ToJsonString: {n: {Fn::Length: !Ref P}}}
"""
    document = parse_source("x.yaml", text).value
    path = tmp_path / "t.yaml"

    for where, mutated in mutate(document):
        path.write_text(yaml.safe_dump(mutated))
        refusal = find_refusal(path)
        assert refusal is None or str(path) in refusal, where


ALL_TYPES = """
Resources:
  B: {Type: "AWS::Events::EventBus", Properties: {Name: b, Policy: {Version: x, Statement: []}, LogConfig: {Level: INFO}, Tags: [{Key: a, Value: b}]}}
  S: {Type: "AWS::Events::EventBusPolicy", Properties: {EventBusName: !Ref B, StatementId: s, Statement: {Effect: Allow}}}
  O: {Type: "AWS::Events::EventBusPolicy", Properties: {StatementId: s, Action: "events:PutEvents", Principal: "*"}}
  R: {Type: "AWS::Events::Rule", Properties: {Name: r, EventBusName: !Ref B, EventPattern: {source: [s]}, Tags: [{Key: a, Value: b}], Targets: [{Id: t, Arn: !GetAtt D.Arn, RoleArn: "arn:aws:iam::1:role/r", HttpParameters: {HeaderParameters: {a: b}}}]}}
  A: {Type: "AWS::Events::Archive", Properties: {ArchiveName: a, SourceArn: !GetAtt B.Arn, RetentionDays: 1, EventPattern: {source: [s]}}}
  C: {Type: "AWS::Events::Connection", Properties: {Name: c, AuthorizationType: BASIC, AuthParameters: {BasicAuthParameters: {Username: u, Password: p}, InvocationHttpParameters: {HeaderParameters: [{Key: k, Value: v}]}}}}
  D: {Type: "AWS::Events::ApiDestination", Properties: {Name: d, ConnectionArn: !GetAtt C.Arn, InvocationEndpoint: "https://example.com", HttpMethod: POST}}
  E: {Type: "AWS::Events::Endpoint", Properties: {Name: e, ReplicationConfig: {State: DISABLED}, EventBuses: [{EventBusArn: !GetAtt B.Arn}, {EventBusArn: "arn:aws:events:us-east-1:123456789012:event-bus/b"}], RoutingConfig: {FailoverConfig: {Primary: {HealthCheck: "arn:aws:route53:::healthcheck/1"}, Secondary: {Route: us-east-1}}}}}
"""  # fmt: skip


def test_no_mutation_ends_in_a_traceback_when_it_is_carried_out(
    ctx: Context, tmp_path: Path
) -> None:
    document = parse_source("x.yaml", ALL_TYPES).value
    path = tmp_path / "t.json"
    outcomes = set()

    for where, mutated in mutate(document):
        path.write_text(json.dumps(mutated))
        try:
            refusal = None
            list_changes(ctx, read(path))
        except EvcliError as error:
            refusal = error.message
        outcomes.add("read" if refusal is None else "refused")
        assert refusal is None or str(path) in refusal, where

    assert outcomes == {"read", "refused"}
