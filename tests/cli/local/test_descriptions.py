"""`evcli local import` and `evcli local diff`: options, exit codes, watching."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.local.file_options import FileOptions
from evcli.cli.local.state.descriptions import Importer, Watcher
from evcli.operations import call as call_operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

TEMPLATE = """\
Parameters:
  Stage: {Type: String}
Resources:
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: !Sub "orders-${Stage}"}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [shop], detail: {total: [{numeric: [">", 10]}]}}
      Targets:
        - {Id: q, Arn: !GetAtt Queue.Arn, RoleArn: !ImportValue role}
  Queue: {Type: "AWS::SQS::Queue"}
"""
RULE = "shop-Rule-EZMBPO9QH44L"
QUEUE = "shop-Queue-42RLPIQRJYHT"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(TEMPLATE)
    return path


def list_rules(ctx: Context, event_bus_name: str = "default") -> list[dict[str, Any]]:
    answer = call_operation(ctx, "ListRules", {"EventBusName": event_bus_name})
    rules: list[dict[str, Any]] = answer["Rules"]
    return rules


def test_a_difference_is_printed_for_people(file: Path, evcli_command: Command) -> None:
    outcome = evcli_command(
        "local",
        "diff",
        str(file),
        "--parameter",
        "Stage=dev",
        "--import-value",
        "role=r",
    )

    assert outcome == (
        1,
        f"""\
account 000000000000, region us-east-1
+ event bus orders-dev  ({file}:4: Bus)
+ rule orders-dev/{RULE}  ({file}:7: Rule)
  + EventPattern.source: ["shop"]
  + EventPattern.detail.total: [{{"numeric": [">", 10]}}]
+ target orders-dev/{RULE}/q  ({file}:13: Rule)
  + Arn: "arn:aws:sqs:us-east-1:000000000000:{QUEUE}"  (name made up)
  + RoleArn: "r"
3 to add, 0 to change, 0 to remove
""",
        "",
    )


def test_a_changed_value_is_shown_as_it_was_and_will_be(
    file: Path, evcli_command: Command
) -> None:
    options = ("--parameter", "Stage=dev", "--import-value", "role=r")
    evcli_command("local", "import", str(file), *options)
    file.write_text(TEMPLATE.replace('">", 10', '">=", 10'))

    outcome = evcli_command("local", "diff", str(file), *options)
    listed = evcli_command("local", "diff", str(file), *options, "--output", "json")

    assert outcome.stdout.splitlines()[1:-1] == [
        f"~ rule orders-dev/{RULE}  ({file}:7: Rule)",
        '  - EventPattern.detail.total: [{"numeric": [">", 10]}]',
        '  + EventPattern.detail.total: [{"numeric": [">=", 10]}]',
    ]
    assert json.loads(listed.stdout) == [
        {
            "Action": "change",
            "Kind": "rule",
            "Name": f"orders-dev/{RULE}",
            "AccountId": "000000000000",
            "Region": "us-east-1",
            "File": str(file),
            "Line": 7,
            "LogicalId": "Rule",
            "Changes": [
                {
                    "Path": "EventPattern.detail.total",
                    "Before": [{"numeric": [">", 10]}],
                    "After": [{"numeric": [">=", 10]}],
                }
            ],
        }
    ]


def test_exit_codes_of_diff(file: Path, evcli_command: Command) -> None:
    options = (str(file), "--parameter", "Stage=dev")

    codes = [
        evcli_command("local", "diff", *options).code,
        evcli_command("local", "import", *options).code,
        evcli_command("local", "diff", *options).code,
        evcli_command("local", "diff", str(file)).code,
        evcli_command("local", "diff", f"{file}.nope").code,
    ]

    assert codes == [1, 0, 0, 2, 2]


def test_what_makes_a_diff_unreadable_is_one_line(
    file: Path, evcli_command: Command
) -> None:
    outcome = evcli_command("local", "diff", str(file))

    assert outcome == (
        2,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {file}:2: the parameter"
        " Stage has no value; give --parameter Stage=VALUE.\n",
    )


def test_strict_fails_where_something_is_left_out(
    ctx: Context, file: Path, evcli_command: Command
) -> None:
    options = (str(file), "--parameter", "Stage=dev")

    strict = evcli_command("local", "import", *options, "--strict")
    before = list_rules(ctx)
    lax = evcli_command("local", "import", *options, "--quiet")

    note = (
        f"{file}:13: Rule: Targets[0].RoleArn is left out: another stack exports role;"
        " give --import-value role=VALUE, or that stack's file as well.\n"
    )
    assert strict == (
        253,
        "",
        f"{note}\nevcli: [ERROR]: An error occurred (Configuration): 1 value could not be"
        " worked out (--strict).\n",
    )
    assert before == []
    assert lax == (0, "", note)


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "Stage", "ParameterValue": "prod"}]',
        '{"Parameters": {"Stage": "prod"}}',
        "Stage: prod\n",
    ],
)
def test_parameters_come_from_a_file(
    ctx: Context, file: Path, tmp_path: Path, evcli_command: Command, text: str
) -> None:
    parameters = tmp_path / "parameters"
    parameters.write_text(text)

    evcli_command("local", "import", str(file), "--parameters", str(parameters))

    assert len(list_rules(ctx, "orders-prod")) == 1


def test_a_parameter_of_the_command_line_wins_over_the_file(
    ctx: Context, file: Path, tmp_path: Path, evcli_command: Command
) -> None:
    parameters = tmp_path / "parameters"
    parameters.write_text("Stage: prod\n")

    evcli_command(
        "local", "import", str(file), "--parameters", str(parameters),
        "--parameter", "Stage=dev",
    )  # fmt: skip

    assert len(list_rules(ctx, "orders-dev")) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--parameter", "Stage"), "--parameter 'Stage' is not NAME=VALUE."),
        (("--import-value", "=x"), "--import-value '=x' is not NAME=VALUE."),
    ],
)
def test_what_is_no_assignment_is_refused(
    file: Path, evcli_command: Command, options: tuple[str, ...], said: str
) -> None:
    outcome = evcli_command("local", "import", str(file), *options)

    assert outcome == (
        253,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {said}\n",
    )


def test_the_name_of_the_stack_is_in_made_up_names(
    ctx: Context, file: Path, evcli_command: Command
) -> None:
    evcli_command(
        "local", "import", str(file), "--parameter", "Stage=dev", "--stack-name", "web"
    )

    (rule,) = list_rules(ctx, "orders-dev")
    assert rule["Name"].startswith("web-Rule-")


def test_stacks_of_one_run_import_from_each_other(
    ctx: Context, tmp_path: Path, evcli_command: Command
) -> None:
    core, shop = tmp_path / "core.yaml", tmp_path / "shop.yaml"
    core.write_text("""\
