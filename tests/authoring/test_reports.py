"""Forms of results, read back by what reads them, with texts that want to break them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from evcli.authoring.reports import (
    CLEAN,
    ERROR,
    FORMATS,
    FOUND,
    INFO,
    PASSED,
    SKIPPED,
    WARNING,
    Report,
    Result,
    find_exit_code,
    list_lines,
    summarize,
)

HOSTILE = 'a"<b>\x1b[31m\x00\n::error::gotcha\r\n%0A, # \\ ]]> \ud800\U0001f600'
NO_CONTROLS = {0x00: "\ufffd", 0x1B: "\ufffd"}
RESULTS = [
    Result(INFO, "R/q", "no dead-letter queue", "set one", "a.yaml", 3, "EB310"),
    Result(ERROR, "R", "is a scalar", "write a list", "dir/b.json", 7, "EB101", 0.25),
    Result(WARNING, HOSTILE, HOSTILE, HOSTILE, "dir/b,c:%.json", None, "EB201"),
    Result(PASSED, "paid orders reach billing", file="t.evtest.yaml", line=4),
    Result(SKIPPED, "later", "not yet # never", file="t.evtest.yaml", line=9),
    Result(ERROR, "refunds", "expected [], got [audit]", "- a\n+ b", "t.evtest.yaml"),
]
CHECKS = {"EB101": "scalar", "EB201": "misspelt", "EB310": "no queue", "EB999": "none"}
REPORT = Report("evcli lint", RESULTS, CHECKS, 1.5)

# The members that SARIF 2.1.0 requires, and those that GitHub reads.
SARIF_CORE = {
    "type": "object",
    "required": ["version", "$schema", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "items": {
                                            "required": ["id", "shortDescription"]
                                        },
                                        "uniqueItems": True,
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "required": ["ruleId", "message", "level", "locations"],
                            "properties": {
                                "level": {"enum": ["error", "warning", "note"]},
                                "message": {"required": ["text"]},
                                "locations": {"$ref": "#/$defs/locations"},
                            },
                        }
                    },
                },
            },
        },
    },
    "$defs": {
        "locations": {
            "minItems": 1,
            "items": {
                "required": ["physicalLocation"],
                "properties": {
                    "physicalLocation": {
                        "required": ["artifactLocation"],
                        "properties": {
                            "artifactLocation": {
                                "properties": {
                                    "uri": {"pattern": "^[A-Za-z0-9/._~%:-]+$"}
                                }
                            },
                            "region": {
                                "required": ["startLine"],
                                "properties": {
                                    "startLine": {"type": "integer", "minimum": 1}
                                },
                            },
                        },
                    }
                },
            },
        }
    },
}


def test_sarif_has_what_the_standard_requires_and_only_findings() -> None:
    log = json.loads(FORMATS["sarif"](REPORT))

    jsonschema.validate(log, SARIF_CORE)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [*CHECKS, "test"]
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("EB310", "note"),
        ("EB101", "error"),
        ("EB201", "warning"),
        ("test", "error"),
    ]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])


def test_a_fingerprint_of_sarif_does_not_change_with_the_line() -> None:
    moved = [each._replace(line=99) for each in RESULTS]
    marks = [
        [each["partialFingerprints"] for each in json.loads(text)["runs"][0]["results"]]
        for text in (
            FORMATS["sarif"](REPORT),
            FORMATS["sarif"](REPORT._replace(results=moved)),
        )
    ]

    assert marks[0] == marks[1]
    assert len({str(mark) for mark in marks[0]}) == 4


def test_junit_is_read_back_with_every_count_and_no_two_cases_of_one_name() -> None:
    twice = [*RESULTS, RESULTS[1]]
    text = FORMATS["junit"](REPORT._replace(results=twice)).replace("\ud800", "?")
    root = ElementTree.fromstring(text.encode())

    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "7",
        "failures": "5",
        "skipped": "1",
    }
    cases = [
        (case.get("classname"), case.get("name")) for case in root.iter("testcase")
    ]
    assert cases == [
        ("a_yaml", "EB310 R/q"),
        ("dir.b_json", "EB101 R"),
        ("dir.b_json", "EB101 R (2)"),
        ("dir.b,c:%_json", cases[3][1]),
        ("t_evtest_yaml", "paid orders reach billing"),
        ("t_evtest_yaml", "later"),
        ("t_evtest_yaml", "refunds"),
    ]
    failure = root.findall(".//failure")[1]
    assert failure.attrib == {"message": "is a scalar", "type": "error EB101"}
    assert failure.text == "dir/b.json:7\nis a scalar\nwrite a list"
    assert root.find(".//skipped") is not None


def test_commands_for_github_escape_what_would_begin_another_one() -> None:
    lines = FORMATS["github"](REPORT).splitlines()

    # By its rules: a command ends its line, and properties end at two colons.
    assert [line.split("::")[1] for line in lines[:-1]] == [
        "error file=dir/b.json,line=7,title=EB101",
        "error file=t.evtest.yaml,title=refunds",
        "warning file=dir/b%2Cc%3A%25.json,title=EB201",
        "notice file=a.yaml,line=3,title=EB310",
    ]
    assert lines[-1] == "2 errors, 1 warning, 1 remark, 1 passed, 1 skipped"
    message = lines[2].split("::", 2)[2]
    assert message.replace("%0D", "\r").replace("%0A", "\n").replace(
        "%25", "%"
    ) == f"{HOSTILE}: {HOSTILE}\n{HOSTILE}".translate(NO_CONTROLS)


def test_tap_has_a_point_for_every_result_and_facts_that_yaml_reads() -> None:
    lines = FORMATS["tap"](REPORT).split("\n")

    points = [line for line in lines if line.startswith(("ok", "not ok"))]
    assert lines[:2] == ["TAP version 14", "1..6"]
    assert points[0] == "not ok 1 - EB310 R/q"
    assert points[3] == "ok 4 - paid orders reach billing"
    assert points[4] == "ok 5 - later # SKIP not yet \\# never"
    assert " \\# \\\\ " in points[2]
    blocks = "\n".join(lines).split("\n  ---\n")[1:]
    facts = [yaml.safe_load(block.split("\n  ...")[0]) for block in blocks]
    assert facts[1] == {
        "message": "is a scalar",
        "severity": "error",
        "details": "write a list",
        "at": {"file": "dir/b.json", "line": 7},
    }
    assert facts[3]["details"] == "- a\n+ b"


def test_json_lists_every_result_without_what_it_lacks() -> None:
    assert json.loads(FORMATS["json"](REPORT))[3] == {
        "Level": "passed",
        "Name": "paid orders reach billing",
        "File": "t.evtest.yaml",
        "Line": 4,
    }


def test_people_read_one_line_and_how_to_mend_it_for_each_finding() -> None:
    lines = [line for line, _ in list_lines(REPORT)]

    assert lines[:4] == [
        "a.yaml:3: info EB310  R/q: no dead-letter queue",
        "    set one",
        "dir/b.json:7: error EB101  R: is a scalar",
        "    write a list",
    ]
    assert not any("\n" in line or line.startswith("::") for line in lines)
    assert lines[-1] == summarize(RESULTS)


@pytest.mark.parametrize(
    ("levels", "fails_on", "code"),
    [
        ([], INFO, CLEAN),
        ([PASSED, SKIPPED], INFO, CLEAN),
        ([INFO], INFO, FOUND),
        ([INFO], WARNING, CLEAN),
        ([WARNING], WARNING, FOUND),
        ([WARNING], ERROR, CLEAN),
        ([PASSED, ERROR], ERROR, FOUND),
    ],
)
def test_a_run_fails_for_findings_that_are_bad_enough(
    levels: list[str], fails_on: str, code: int
) -> None:
    assert find_exit_code([Result(each, "r") for each in levels], fails_on) == code
