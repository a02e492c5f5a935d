"""Test files that cannot be read: file, line, what is wrong, and what was meant."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from evcli.authoring.cases.reading import read_schema
from tests.authoring.cases.conftest import run_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.authoring.cases.conftest import Done

EVENT = "{detail-type: A, source: s}"
CASE = f"tests: [{{name: x, event: {EVENT}, rules: []}}]"
BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    + [f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(10))}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
)  # fmt: skip

# Content of the file → what is said behind its name.
UNREADABLE = {
    # -- keys
    f"tests: [{{name: x, event: {EVENT}, rule: []}}]": (
        ":1: rule: unknown key 'rule'; did you mean rules?"
    ),
    f"tests: [{{name: x, evnt: {EVENT}, rules: []}}]": (
        ":1: evnt: unknown key 'evnt'; did you mean event?"
    ),
    "fromm: template.yaml\ntests: []": (
        ":1: fromm: unknown key 'fromm'; did you mean from?"
    ),
    "tests:\n  - name: x\n    event: {detailType: A}\n    rules: []": (
        ":3: event.detailType: unknown key 'detailType'; did you mean detail-type?"
    ),
    "tests: [{name: x, event: {Source: s, DetailType: t, details: {}}, rules: []}]": (
        ":1: event.details: unknown key 'details'; did you mean Detail?"
    ),
    "tests:\n- name: x\n  event: e\n  targets:\n    a/b: {payloads: {}}": (
        ":5: targets.a/b.payloads: unknown key 'payloads'; did you mean payload?"
    ),
    "rules: {r: {Pattern: {}}}\ntests: []": (
        ":1: rules.r.Pattern: unknown key 'Pattern'; did you mean EventPattern?"
    ),
    # -- what is missing, or has the wrong type
    "{}": ":1: it needs tests.",
    "[]": ":1: a test file is an object that has tests.",
    f"tests: [{{event: {EVENT}, rules: []}}]": ":1: it needs name.",
    "tests: [{name: x}]": ":1: it needs one of event, pattern, schedule.",
    f"tests: [{{name: x, event: {EVENT}}}]": (
        ":1: it needs one of rules, rules_include, rules_exclude, targets, fits_schema,"
        " error."
    ),
    "tests: [{name: x, event: {set: {a: 1}}, rules: []}]": (
        ":1: event.set: unknown key 'set'; known are version, id, detail-type, source,"
        " account, time, region, replay-name, resources, detail."
    ),
    f"tests: [{{name: '', event: {EVENT}, rules: []}}]": ":1: name: it is empty.",
    f"account: 123456789012\n{CASE}": ":1: account: 123456789012 has to be text.",
    f"version: 2\n{CASE}": ":1: version: 2 has to be 1.",
    f"now: yesterday\n{CASE}": (
        ":1: now: 'yesterday' is no time, such as 2026-01-31T12:00:00Z."
    ),
    f"now: 2026-02-30\n{CASE}": ":1: there is no 2026-02-30.",
    "tests: [{name: x, schedule: r, fires: [2026-02-30]}]": (
        ":1: there is no 2026-02-30."
    ),
    f"tests: [{{name: x, event: {EVENT}, rules: [], fail: {{r/t: alway}}}}]": (
        ":1: fail.r/t: 'alway' is none of what may stand here."
    ),
    f"tests:\n- {{name: x, event: {EVENT}, rules: []}}\n"
    f"- {{name: x, event: {EVENT}, rules: []}}": ":3: there is a test 'x' already.",
    f"now: 9999-12-31\n{CASE}": ":1: 9999-12-31 is not from 1970 to 2199.",
    f"now: 0001-01-01\n{CASE}": ":1: 0001-01-01 is not from 1970 to 2199.",
    f"tests: [{{name: x, event: {EVENT}, rules: [], wait_seconds: 1.0e+300}}]": (
        ":1: wait_seconds: 1e+300: 1e+300 is greater than the maximum of 604800."
    ),
    # -- events
    "tests: [{name: x, event: {source: s, detail-type: t, detail: {n: 1e999}},"
    " rules: []}]": (
        ":1: a number is larger than events may have."
    ),
    f"tests: [{{name: x, event: {{source: s, detail-type: t, detail: {{n: {'9' * 400}}}}},"
    " rules: []}]": (
        ":1: a number is larger than events may have."
    ),
    "events: {paid: {source: s}}\ntests: [{name: x, event: paied, rules: []}]": (
        ":2: there is no event paied; did you mean paid?"
    ),
    "tests: [{name: x, event: zzz, rules: []}]": (
        ":1: there is no event zzz among events; a file is file:PATH, a sample"
        " sample:NAME."
    ),
    "events: {a: {from: b}, b: {from: a}}\ntests: [{name: x, event: a, rules: []}]": (
        ":1: events refer to each other without end."
    ),
    "tests: [{name: x, event: 'sample:s3/object-creatd', rules: []}]": (
        ":1: There is no sample s3/object-creatd. Did you mean s3/object-created?"
    ),
    "tests: [{name: x, event: {from: 'sample:s3/object-created',"
    " set: {detail.object.kye: k}}, rules: []}]": (
        ":1: the event has no detail.object.kye. Did you mean detail.object.key?"
        " `add` adds it."
    ),
    "tests: [{name: x, event: {from: 'sample:s3/object-created', unset: [detail.no]},"
    " rules: []}]": (
        ":1: the event has no detail.no. Did you mean detail?"
    ),
    "tests: [{name: x, event: {from: 'sample:s3/object-created', add: {a..b: 1}},"
    " rules: []}]": (
        ":1: 'a..b' is no path; one is like detail.items[0].sku."
    ),
    "tests: [{name: x, event: 'file:no.json', rules: []}]": (
        ":1: there is no file no.json."
    ),
    "tests: [{name: x, event: 'file:a.evtest.yaml', rules: []}]": (
        ":1: a.evtest.yaml is neither an event nor an entry of put-events."
    ),
    # -- rules
    f"from: no.yaml\n{CASE}": ":1: no.yaml does not exist.",
    f"from: [a.evtest.yaml]\n{CASE}": (
        ":1: it is no template, plan or state that evcli knows; --format says what it is."
    ),
    f"rules:\n  r: {{EventPattern: {{source: s}}}}\n{CASE}": (
        ':2: r: Event pattern is not valid. Reason: "source" must be an object or an'
        ' array at [Source: (String)"{"source":"s"}"; line: 1, column: 12]'
    ),
    f"rules: {{r: {{EventPattern: {{source: [s]}}, Targets: [{{Id: a b, Arn: x}}]}}}}\n{CASE}": (
        ":1: r: 1 validation error detected: Value 'a b' at 'targets.1.member.id'"
    ),
    # -- YAML and JSON
    "tests: [": ":2: not YAML: did not find expected node content.",
    '{"tests": [}': ":1: not JSON: Expecting value (column 12).",
    "tests: &a [*a]": ":1: an alias stands for what it is in.",
    "tests: []\ntests: []": ":2: the key 'tests' is there twice.",
    "tests: !!python/object/apply:os.system [touch pwned]": (
        ":1: the tag tag:yaml.org,2002:python/object/apply:os.system is not for"
    ),
    BOMB: ": its aliases come to over 500000 values.",
    "[" * 100_000: ":1: not YAML: exceeded maximum nesting depth.",
}  # fmt: skip


@pytest.mark.parametrize("content", UNREADABLE, ids=lambda each: each[:60])
def test_what_is_wrong_is_said_with_its_line(
    run_text: Callable[..., Done], tmp_path: Path, content: str
) -> None:
    done = run_text(content)

    (problem,) = done.unreadable
    name, _, rest = f"{problem}".partition("a.evtest.yaml")
    assert name == ""
    assert UNREADABLE[content] in rest
    assert done.cases == {}
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == [
        "a.evtest.yaml"
    ]


@pytest.mark.parametrize("member", ["from: fifo", "events: {e: 'file:fifo'}"])
def test_a_pipe_is_not_waited_for(
    run_text: Callable[..., Done], tmp_path: Path, member: str
) -> None:
    os.mkfifo(tmp_path / "fifo")

    done = run_text(f"{member}\ntests: [{{name: x, event: e, rules: []}}]")

    assert len(done.unreadable) == 1


def test_a_pipe_as_a_test_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.evtest.yaml")

    assert run_files(tmp_path, "a.evtest.yaml").unreadable == [
        "a.evtest.yaml is not a file."
    ]


def test_what_cannot_be_read_keeps_nothing_else_from_being_run(shop: Path) -> None:
    (shop / "bad.evtest.yaml").write_text("tests: 1")

    done = run_files(shop, "bad.evtest.yaml", "rules.evtest.json")

    assert done.unreadable == ["bad.evtest.yaml:1: tests: 1 has to be a list."]
    assert len(done.cases) == 6


def test_the_schema_is_one(shop: Path) -> None:
    Draft202012Validator.check_schema(json.loads(read_schema()))


@pytest.mark.parametrize("definition", json.loads(read_schema())["$defs"])
def test_every_definition_of_the_schema_is_used(definition: str) -> None:
    assert f'"#/$defs/{definition}"' in read_schema()
