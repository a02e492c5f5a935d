"""What a checker found, and the forms in which others want to read it.

`lint` and `test` make a list of results; each form is a function from them to text. How
results look to people is the commands' own affair, but for `list_lines`, which tells
findings.

Source: [doc] of each form: TAP 14, SARIF 2.1.0, the workflow commands of GitHub Actions.
There is no schema of JUnit's; [doc] GitLab and [peer] Jenkins say what they read.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import NamedTuple
from urllib.parse import quote

from evcli import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

ERROR, WARNING, INFO = "error", "warning", "info"
PASSED, SKIPPED = "passed", "skipped"
# From the worst to the mildest; a test that fails is an error.
FINDINGS = (ERROR, WARNING, INFO)

# Exit codes of checkers. Source: [peer] pytest and others use them so.
CLEAN, FOUND, UNREADABLE, NOTHING = 0, 1, 2, 5

# What SARIF names a result without a check by.
TEST_CHECK = "test"
SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
SARIF_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
GITHUB_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
# Lines and what ends them excepted.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Nothing that XML 1.0 can hold, however it is written.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Result(NamedTuple):
    """A finding, or a test and what became of it.

    Attributes:
        level: one of `FINDINGS`, or PASSED or SKIPPED.
        name: of the test; of a finding what it is about: `R/target`, `detail.state`.
        message: what is wrong, or why it was skipped; one line.
        details: further lines: how to mend it, expected and got.
        file: as it was named, "" for none; `line` counts from 1.
        check: id of the check, such as `EB101`; "" for a test.
        seconds: how long it took.
    """

    level: str
    name: str
    message: str = ""
    details: str = ""
    file: str = ""
    line: int | None = None
    check: str = ""
    seconds: float = 0.0


class Report(NamedTuple):
    """The results of a run.

    Attributes:
        title: what ran: `evcli local lint`.
        results: in the order in which people should read them.
        checks: id → what the check finds, for forms that list them.
        seconds: how long the run took.
    """

    title: str
    results: Sequence[Result]
    checks: Mapping[str, str] = {}
    seconds: float = 0.0


def find_exit_code(results: Sequence[Result], fails_on: str = INFO) -> int:
    """Say how a run ends: CLEAN, or FOUND if a finding is as bad as `fails_on`."""
    failing = FINDINGS[: FINDINGS.index(fails_on) + 1]
    return FOUND if any(each.level in failing for each in results) else CLEAN


def count_levels(results: Sequence[Result]) -> dict[str, int]:
    """Count the results of each level, those that occur."""
    levels = (*FINDINGS, PASSED, SKIPPED)
    counts = {level: sum(each.level == level for each in results) for level in levels}
    return {level: count for level, count in counts.items() if count}


def summarize(results: Sequence[Result]) -> str:
    """Say in a few words what was found: `2 errors, 1 warning`."""
    words = {PASSED: ("passed", "passed"), SKIPPED: ("skipped", "skipped")}
    words |= {INFO: ("remark", "remarks")}
    return ", ".join(
        f"{count:,} {words.get(level, (level, f'{level}s'))[count != 1]}"
        for level, count in count_levels(results).items()
    )


def list_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Tell findings to people: lines, each with the level that colours it, or ""."""
    for each in report.results:
        if each.level not in FINDINGS:
            continue
        where = format_location(each)
        about = f"{fold(each.name)}: " if each.name else ""
        head = f"{where}: " if where else ""
        yield (
            f"{head}{each.level} {each.check}  {about}{fold(each.message)}",
            each.level,
        )
        for line in each.details.splitlines():
            yield f"    {fold(line)}", ""
    yield summarize(report.results) or "nothing found", ""


def format_location(result: Result) -> str:
    """`FILE:LINE`, as far as they are known."""
    return result.file if result.line is None else f"{result.file}:{result.line}"


def fold(text: str) -> str:
    """Bring text onto one line, without control characters; others wrote it."""
    return CONTROLS.sub("\ufffd", " ".join(text.split()))


# -- forms


def format_json(report: Report) -> str:
    """Write a list of the results; what a result does not have is left out."""
    results = [
        {
            "Level": each.level,
            "Check": each.check or None,
            "Name": each.name,
            "Message": each.message or None,
            "Details": each.details or None,
            "File": each.file or None,
            "Line": each.line,
            "Seconds": round(each.seconds, 6) or None,
        }
        for each in report.results
    ]
    kept = [
        {name: value for name, value in each.items() if value is not None}
        for each in results
    ]
    return json.dumps(kept, ensure_ascii=False, indent=4) + "\n"


