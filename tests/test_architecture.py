"""The house: who imports whom, and what the hot commands load."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

PACKAGE = Path(__file__).parent.parent / "evcli"

# Left to right: a module imports only from its own station or from one before it.
STATIONS = (
    ("errors", "ids", "json_text"),
    ("arns",),
    ("ids",),
    ("model",),
    ("patterns", "schedules"),
    ("store",),
    ("context",),
    ("delivery",),
    ("operations",),
    ("bulk", "infrastructure", "inspection"),
    ("authoring",),
    ("server",),
    ("testing",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(STATIONS) for name in names}


def list_modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def find_imports(path: Path) -> set[str]:
    """The modules of evcli that a file imports anywhere, type checking included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return {name for name in found if name.startswith("evcli.")}


@pytest.mark.parametrize(
    "path", list_modules(), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_module_imports_only_from_its_left(path: Path) -> None:
    station = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if station == "__init__":
        station = "errors"

    for name in find_imports(path):
        other = name.split(".")[1]
        assert RANK[other] < RANK[station] or other == station, name


def build_graph() -> dict[str, set[str]]:
    """Every module of evcli with those that it imports, wherever the import stands."""
    paths = {name_module(path): path for path in list_modules()}
    return {
        name: {
            other
            for found in find_imported_names(path)
            for other in (found, found.rpartition(".")[0])
            if other in paths and other != name
        }
        - ({name.rpartition(".")[0]} if name.count(".") > 1 else set())
        for name, path in paths.items()
    }


def name_module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def find_imported_names(path: Path) -> set[str]:
    """What a file imports, as `module` and as `module.name`."""
    names = find_imports(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in names:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = build_graph()

    # Take away who imports nobody that is left; who is in a circle stays, and so does
    # who imports such a one.
    while free := {name for name, imports in left.items() if not imports & left.keys()}:
        left = {name: imports for name, imports in left.items() if name not in free}

    assert {name: imports & left.keys() for name, imports in left.items()} == {}


MOST_MODULES_IN_A_FOLDER = 22
MOST_LINES = 400


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in list_modules()}
    counts = {
        str(folder.relative_to(PACKAGE.parent)): len(list(folder.glob("*.py")))
        for folder in folders
    }

    crowded = {name: n for name, n in counts.items() if n > MOST_MODULES_IN_A_FOLDER}
    assert crowded == {}


def test_no_module_is_long() -> None:
    lengths = {
        str(path.relative_to(PACKAGE.parent)): path.read_text().count("\n")
        for path in list_modules()
        if path.parent.name != "model"
    }

    assert {name for name, lines in lengths.items() if lines > MOST_LINES} == set()


@pytest.mark.parametrize("name", ["utils", "misc", "common", "core", "base", "helpers"])
def test_no_module_has_a_name_that_says_nothing(name: str) -> None:
    assert list(PACKAGE.rglob(f"{name}.py")) == []


# What a hot command may load from outside evcli, besides what a bare interpreter has.
HEAVY = {
    "argparse", "ast", "asyncio", "attr", "click", "configparser", "dataclasses",
    "contextlib", "dateutil", "decimal", "difflib", "dis", "email", "http", "importlib.metadata",
    "importlib.resources", "inspect", "ipaddress", "jmespath", "jsonschema", "logging",
    "orjson", "pathlib", "platform", "platformdirs", "random", "rich", "secrets",
    "selectors", "shutil", "socket", "subprocess", "tempfile", "threading", "tokenize",
    "tomllib", "typing", "urllib", "uuid", "yaml", "zipfile",
}  # fmt: skip

PROBE = """
import sys
before = set(sys.modules)
from evcli.cli.main import run
import io
code = run(sys.argv[1:], io.StringIO(), io.StringIO(), sys.stderr, {environ!r})
modules = sorted(set(sys.modules) - before)
import json
print(json.dumps([code, modules]))
"""


def probe(state_directory: Path, *argv: str, **variables: str) -> tuple[int, set[str]]:
    """Run a command in a bare interpreter; exit code and the modules it loaded."""
    environ = {
        "EVCLI_STATE_DIR": str(state_directory),
        "HOME": str(state_directory.parent),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROBE.format(environ=environ), *argv],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


PUT_RULE = ("put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}')
PUT_EVENTS = ("put-events", "--entries", 'Source=s,DetailType=d,Detail="{}"')
PUT_TARGETS = (
    "put-targets", "--rule", "r", "--targets", "Id=1,Arn=arn:aws:sqs:us-east-1:000000000000:q",
)  # fmt: skip


# Entries as JSON: shorthand has regular expressions of its own.
PUT_ENTRIES = (
    "put-events", "--entries", '[{"Source":"s","DetailType":"d","Detail":{"a":1.5}}]',
)  # fmt: skip
TAB = {"EVCLI_COMPLETE": "bash", "EVCLI_LINE": "evcli describe-rule --name "}


# How many modules of evcli's own a hot command loads at most, its packages among them.
@pytest.mark.parametrize(
    ("argv", "variables", "most"),
    [
        (PUT_EVENTS, {}, 60),
        (("describe-rule", "--name", "r"), {}, 34),
        ((), TAB, 34),
    ],
    ids=["put-events", "describe-rule", "TAB"],
)
def test_a_hot_command_loads_few_modules(
    state_directory: Path, argv: tuple[str, ...], variables: dict[str, str], most: int
) -> None:
    for given in (PUT_RULE, PUT_TARGETS):
        assert probe(state_directory, *given)[0] == 0

    _, modules = probe(state_directory, *argv, **variables)

    own = {name for name in modules if name.partition(".")[0] == "evcli"}
    assert len(own) <= most, sorted(own)


# Modules of Python that cost the most of what such a command might load.
COSTLY = {
    "_pydatetime",
    "_strptime",
    "binascii",
    "contextlib",
    "datetime",
    "enum",
    "json",
    "re",
    "signal",
}


@pytest.mark.parametrize(
    ("argv", "variables"),
    [
        (("describe-rule", "--name", "r"), {"AWS_REGION": "eu-west-1"}),
        ((*PUT_RULE, "--event-bus-name", "default"), {}),
        (PUT_ENTRIES, {"EVCLI_ACCOUNT_ID": "123456789012"}),
        ((), TAB),
    ],
    ids=["describe-rule", "put-rule", "put-events", "TAB"],
)
def test_a_hot_command_does_without_the_costly_modules_of_python(
    state_directory: Path, argv: tuple[str, ...], variables: dict[str, str]
) -> None:
    for given in (PUT_RULE, PUT_TARGETS):
        for region in ("us-east-1", "eu-west-1"):
            assert probe(state_directory, *given, AWS_REGION=region)[0] == 0

    code, modules = probe(state_directory, *argv, **variables)

    assert code == 0
    assert modules & COSTLY == set()


@pytest.mark.parametrize(
    ("argv", "model", "operations"),
    [
        (PUT_RULE, {"rules"}, {"rules"}),
        (("describe-rule", "--name", "r"), {"rules"}, {"rules"}),
        (PUT_EVENTS, {"entries"}, {"entries"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_hot_command_loads_only_what_it_uses(
    state_directory: Path,
    argv: tuple[str, ...],
    model: set[str],
    operations: set[str],
) -> None:
    for given in (PUT_RULE, PUT_TARGETS):
        assert probe(state_directory, *given)[0] == 0

    code, modules = probe(state_directory, *argv)

    assert code == 0
    assert modules & HEAVY == set()
    families = {name for name in modules if name.startswith("evcli.model.")}
    others = {"check", "constraints", "names", "regexes", "shapes", "shared", "timestamps", "violations"}  # fmt: skip
    assert {name.split(".")[2] for name in families} - others == model
    handlers = {name for name in modules if name.startswith("evcli.operations.")}
    assert operations <= {name.split(".")[2] for name in handlers}


@pytest.mark.parametrize(("level", "loaded"), [("OFF", 0), ("ERROR", 2)])
def test_only_an_event_bus_that_logs_has_its_logging_loaded(
    state_directory: Path, level: str, loaded: int
) -> None:
    log_config = ("--log-config", f"Level={level},IncludeDetail=FULL")
    switch = ("update-event-bus", "--name", "default", *log_config)
    for given in (PUT_RULE, PUT_TARGETS, switch):
        assert probe(state_directory, *given)[0] == 0

    _, modules = probe(state_directory, *PUT_EVENTS)

    found = {name for name in modules if name.startswith("evcli.delivery.bus_log")}
    assert len(found) == loaded