Resources:
  Bus: {Type: "AWS::Events::EventBus", Properties: {Name: core}}
Outputs:
  Bus: {Value: !Ref Bus, Export: {Name: !Sub "${AWS::StackName}-bus"}}
""")
    shop.write_text("""\
Resources:
  R:
    Type: AWS::Events::Rule
    Properties:
      Name: r
      EventBusName: !ImportValue core-bus
      EventPattern: {source: [s]}
""")

    outcome = evcli_command("local", "import", str(shop), str(core), "-q")

    assert outcome == (0, "", "")
    assert [each["Name"] for each in list_rules(ctx, "core")] == ["r"]


def test_pruning_of_standard_input_needs_the_name_of_a_stack(
    ctx: Context, evcli_command: Command
) -> None:
    template = {"Resources": {}}

    refused = evcli_command(
        "local", "import", "-", "--prune", stdin=json.dumps(template)
    )
    done = evcli_command(
        "local",
        "import",
        "-",
        "--prune",
        "--stack-name",
        "s",
        stdin=json.dumps(template),
    )

    assert refused.code == 255
    assert "--prune needs --stack-name with standard input" in refused.stderr
    assert done == (0, "", "Everything is as it was.\n")


def test_a_format_overrules_what_the_file_looks_like(
    ctx: Context, tmp_path: Path, evcli_command: Command
) -> None:
    path = tmp_path / "state.json"
    path.write_text('["000000000000".us-east-1.event_buses.b]\n')

    outcome = evcli_command("local", "import", str(path), "--format", "toml", "-q")

    assert outcome == (0, "", "")
    assert call_operation(ctx, "DescribeEventBus", {"Name": "b"})["Name"] == "b"


def test_watching_imports_again_what_has_changed(
    ctx: Context, file: Path, tmp_path: Path
) -> None:
    """The waits between two looks are the test's, so nothing depends on time."""
    import io
    import os

    from evcli.cli.session import Session

    stderr = io.StringIO()
    session = Session(io.StringIO(), io.StringIO(), stderr, os.environ)
    session.load_settings()
    options = FileOptions(None, ("Stage=dev",), (), ("role=r",), None, strict=False)
    importer = Importer(session, (str(file),), options)
    watcher = Watcher(importer)
    importer.carry_out()
    seen = []

    def change(text: str) -> None:
        fresh = tmp_path / "fresh"
        fresh.write_text(text)
        fresh.replace(file)

    steps = iter(
        [
            lambda: None,
            lambda: change(TEMPLATE.replace("shop]", "store]")),
            lambda: change("Resources: ["),
            lambda: change(TEMPLATE.replace("shop]", "again]")),
        ]
    )

    def wait(_seconds: float) -> bool:
        seen.append(
            [
                json.loads(each["EventPattern"])["source"][0]
                for each in list_rules(ctx, "orders-dev")
            ]
        )
        step = next(steps, None)
        if step is not None:
            step()
        return step is None

    watcher.run(wait)

    assert seen == [["shop"], ["shop"], ["store"], ["store"], ["again"]]
    assert stderr.getvalue().splitlines() == [
        f"evcli watches {file}.",
        f"{file} imported again.",
        f"{file}:2: not YAML: did not find expected node content.",
        f"{file} imported again.",
    ]


def test_standard_input_cannot_be_watched(evcli_command: Command) -> None:
    outcome = evcli_command(
        "local", "import", "-", "--watch", stdin='{"Resources": {}}'
    )

    assert outcome.code == 255
    assert "--watch needs files; standard input has an end." in outcome.stderr