def format_junit(report: Report) -> str:
    """Write XML as JUnit's, a suite for each file; every result is a test case."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", name=report.title)
    _count_cases(root, report.results, report.seconds)
    taken: dict[tuple[str, str], int] = {}
    for file in dict.fromkeys(each.file for each in report.results):
        results = [each for each in report.results if each.file == file]
        suite = ElementTree.SubElement(
            root, "testsuite", name=_to_xml(file or report.title)
        )
        _count_cases(suite, results, sum(each.seconds for each in results))
        for each in results:
            _add_case(suite, each, _name_case(each, taken))
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def _count_cases(element: Any, results: Sequence[Result], seconds: float) -> None:
    counts = count_levels(results)
    element.set("tests", str(len(results)))
    element.set("failures", str(sum(counts.get(level, 0) for level in FINDINGS)))
    element.set("errors", "0")
    element.set("skipped", str(counts.get(SKIPPED, 0)))
    element.set("time", f"{seconds:.6f}")


def _name_case(result: Result, taken: dict[tuple[str, str], int]) -> str:
    """Name a test case: of two with one name, GitLab would show the first only."""
    name = _to_xml(fold(f"{result.check} {result.name}"))
    number = taken[result.file, name] = taken.get((result.file, name), 0) + 1
    return name if number == 1 else f"{name} ({number})"


def _add_case(suite: Any, result: Result, name: str) -> None:
    from xml.etree import ElementTree

    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=name,
        # A dot parts packages from classes.
        classname=_to_xml(result.file.replace(".", "_").replace("/", ".") or "evcli"),
        time=f"{result.seconds:.6f}",
    )
    if result.file:
        case.set("file", _to_xml(result.file))
    if result.line is not None:
        case.set("line", str(result.line))
    message = _to_xml(result.message)
    if result.level == SKIPPED:
        ElementTree.SubElement(case, "skipped", message=message)
    elif result.level in FINDINGS:
        kind = f"{result.level} {result.check}".strip()
        failure = ElementTree.SubElement(case, "failure", message=message, type=kind)
        lines = (format_location(result), result.message, result.details)
        failure.text = _to_xml("\n".join(line for line in lines if line))


def _to_xml(text: str) -> str:
    return NO_XML.sub("\ufffd", text)


def format_github(report: Report) -> str:
    """Write workflow commands, which GitHub Actions turns into annotations.

    It shows ten of a kind: the worst come first.
    """
    found = [each for each in report.results if each.level in FINDINGS]
    found.sort(key=lambda each: FINDINGS.index(each.level))
    lines = [_write_command(each) for each in found]
    # Shown as it is, so it must not hold what others wrote.
    lines.append(summarize(report.results) or "nothing found")
    return "".join(f"{line}\n" for line in lines)


def _write_command(result: Result) -> str:
    line = None if result.line is None else str(result.line)
    properties = {
        "file": result.file or None,
        "line": line if result.file else None,
        "title": fold(result.check or result.name),
    }
    written = ",".join(
        f"{name}={_escape(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value is not None
    )
    about = f"{result.name}: " if result.check and result.name else ""
    text = f"{about}{result.message}\n{result.details}".rstrip()
    return f"::{GITHUB_COMMANDS[result.level]} {written}::{_escape(text)}"


def _escape(text: str) -> str:
    text = CONTROLS.sub("\ufffd", text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def format_sarif(report: Report) -> str:
    """Write a log of SARIF 2.1.0: findings only, and every check as a rule."""
    found = [each for each in report.results if each.level in FINDINGS]
    names = list(report.checks)
    if any(not each.check for each in found):
        names.append(TEST_CHECK)
    rules = [
        {
            "id": name,
            "shortDescription": {"text": report.checks.get(name, "A test fails")},
        }
        for name in names
    ]
    driver = {"name": "evcli", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_describe_finding(each, names) for each in found],
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _describe_finding(result: Result, names: list[str]) -> dict[str, Any]:
    about = f"{result.name}: " if result.name else ""
    check = result.check or TEST_CHECK
    described: dict[str, Any] = {
        "ruleId": check,
        "level": SARIF_LEVELS[result.level],
        "message": {"text": f"{about}{result.message}\n{result.details}".rstrip()},
    }
    if check in names:
        described["ruleIndex"] = names.index(check)
    if result.file:
        # One that counts from the root of a disk is of no use elsewhere, but true.
        scheme = "file://" if result.file.startswith("/") else ""
        location: dict[str, Any] = {
            "artifactLocation": {"uri": f"{scheme}{quote(result.file)}"}
        }
        if result.line is not None:
            location["region"] = {"startLine": result.line}
        described["locations"] = [{"physicalLocation": location}]
    # Without the line: a finding that moved is the same one.
    parts = json.dumps([check, result.file, result.name, result.message])
    mark = hashlib.sha256(parts.encode()).hexdigest()[:32]
    described["partialFingerprints"] = {"evcli/v1": mark}
    return described


def format_tap(report: Report) -> str:
    """Write TAP 14; a finding is a test point that is not ok."""
    from yaml import safe_dump

    lines = ["TAP version 14", f"1..{len(report.results)}"]
    for number, each in enumerate(report.results, 1):
        name = _escape_tap(fold(f"{each.check} {each.name}"))
        is_found = each.level in FINDINGS
        directive = ""
        if each.level == SKIPPED:
            directive = f" # SKIP {_escape_tap(fold(each.message))}".rstrip()
        lines.append(f"{'not ' * is_found}ok {number} - {name}{directive}")
        if is_found:
            at = {"file": each.file, "line": each.line}
            facts = {
                "message": each.message,
                "severity": each.level,
                "details": each.details or None,
                "at": {key: value for key, value in at.items() if value} or None,
            }
            kept = {name: value for name, value in facts.items() if value is not None}
            text = safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000)
            lines += [
                "  ---",
                *(f"  {line}" for line in text.rstrip("\n").split("\n")),
                "  ...",
            ]
    return "".join(f"{line}\n" for line in lines)


def _escape_tap(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")


# Name → results to text. How `text` looks, a command says itself.
FORMATS: dict[str, Callable[[Report], str]] = {
    "json": format_json,
    "junit": format_junit,
    "github": format_github,
    "sarif": format_sarif,
    "tap": format_tap,
}
TEXT = "text"
# Forms that are lists of tests: they want to hear of files without findings, too.
TEST_LISTS = ("junit", "tap")
