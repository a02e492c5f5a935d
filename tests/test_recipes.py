"""The GitHub Action and the pre-commit hooks run what they say, and nothing else."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {each["name"]: each for each in ACTION["runs"]["steps"]}
HOOKS = {
    each["id"]: each
    for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
}
# As GitHub calls it for `shell: bash`. Source: [doc] workflow syntax, "shell".
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
TEMPLATE = """\
Resources:
  Large:
    Type: AWS::Events::Rule
    Properties:
      Name: large
      EventPattern: {source: [shop]}
      Targets:
        - {Id: l, Arn: "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/l"}
"""
TESTS = """\
version: 1
from: template.yaml
tests:
  - name: an order
    event: {source: SOURCE, detail-type: order, detail: {}}
    rules: [large]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with rules and tests, in the folder `a b`."""
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "good.evtest.yaml").write_text(TESTS.replace("SOURCE", "shop"))
    (folder / "bad.evtest.yaml").write_text(TESTS.replace("SOURCE", "other"))
    programs = tmp_path / "runner" / "evcli"
    programs.mkdir(parents=True)
    (programs / "bin").symlink_to(Path(sys.executable).parent)
    return folder


def run(argv: Sequence[str], folder: Path, **environ: str) -> tuple[int, str]:
    """Run a command as a runner does: exit code and all that it prints."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "EVCLI_", "GITHUB_"))
    }
    done = subprocess.run(
        argv,
        cwd=folder,
        env={**kept, "HOME": str(folder), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_SECONDS,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout


def run_step(name: str, folder: Path, inputs: Mapping[str, str]) -> tuple[int, str]:
    """Run a step of the action with its inputs, those that are not given by default."""
    step = STEPS[name]
    given = {key: each["default"] for key, each in ACTION["inputs"].items()}
    given.update(inputs)

    def fill(text: str) -> str:
        return re.sub(r"\${{ inputs\.([\w-]+) }}", lambda found: given[found[1]], text)

    environ = {key: fill(value) for key, value in step.get("env", {}).items()}
    argv = (*BASH, step["run"])
    where = folder / fill(step["working-directory"])
    return run(argv, where, RUNNER_TEMP=str(folder.parent / "runner"), **environ)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_no_input_is_text_of_a_script(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]
    assert step["shell"] == "bash"
    assert run((*BASH[:-1], "-n", "-c", step["run"]), ROOT) == (0, "")


def test_every_input_is_used_and_every_use_is_an_input() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")

    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])


def test_the_action_lints(checkout: Path) -> None:
    inputs = {"lint": "\n  a b/template.yaml\n"}
    inputs["working-directory"] = ".."

    by_default = run_step("evcli local lint", checkout, inputs)
    strictly = run_step("evcli local lint", checkout, {**inputs, "fail-on": "info"})

    assert by_default == (0, strictly[1])
    assert strictly[0] == 1
    assert strictly[1].startswith(
        "::notice file=a b/template.yaml,line=8,title=EB310::"
    )


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ("good.evtest.yaml", 0, "1 passed"),
        ("good.evtest.yaml\nbad.evtest.yaml\n", 1, "1 error, 1 passed"),
        (".", 1, "1 error, 1 passed"),
    ],
)
def test_the_action_tests(checkout: Path, files: str, code: int, said: str) -> None:
    ended, printed = run_step("evcli local test", checkout, {"test": files})

    assert (ended, printed.splitlines()[-1]) == (code, said)


@pytest.mark.parametrize("name", ["lint", "test"])
def test_a_name_of_a_file_is_no_command(checkout: Path, name: str) -> None:
    hostile = "$(touch made)`touch made`;touch made\n--help"

    code, printed = run_step(f"evcli local {name}", checkout, {name: hostile})

    assert code == 2
    assert "touch made" in printed
    assert not (checkout / "made").exists()


@pytest.mark.parametrize(
    ("hook", "files", "said"),
    [
        ("evcli-lint", ["template.yaml"], "1 remark"),
        ("evcli-test", [], "1 failed, 1 passed"),
    ],
)
def test_a_hook_runs(checkout: Path, hook: str, files: list[str], said: str) -> None:
    entry = shlex.split(HOOKS[hook]["entry"])
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    code, printed = run([*entry, *files], checkout, PATH=programs)

    last = printed.splitlines()[-1].partition(" in ")[0]
    assert (code, last) == (int("failed" in said), said)
    assert bool(files) == HOOKS[hook].get("pass_filenames", True)


def test_the_hook_for_templates_chooses_files_by_their_names() -> None:
    names = ("template.yaml", "infra/my-template.json", "template.yml", "a.evtest.yaml")

    chosen = [name for name in names if re.search(HOOKS["evcli-lint"]["files"], name)]

    assert chosen == ["template.yaml", "infra/my-template.json", "template.yml"]
