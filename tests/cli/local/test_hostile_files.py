"""Files that nobody should have to trust: a sentence with file and line, nothing changed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError
from tests.infrastructure.conftest import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n"
    for i in range(9)
)
RULE = """\
Resources:
  R:
    Type: AWS::Events::Rule
    Properties:
      Name: """


def rule(**properties: Any) -> str:
    resource = {"Type": "AWS::Events::Rule", "Properties": properties}
    return json.dumps({"Resources": {"R": resource}}, indent=1)


def plan(**members: Any) -> str:
    return json.dumps({"format_version": "1.2", **members}, indent=1)


# File, its text, what is said behind its name.
FILES: list[tuple[str, str, str]] = [
    ("bomb.yaml", BOMB, ":1: its aliases come to over 500000 values."),
    ("self.yaml", "a: &x [*x]", ":1: an alias stands for what it is in."),
    ("code.yaml", "Resources:\n  A: !!python/object/apply:os.system [id]", ":2: the tag tag:yaml.org,2002:python/object/apply:os.system is not for templates."),
    ("name.yaml", "Resources:\n  A: !!python/name:os.system x", ":2: the tag tag:yaml.org,2002:python/name:os.system is not for templates."),
    ("binary.yaml", "a: !!binary aGVsbG8=", ":1: the tag tag:yaml.org,2002:binary is not for templates."),
    ("set.yaml", "a: !!set {x, y}", ":1: the tag tag:yaml.org,2002:set is not for templates."),
    ("twice.yaml", "Resources:\n  A: {}\n  A: {}", ":3: the key 'A' is there twice."),
    ("key.yaml", "? [a]\n: b", ":1: a key has to be text."),
    ("deep.yaml", "[" * 5000, ":1: not YAML: exceeded maximum nesting depth."),
    ("steps.yaml", "- " * 5000, ":1: not YAML: exceeded maximum nesting depth."),
    ("broken.yaml", "a: b: c", ":1: not YAML: mapping values are not allowed in this context."),
    ("two.yaml", "a: 1\n---\nb: 1", ":2: not YAML: but found another document."),
    ("empty.yaml", "", ":1: it is neither a template nor a plan."),
    ("text.yaml", "hello", ":1: it is neither a template nor a plan."),
    ("half.json", '{"Resources": {\n"R": ', ":2: not JSON: Expecting value (column 6)."),
    ("nan.json", '{"Resources": NaN}', ": not JSON: NaN is no number of JSON."),
    ("deep.json", '{"a":' * 100_000, ": its values are nested too deep."),
    ("none.json", "{}", ":1: it is no template, plan or state that evcli knows; --format says what it is."),
    ("list.yaml", "- a", ":1: it is neither a template nor a plan."),
    ("app.json", '{"app": "node app.js"}', ":1: run `cdk synth` and give evcli its folder cdk.out."),
    ("serverless.yml", "service: shop\nprovider: {}\n", ":1: run `serverless package` and give evcli its folder .serverless."),
    ("sections.yaml", "Resources: []", ":1: it has no Resources, so it is no template."),
    ("resource.yaml", "Resources:\n  R: x", ":2: Resources.R has to be an object."),
    ("type.yaml", "Resources:\n  R: {Properties: {}}", ":2: R has no Type."),
    ("ref.yaml", RULE + "!Sub '${A}'\n  A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref B}}\n  B: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref A}}\n", ":7: the name of A depends on itself: A → B → A."),
    ("own.yaml", RULE + "!Ref R\n", ":5: the name of R depends on itself: R → R."),
    ("conditions.yaml", "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n  R: {Type: 'AWS::Events::Rule', Condition: A}\n", ":3: the condition A depends on itself: A → B → A."),
    ("unsure.yaml", "Conditions:\n  A: !Ref AWS::Region\nResources:\n  R: {Type: 'AWS::Events::Rule', Condition: A}\n", ":2: the condition A is neither true nor false."),
    ("function.yaml", RULE + "!Eval os.system\n", ":5: Fn::Eval is no function that evcli knows."),
    ("missing.yaml", "Parameters:\n  P: {Type: String}\n" + RULE + "!Ref P\n", ":2: the parameter P has no value; give --parameter P=VALUE."),
    ("blow.yaml", "Resources:\n" + "".join(f"  T{i}: {{Type: 'AWS::SNS::Topic', Properties: {{TopicName: !Sub '${{T{i + 1}.TopicName}}${{T{i + 1}.TopicName}}'}}}}\n" for i in range(40)) + "  T40: {Type: 'AWS::SNS::Topic', Properties: {TopicName: xxxx}}\n  R: {Type: 'AWS::Events::Rule', Properties: {Name: !GetAtt T0.TopicName}}\n", ":24: it comes to more than 1000000 characters."),
    ("loops.yaml", "Resources:\n" + "".join(f"  {' ' * i}Fn::ForEach::L{i}: [X{i}, [a,b,c,d,e,f,g,h,i,j], {{\n" for i in range(6)) + "'K${X0}${X1}${X2}${X3}${X4}${X5}': {Type: A}" + "}]" * 6, ":8: its loops come to more than 200000 values."),
    ("loop.yaml", "Resources:\n  Fn::ForEach::L: [X, a, {}]\n", ":2: the collection of a loop has to be a list of texts."),
    ("target.json", rule(ScheduleExpression="rate(1 day)", Targets=["x"]), ":8: a target has to be an object with an Id."),
    ("targets.json", rule(ScheduleExpression="rate(1 day)", Targets={}), ":7: Targets have to be a list."),
    ("properties.json", '{"Resources": {"R": {"Type": "AWS::Events::Rule",\n"Properties": [1]}}}', ":2: Properties have to be an object."),
    ("statement.yaml", "Resources:\n  P: {Type: 'AWS::Events::EventBusPolicy', Properties: {StatementId: s, Statement: '{'}}\n", ":2: Statement has to be an object."),
    ("nameless.yaml", "Resources:\n  P: {Type: 'AWS::Events::EventBusPolicy', Properties: {Statement: {}}}\n", ":2: P has no StatementId."),
    ("errored.json", plan(errored=True, planned_values={}), ":3: the plan ended with an error."),
    ("halfplan.json", plan(resource_changes=[]), ":1: it is half a plan: planned_values is missing."),
    ("wrongplan.json", plan(planned_values=[]), ":3: it is half a plan: an object is needed here."),
    ("module.json", plan(planned_values={"root_module": []}), ":4: this is no module."),
    ("newplan.json", '{"format_version": "2.0", "planned_values": {}}', ":1: format 2.0 is too new."),
    ("log.json", '{"@level": "info"}\n', ":1: these are Terraform's messages; `terraform show -json PLAN` prints a plan."),
    ("plan.tfplan", "PK\x03\x04", " is a plan in Terraform's own form; `terraform show -json {file}` prints it as JSON."),
    ("body.json", '{"TemplateBody": 1}', ": TemplateBody is no template."),
    ("pattern.json", rule(Name="r", EventPattern={"source": "x"}), ':3: R: Event pattern is not valid. Reason: "source" must be an object or an array\n at [Source: (String)"{{"source":"x"}}"; line: 1, column: 12]'),
    ("unknown.json", rule(Name="r", EventPattern={"source": ["x"]}, Colour="red"), ':3: R: Parameter validation failed:\nUnknown parameter in input: "Colour", must be one of: Name, ScheduleExpression, EventPattern, State, Description, RoleArn, Tags, EventBusName'),
    ("bus.json", rule(Name="r", EventBusName="nope", EventPattern={"source": ["x"]}), ":3: R: Event bus nope does not exist."),
    ("again.yaml", "Resources:\n  A: &r {Type: 'AWS::Events::Rule', Properties: {Name: r, ScheduleExpression: rate(1 day)}}\n  B: *r\n", ":3: B: the rule default/r is described twice; the other one is at {file}:2: A."),
]  # fmt: skip


def dump(ctx: Context) -> list[str]:
    """Everything in a store, as SQL."""
    return list(ctx.store.database.connection.iterdump())


@pytest.mark.parametrize(("name", "text", "said"), FILES, ids=lambda value: value[:20])
def test_a_hostile_file_is_refused_in_a_sentence(
    ctx: Context,
    tmp_path: Path,
    evcli_command: Command,
    name: str,
    text: str,
    said: str,
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    before = dump(ctx)

    outcome = evcli_command("local", "import", str(path))

    words = said.replace("{{", "{").replace("}}", "}").replace("{file}", str(path))
    assert outcome == (
        253,
        "",
        f"\nevcli: [ERROR]: An error occurred (Configuration): {path}{words}\n",
    )
    assert dump(ctx) == before


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: \xff\xff")

    with pytest.raises(ConfigurationError) as caught:
        read(path)

    assert caught.value.message == f"{path} is not text in UTF-8: byte 4."


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname"])
def test_an_assembly_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.json").write_text('{"Resources": {}}')
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": name}}
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"artifacts": {"S": stack}}))

    with pytest.raises(ConfigurationError) as caught:
        read(folder)

    assert caught.value.message == f"{manifest}:1: {name} is not in the folder."


def test_a_stack_that_nests_itself_ends(tmp_path: Path) -> None:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "t.json"},
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"Resources": {"N": nested}}))

    with pytest.raises(ConfigurationError) as caught:
        read(path)

    assert "nested" in caught.value.message


def test_a_secret_of_a_template_is_never_printed(
    tmp_path: Path, evcli_command: Command
) -> None:
    connection = {
        "Type": "AWS::Events::Connection",
        "Properties": {
            "Name": "c",
            "AuthorizationType": "BASIC",
            "AuthParameters": {
                "BasicAuthParameters": {"Username": "u", "Password": "s3cret"},
            },
        },
    }
    path = tmp_path / "t.json"
    for password in ("s3cret", "s3cret-other"):
        connection["Properties"]["AuthParameters"]["BasicAuthParameters"][
            "Password"
        ] = password  # type: ignore[index]
        path.write_text(json.dumps({"Resources": {"C": connection}}))
        text = evcli_command("local", "diff", str(path))
        document = evcli_command("local", "diff", str(path), "--output", "json")
        imported = evcli_command("local", "import", str(path))
        again = evcli_command("local", "diff", str(path))

        for outcome in (text, document, imported, again):
            assert "s3cret" not in outcome.stdout + outcome.stderr
        assert (text.code, document.code, imported.code, again.code) == (1, 1, 0, 0)
    assert "(sensitive)" in text.stdout


def test_control_characters_of_a_file_do_not_reach_a_terminal(tmp_path: Path) -> None:
    from evcli.cli.main import run

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    path = tmp_path / "t.json"
    path.write_text(
        rule(Name="r", ScheduleExpression="rate(1 day)", Description="\x1b[31m")
    )
    stdout = Terminal()

    run(["local", "diff", str(path), "--color", "off"], io.StringIO(), stdout, io.StringIO(), {"EVCLI_STATE_DIR": str(tmp_path / "s")})  # fmt: skip

    assert "\x1b" not in stdout.getvalue()
    assert 'Description: "\\u001b[31m"' in stdout.getvalue()
