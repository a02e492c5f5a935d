"""What is offered where."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from evcli.cli.completion.file_kinds import FILE_KINDS
from evcli.cli.completion.live_names import LISTERS
from evcli.cli.completion.local_values import FINDERS
from evcli.cli.help.shared_options import WITHOUT_EFFECT
from evcli.cli.local import COMMANDS
from evcli.cli.local.group import LocalGroup
from evcli.cli.main import run
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS, list_options
from evcli.context import Context
from evcli.model import INDEX, get_operation
from evcli.model.names import to_kebab_case
from evcli.operations.whole_events import send_whole_events

BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/"
RULE_ARN = "arn:aws:events:us-east-1:000000000000:rule/"


def complete(*words: str, **environ: str) -> list[str]:
    """Candidates for the last of the words behind `evcli`."""
    return [line.partition("\t")[0] for line in complete_lines(*words, **environ)]


def complete_lines(*words: str, **environ: str) -> list[str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    surroundings = {**os.environ, "EVCLI_COMPLETE": "fish", **environ}

    code = run(words, io.StringIO(), stdout, stderr, surroundings)

    assert (code, stderr.getvalue()) == (0, "")
    return stdout.getvalue().splitlines()


@pytest.fixture
def world(call: Callable[..., dict[str, Any]], ctx: Context) -> None:
    """Two buses with rules, targets, tags and permissions."""
    for bus, rules in (("default", ("a-rule", "b-rule")), ("orders", ("c-rule",))):
        if bus != "default":
            call("CreateEventBus", Name=bus)
        for rule in rules:
            pattern = {"EventPattern": '{"source":["x"]}', "EventBusName": bus}
            call("PutRule", Name=rule, **pattern)
            target = {"Id": f"id-of-{rule}", "Arn": f"arn:aws:sqs:us-east-1:1:{rule}"}
            call("PutTargets", Rule=rule, EventBusName=bus, Targets=[target])
    call(
        "TagResource",
        ResourceARN=f"{BUS_ARN}orders",
        Tags=[{"Key": "team", "Value": "x"}],
    )
    call(
        "PutPermission",
        EventBusName="orders",
        StatementId="partner",
        Action="events:PutEvents",
        Principal="111122223333",
    )
    call("CreateArchive", ArchiveName="all", EventSourceArn=f"{BUS_ARN}orders")


def test_the_first_word_is_a_command() -> None:
    commands = [*map(to_kebab_case, INDEX), "help", "local"]

    assert complete("") == commands
    assert complete("put-r") == ["put-rule"]
    assert complete("events", "put-r") == ["put-rule"]
    assert complete("--output", "text", "put-r") == ["put-rule"]
    assert complete("help", "put-r") == ["put-rule"]


def test_commands_say_what_they_do() -> None:
    assert complete_lines("put-r") == ["put-rule\tCreate or replace a rule"]


@pytest.mark.parametrize("name", sorted(INDEX))
def test_options_come_in_order_and_all_of_them(name: str) -> None:
    operation = get_operation(name)
    assert operation is not None
    command = to_kebab_case(name)
    options = [*list_options(operation)]
    both = [*{**list_options(operation), **GLOBAL_OPTIONS}]
    # What has no effect here comes last.
    both.sort(key=lambda name: name in WITHOUT_EFFECT)

    assert complete(command, "--") == [each for each in both if each[:2] == "--"]
    assert complete(command, "")[: len(options)] == options


@pytest.mark.parametrize("name", sorted(INDEX))
def test_every_option_says_what_it_does(name: str) -> None:
    lines = complete_lines(to_kebab_case(name), "--")

    silent = [line for line in lines if not line.partition("\t")[2]]

    # What a flag denies is said beside the flag.
    assert [line for line in silent if not line.startswith("--no-")] == []


def test_options_on_the_line_are_left_out() -> None:
    offered = complete(
        "put-rule", "--name", "x", "--state=ENABLED", "--output", "text", "--"
    )

    assert {"--name", "--state", "--output"} & set(offered) == set()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("put-rule", "--n"), ["--name"]),
        (("delete-rule", "--no-f"), ["--no-force"]),
        (("list-rules", "--max"), ["--max-items"]),
        (("test-event-pattern", "--exp"), ["--explain"]),
    ],
)
def test_options_match_by_prefix(words: tuple[str, ...], expected: list[str]) -> None:
    offered = complete(*words)

    assert [each for each in offered if each not in GLOBAL_OPTIONS] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("put-rule", "--state", "DIS"), ["DISABLED"]),
        (("put-rule", "--state=DIS"), ["--state=DISABLED"]),
        (("list-rules", "--output", "ya"), ["yaml", "yaml-stream"]),
        (("--output=te",), ["--output=text"]),
        (("list-rules", "--color", ""), ["on", "off", "auto"]),
        (("put-rule", "--generate-cli-skeleton", "o"), ["output"]),
        (("list-rules", "--region", "us-gov"), ["us-gov-east-1", "us-gov-west-1"]),
        (("test-event-pattern", "--explain=j"), ["--explain=json"]),
        (("delete-rule", "--force", "x"), []),
        (("put-rule", "--nonsense", "x"), []),
        (("no-such-command", ""), []),
        (("list-rules", "--max-items", ""), []),
    ],
)
def test_values_that_are_known_are_offered(
    words: tuple[str, ...], expected: list[str]
) -> None:
    assert complete(*words) == expected


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("describe-rule", "--name", ""), ["a-rule", "b-rule"]),
        (("describe-rule", "--name", "b"), ["b-rule"]),
        (("describe-rule", "--na", "b"), ["b-rule"]),
        (("describe-rule", "--event-bus-name", "orders", "--name", "c"), ["c-rule"]),
        (
            ("describe-rule", f"--event-bus-name={BUS_ARN}orders", "--name=c"),
            ["--name=c-rule"],
        ),
        (("put-targets", "--rule", "a"), ["a-rule"]),
        (("list-rules", "--event-bus-name", ""), ["default", "orders"]),
        (
            ("list-rules", "--event-bus-name", "arn:"),
            [f"{BUS_ARN}default", f"{BUS_ARN}orders"],
        ),
        (("put-events", "--event-bus-name", "o"), ["orders"]),
        (("list-rules", "--region", "eu-west-1", "--event-bus-name", ""), ["default"]),
        (
            ("remove-targets", "--rule", "a-rule", "--ids", "x", "id"),
            ["id-of-a-rule"],
        ),
        (
            ("list-rule-names-by-target", "--target-arn", "arn:aws:sqs"),
            ["arn:aws:sqs:us-east-1:1:a-rule", "arn:aws:sqs:us-east-1:1:b-rule"],
        ),
        (
            ("tag-resource", "--resource-arn", f"{RULE_ARN}orders"),
            [f"{RULE_ARN}orders/Events-Archive-all", f"{RULE_ARN}orders/c-rule"],
        ),
        (
            ("tag-resource", "--resource-arn", f"{BUS_ARN}"),
            [f"{BUS_ARN}default", f"{BUS_ARN}orders"],
        ),
        (
            ("untag-resource", "--resource-arn", f"{BUS_ARN}orders", "--tag-keys", ""),
            ["team"],
        ),
        (
            ("remove-permission", "--event-bus-name", "orders", "--statement-id", ""),
            ["partner"],
        ),
        (("describe-archive", "--archive-name", ""), ["all"]),
        (
            ("start-replay", "--event-source-arn", ""),
            ["arn:aws:events:us-east-1:000000000000:archive/all"],
        ),
        (
            ("create-archive", "--event-source-arn", f"{BUS_ARN}d"),
            [f"{BUS_ARN}default"],
        ),
    ],
)
def test_names_of_what_exists_are_offered(
    words: tuple[str, ...], expected: list[str]
) -> None:
    assert [each for each in complete(*words) if each != "file://"] == expected


def test_every_kind_that_a_member_completes_to_has_a_lister() -> None:
    kinds = set()
    for name in INDEX:
        operation = get_operation(name)
        assert operation is not None
        kinds |= {member.completes for member in operation.request.members.values()}

    assert kinds - {"", "region", "sample"} == {*LISTERS}


@pytest.mark.parametrize("kind", sorted(LISTERS))
def test_every_lister_copes_with_an_empty_state_directory(
    ctx: Context, kind: str
) -> None:
    names = LISTERS[kind](ctx, {}, "")

    buses = {"event-bus": ["default"], "event-bus-arn": [f"{BUS_ARN}default"]}
    expected = {**buses, "resource-arn": [f"{BUS_ARN}default"]}
    assert names == expected.get(kind, [])


def test_a_tab_makes_no_state_directory(state_directory: Path) -> None:
    assert complete("describe-rule", "--name", "") == []
    assert complete("list-rules", "--event-bus-name", "") == ["default"]
    assert not state_directory.exists()


def test_profiles_of_all_files_are_offered(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state_directory.mkdir()
    (state_directory / "config.toml").write_text(
        '[profiles.partner]\naccount = "111122223333"\n'
    )
    config = tmp_path / "config"
    config.write_text("[default]\n[profile other]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    assert complete("list-rules", "--profile", "") == ["default", "other", "partner"]
    assert complete("create-partner-event-source", "--account", "") == []


def test_files_are_offered_behind_the_scheme(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "rule.json").touch()
    (tmp_path / "data.json").touch()
    (tmp_path / ".hidden").touch()
    monkeypatch.chdir(tmp_path)

    assert complete("put-rule", "--event-pattern", "fi") == ["file://"]
    assert complete("put-rule", "--event-pattern", "file://d") == [
        "file://data.json",
        "file://dir/",
    ]
    assert complete("put-targets", "--targets", "file://dir/") == [
        "file://dir/rule.json"
    ]
    assert complete("put-rule", "--event-pattern=file://dat") == [
        "--event-pattern=file://data.json"
    ]
    assert complete("put-rule", "--event-pattern", "file://.h") == ["file://.hidden"]
    assert complete("put-rule", "--event-pattern", "file://none/") == []
    assert complete("list-rules", "--state-dir", "di") == ["dir/"]


def test_kinds_of_sinks_are_offered() -> None:
    assert complete("local", "sinks", "add", "*", "--kind", "h") == ["http", "handler"]


def test_local_commands_and_their_options_are_offered() -> None:
    assert complete("local", "") == sorted(COMMANDS)
    assert complete("local", "comp") == ["completion"]
    assert complete("local", "completion", "z") == ["zsh"]
    assert complete("local", "deliveries", "--fai") == ["--failed"]


def list_parameters(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
    """Every option and argument below a command that has a value."""
    if isinstance(command, click.Group):
        with click.Context(command) as ctx:
            for name in command.list_commands(ctx):
                inner = command.get_command(ctx, name)
                assert inner is not None
                yield from list_parameters(inner, (*path, name))
        return
    for parameter in command.params:
        if not getattr(parameter, "is_flag", False):
            yield path, parameter


# Numbers, and texts that only a person can think of.
NOT_OFFERED = {
    "argv", "batch", "command", "count", "expression", "fail_first", "fail_rate", "handler",
    "import_value", "jobs",
    "last", "limit", "parameter", "pattern", "port", "repeat", "seed", "stack_name",
    "timeout", "trace_header", "wanted", "words",
}  # fmt: skip


def test_every_value_of_a_local_command_is_offered_or_cannot_be() -> None:
    silent = {
        parameter.name
        for _, parameter in list_parameters(LocalGroup("local"))
        if not isinstance(parameter.type, click.Choice | click.Path)
        and parameter.name not in FINDERS
    }

    assert silent == NOT_OFFERED


def test_every_finder_is_one_of_a_parameter() -> None:
    names = {each.name for _, each in list_parameters(LocalGroup("local"))}

    assert FINDERS.keys() - names == set()


@pytest.mark.usefixtures("world")
def test_local_values_are_those_that_are_there(
    call: Callable[..., dict[str, Any]], evcli_command: Callable[..., Any]
) -> None:
    entry = {"Source": "x", "DetailType": "order placed", "Detail": "{}"}
    ids = [call("PutEvents", Entries=[entry])["Entries"][0]["EventId"] for _ in "ab"]
    evcli_command("local", "sinks", "add", "arn:aws:sns:*", "--kind", "null")
    queue = "arn:aws:sqs:us-east-1:1:a-rule"

    assert complete("local", "trace", "")[:2] == ids[::-1]
    assert complete("local", "trace", ids[0]) == [ids[0]]
    assert complete("local", "deliveries", "--event-id", "")[:2] == ids[::-1]
    assert complete("local", "deliveries", "--target-arn=arn:aws:sqs")[0] == (
        f"--target-arn={queue}"
    )
    # Two rules matched each of the events.
    assert complete("local", "redeliver", "")[0] == f"{ids[1]}-4"
    assert complete("local", "events", "--source", "") == ["x"]
    assert complete("local", "events", "--detail-type", "") == ["order placed"]
    assert complete("local", "events", "--event-bus-name", "o") == ["orders"]
    assert complete("local", "sinks", "") == ["add", "list", "remove", "test"]
    assert complete("local", "sinks", "test", "arn") == [
        queue,
        "arn:aws:sqs:us-east-1:1:b-rule",
    ]
    assert complete("local", "sinks", "remove", "") == ["arn:aws:sns:*"]
    assert complete("local", "sinks", "add", "x", "--kind", "std") == [
        "stdout",
        "stderr",
    ]
    assert complete("local", "schedule", "b") == ["b-rule"]
    assert complete("local", "transform", "--rule-arn", RULE_ARN + "a") == [
        f"{RULE_ARN}a-rule"
    ]


def test_fields_of_the_sample_are_offered_to_set() -> None:
    assert complete("local", "trigger", "s3/object-created", "--set", "detail.o") == [
        "detail.object.key=",
        "detail.object.size:=",
        "detail.object.etag=",
        "detail.object.version-id=",
        "detail.object.sequencer=",
    ]
    assert complete("local", "trigger", "--set", "detail.o") == []


def test_global_options_may_stand_behind_local_too() -> None:
    assert complete("local", "events", "--region", "eu-west-") == [
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
    ]
    assert complete("local", "events", "--ou") == ["--output"]
    assert complete("local", "--region", "eu-west-1", "completion", "z") == ["zsh"]
    offered = complete("local", "events", "--")
    assert {"--since", "--query", "--state-dir"} <= {*offered}
    assert {*offered} & {*WITHOUT_EFFECT} == set()
    assert len(offered) == len({*offered})


@pytest.mark.usefixtures("world")
def test_local_options_are_offered_live_names() -> None:
    assert complete("local", "deliveries", "--rule", "a") == ["a-rule"]


def test_samples_and_their_services_are_offered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state_directory: Path
) -> None:
    events = tmp_path / "project" / ".evcli" / "events"
    events.mkdir(parents=True)
    (events / "order-placed.json").touch()
    monkeypatch.chdir(events)

    assert complete("local", "trigger", "ecr/") == [
        "ecr/image-action",
        "ecr/image-scan",
    ]
    assert complete("local", "trigger", "or") == [
        "order-placed",
        "organizations/create-account-result",
    ]
    assert complete("local", "trigger", "--service", "ec") == [
        "ec2",
        "ec2fleet",
        "ecr",
        "ecs",
    ]
    assert not state_directory.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("list-rules", "--profile", "none-such", "--event-bus-name", ""),
        ("list-rules", "--query", "[", "--event-bus-name", ""),
        ("list-rules", "--no", "--event-bus-name", ""),
    ],
)
def test_mistakes_on_the_line_do_not_show(
    call: Callable[..., dict[str, Any]], words: tuple[str, ...]
) -> None:
    call("ListRules")

    assert complete(*words) == ["default"]


def test_an_unusable_state_directory_does_not_show(state_directory: Path) -> None:
    state_directory.mkdir()
    (state_directory / "state.db").write_text("this is no database, and long enough")

    assert complete("describe-rule", "--name", "") == []


def test_bash_gets_what_stands_behind_the_last_break() -> None:
    def ask(line: str) -> list[str]:
        breaks = {"EVCLI_LINE": line, "EVCLI_WORDBREAKS": "=:"}
        return complete_lines(EVCLI_COMPLETE="bash", **breaks)

    assert ask("evcli list-rules --output=te") == ["text"]
    assert ask("evcli list-rules --output te") == ["text"]
    assert ask("evcli 'put-ru") == ["put-rule"]


def test_bash_gets_odd_names_escaped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a b$.json").touch()
    monkeypatch.chdir(tmp_path)

    def ask(line: str) -> list[str]:
        breaks = {"EVCLI_LINE": line, "EVCLI_WORDBREAKS": "=:"}
        return complete_lines(EVCLI_COMPLETE="bash", **breaks)

    assert ask("evcli put-rule --event-pattern file://a") == ["//a\\ b\\$.json"]
    assert ask("evcli put-rule --event-pattern 'file://a") == ["file://a b$.json"]


def test_a_tab_loads_neither_click_nor_other_families() -> None:
    program = (
        "import sys, os\n"
        "os.environ['EVCLI_COMPLETE'] = 'bash'\n"
        "os.environ['EVCLI_LINE'] = 'evcli describe-rule --name a'\n"
        "from evcli.cli.main import run\n"
        "run([], sys.stdin, sys.stdout, sys.stderr, os.environ)\n"
        "print(*sys.modules)"
    )
    paths = f"import sys; sys.path[:0] = {sys.path}\n"

    loaded = subprocess.run(
        [sys.executable, "-I", "-c", paths + program],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    costly = {"click", "rich", "jmespath", "yaml", "jsonschema", "evcli.model.targets"}
    assert costly & set(loaded) == set()
    assert "evcli.model.rules" in loaded


def test_lint_completes_its_checks_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").touch()

    assert complete("local", "lint", "--select", "EB50") == [
        f"EB50{i}" for i in range(1, 8)
    ]
    assert complete("local", "lint", "--output", "te") == ["template.yaml"]
    assert complete("local", "lint", "te") == ["template.yaml"]
    assert complete("local", "lint", "--format", "s") == ["sarif"]


FILES = (
    "a.evtest.yaml", "b.evtest.json", "events.jsonl", "events.jsonl.gz", "one.json",
    "plan.template", "readme.md", "state.toml", "template.yaml",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "endings"),
    [
        (("send",), ("json", "jsonl", "gz")),
        (("match", "--explain"), ("json", "jsonl", "gz")),
        (("match", "--rules"), ("json",)),
        (("schema",), ("json", "jsonl", "gz")),
        (("lint",), ("yaml", "json", "template", "toml")),
        (("lint", "--events"), ("json", "jsonl", "gz")),
        (("lint", "--output"), ("",)),
        (("import", "template.yaml"), ("yaml", "json", "template", "toml")),
        (("import", "--parameters"), ("yaml", "json")),
        (("exec", "--import"), ("yaml", "json", "template", "toml")),
        (("exec", "--export-on-exit"), ("toml",)),
        (("export",), ("toml",)),
        (("test",), (".evtest.yaml", ".evtest.json")),
        (("test", "-k", "x", "--jobs", "2"), (".evtest.yaml", ".evtest.json")),
        (("backup",), ("",)),
        (("schema", "one.json", "--output-dir"), ()),
    ],
    ids=" ".join,
)
def test_files_are_offered_by_what_they_are_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    endings: tuple[str, ...],
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "folder").mkdir()
    for name in FILES:
        (work / name).touch()

    offered = [each for each in complete("local", *words, "") if each != "-"]

    chosen = [name for name in FILES if name.endswith(tuple(endings))]
    assert offered == sorted(["folder/", *chosen])


def test_files_of_other_kinds_are_offered_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "readme.md").touch()
    before = complete("local", "send", "")

    (work / "request.json").touch()

    assert (before, complete("local", "send", "")) == (["readme.md"], ["request.json"])
    assert complete("put-rule", "--cli-input-json", "file://r") == [
        "file://request.json"
    ]


@pytest.mark.parametrize(("command", "name"), FILE_KINDS, ids=" ".join)
def test_a_kind_of_files_is_that_of_a_parameter(command: str, name: str) -> None:
    found = LocalGroup("local").get_command(click.Context(click.Group()), command)

    assert found is not None
    assert name in [each.name for each in found.params]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("deliveries", "--rule", "a"), ["a-rule"]),
        (("deliveries", "--rule=a"), ["--rule=a-rule"]),
        (("deliveries", "--failed", "--rule", "a"), ["a-rule"]),
        (("events", "--event-bus-name", "o"), ["orders"]),
        (("send", "--event-bus-name", ""), ["default", "orders"]),
        (("send", "e.json", "--event-bus-name", ""), ["default", "orders"]),
        (("trigger", "s3/x", "--event-bus-name", "o"), ["orders"]),
        (("match", "--event-bus-name", "o"), ["orders"]),
        (("logs", "o"), ["orders"]),
        (("logs", "--level", "error", "--follow", "o"), ["orders"]),
        (("logs", "--region", "us-east-1", "o"), ["orders"]),
        (("logs", "orders", "o"), []),
        (("logs", "--level", ""), ["error", "info", "trace"]),
        (("logs", "--level=t"), ["--level=trace"]),
        (("failover", "e", "p"), ["primary"]),
        (("schedule", "--count", "2", "b"), ["b-rule"]),
        (("trigger", "--repeat", "2", "ecr/image-s"), ["ecr/image-scan"]),
        (("trigger", "--set", "a=b", "--add", "ecr/image-s"), ["ecr/image-scan"]),
        (("trigger", "--print", "--region", "x", "ecr/image-s"), ["ecr/image-scan"]),
        (("trigger", "--region", "ecr/image-s"), []),
        (("match", "--region", "us-gov"), ["us-gov-east-1", "us-gov-west-1"]),
        (("events", "--output", "ya"), ["yaml", "yaml-stream"]),
        (("events", "--output=te"), ["--output=text"]),
        (("events", "--ou"), ["--output"]),
        (("events", "--un"), ["--unmatched"]),
        (("events", "--output", "text", "--ou"), []),
        (("logs", "--region", "eu-west-1", ""), ["default"]),
        (("trigger", "ecr/image-scan", "ecr/image-s"), []),
    ],
)
def test_values_of_local_commands_are_offered_wherever_they_may_stand(
    words: tuple[str, ...], expected: list[str]
) -> None:
    assert complete("local", *words) == expected


def test_ids_are_offered_the_newest_first_and_by_how_they_begin(
    ctx: Context, call: Callable[..., dict[str, Any]]
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["s"]}')
    target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}
    call("PutTargets", Rule="r", Targets=[target])
    for event_id in ("a1", "b", "a2", "a1"):
        send_whole_events(ctx, [{"id": event_id, "source": "s", "detail-type": "d"}])

    assert complete("local", "trace", "") == ["a1", "a2", "b"]
    assert complete("local", "trace", "a") == ["a1", "a2"]
    assert complete("local", "deliveries", "--event-id", "b") == ["b"]
    assert complete("local", "redeliver", "") == ["a1-4", "a2-3", "b-2", "a1-1"]
    assert complete("local", "redeliver", "a1-") == ["a1-4", "a1-1"]


def test_samples_are_offered_in_place_of_an_event() -> None:
    event = ("test-event-pattern", "--event")

    assert complete(*event, "sample:ecr/") == [
        "sample:ecr/image-action",
        "sample:ecr/image-scan",
    ]
    assert complete("test-event-pattern", "--event=sample:ecr/image-s") == [
        "--event=sample:ecr/image-scan"
    ]
    assert complete(*event, "file:") == ["file://"]


def test_listed_values_of_a_structure_are_offered_in_shorthand() -> None:
    config = ("update-event-bus", "--log-config")

    assert complete(*config, "Level=") == [
        f"Level={level}" for level in ("OFF", "ERROR", "INFO", "TRACE")
    ]
    assert complete(*config, "Level=INFO,") == [
        "Level=INFO,IncludeDetail=NONE",
        "Level=INFO,IncludeDetail=FULL",
    ]
