"""A cloned project: nothing of it runs before its owner has said so, once."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import read_surroundings
from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = '[{"Source":"shop","DetailType":"x","Detail":"{}"}]'
CONFIGURATION = '[[sinks]]\narn = "*"\nkind = "exec"\ncommand = "touch ran"\n'
EFFECT = 'sinks = {"arn": "*", "command": "touch ran", "kind": "exec"}'


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evcli_command: Callable[..., Any]
) -> Path:
    """The working directory: a project with a rule, and then a sink of somebody's."""
    path = tmp_path / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    monkeypatch.delenv("EVCLI_STATE_DIR")
    evcli_command("local", "init")
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    (path / ".evcli" / "config.toml").write_text(CONFIGURATION)
    return path


def refusal(project: Path, effect: str = EFFECT) -> tuple[int, str, str]:
    return (
        253,
        "",
        "\nevcli: [ERROR]: An error occurred (Configuration):"
        f" {project}/.evcli/config.toml would run code or leave the project with"
        f" {effect}: approve that with `evcli local allow`, or in CI with"
        " EVCLI_ALLOW_SINKS=1.\n",
    )


def count_events(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many events the project has accepted."""
    monkeypatch.setenv("EVCLI_ALLOW_SINKS", "1")
    context = open_context(".evcli")
    count = len(list(context.store.ledger.list_deliveries()))
    context.close()
    return count


def test_a_clone_runs_nothing_and_accepts_nothing_until_it_is_allowed(
    project: Path, evcli_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    refused = evcli_command("put-events", "--entries", ENTRY)
    monkeypatch.chdir(project)
    shown = evcli_command("local", "allow", "--show")
    allowed = evcli_command("local", "allow")
    accepted = evcli_command("put-events", "--entries", ENTRY)

    assert refused == refusal(project)
    assert shown == (0, f"refused  {EFFECT}\n", "")
    assert allowed == (0, f"allowed  {EFFECT}\n", "")
    assert (accepted.code, accepted.stderr) == (0, "")
    assert sorted(path.name for path in project.iterdir()) == [".evcli", "deep", "ran"]
    assert count_events(monkeypatch) == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("list-rules",),
        ("local", "tick"),
        ("local", "run"),
        ("local", "serve", "--port", "0"),
        ("local", "sinks", "test", QUEUE),
        ("local", "exec", "--", sys.executable, "-c", "print('ran')"),
    ],
    ids=" ".join,
)
def test_no_command_that_reads_the_configuration_goes_past_it(
    project: Path, evcli_command: Callable[..., Any], argv: tuple[str, ...]
) -> None:
    assert evcli_command(*argv) == refusal(project)
    assert not (project / "ran").exists()


def test_naming_a_project_does_not_approve_it(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    outcome = evcli_command("list-rules", "--state-dir", str(project / ".evcli"))

    assert outcome == refusal(project)


def test_a_worker_that_runs_keeps_what_was_approved(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    evcli_command("local", "allow")
    context = open_context(".evcli", environ=os.environ)
    before = context.configuration

    changed = CONFIGURATION.replace("touch ran", "touch other")
    (project / ".evcli" / "config.toml").write_text(changed)
    with pytest.raises(ConfigurationError, match="touch other"):
        read_surroundings(context)
    context.close()

    assert context.configuration == before


def test_what_sinks_add_writes_is_approved(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    evcli_command("local", "allow")
    add = ("local", "sinks", "add")

    added = evcli_command(*add, "*:b", "--kind", "exec", "--command", "true")
    changed = evcli_command(*add, "*", "--kind", "http", "--url", "http://127.0.0.1:9/")
    answer = evcli_command("local", "allow", "--show")

    assert (added, changed) == ((0, "", ""), (0, "", ""))
    assert answer.stdout == (
        'allowed  sinks = {"arn": "*", "kind": "http", "url": "http://127.0.0.1:9/"}\n'
        'allowed  sinks = {"arn": "*:b", "command": "true", "kind": "exec"}\n'
    )
    assert evcli_command("list-rules").code == 0


def test_sinks_add_approves_nothing_that_somebody_else_wrote(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    add = ("local", "sinks", "add", "*:b", "--kind", "exec", "--command", "true")

    assert evcli_command(*add) == refusal(project)
    assert evcli_command("local", "sinks", "remove", "*") == (0, "", "")
    assert evcli_command(*add) == (0, "", "")
    assert evcli_command("list-rules").code == 0


def test_an_approval_can_be_taken_back(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    evcli_command("local", "allow")

    revoked = evcli_command("local", "allow", "--revoke")

    assert revoked == (0, f"refused  {EFFECT}\n", "")
    assert evcli_command("list-rules") == refusal(project)


def test_a_project_without_effects_has_nothing_to_allow(
    project: Path, evcli_command: Callable[..., Any], tmp_path: Path
) -> None:
    (project / ".evcli" / "config.toml").write_text('region = "eu-west-1"')

    assert evcli_command("local", "allow") == (0, "", "")
    assert evcli_command("list-rules").code == 0
    assert list((tmp_path / "home").rglob("*")) == []


def test_showing_and_revoking_exclude_each_other(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    outcome = evcli_command("local", "allow", "--show", "--revoke")

    assert outcome.code == 252
    assert "--show and --revoke exclude each other" in outcome.stderr


def test_a_directory_that_everybody_may_write_is_refused_with_the_cure(
    project: Path, evcli_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".evcli" / "config.toml").write_text("")
    (project / ".evcli").chmod(0o777)

    refused = evcli_command("list-rules")
    monkeypatch.setenv("EVCLI_STATE_DIR", f"{project}/.evcli")
    named = evcli_command("list-rules", "--query", "Rules[].Name", "--output", "text")

    assert refused == (
        253,
        "",
        "\nevcli: [ERROR]: An error occurred (Configuration): The state directory"
        f" {project}/.evcli can be written by everybody, so it is used only when it is"
        f" named: EVCLI_STATE_DIR={project}/.evcli evcli …\n",
    )
    assert named == (0, "r\n", "")


def test_the_copy_of_an_approved_configuration_serves_a_command(
    project: Path, evcli_command: Callable[..., Any], tmp_path: Path
) -> None:
    evcli_command("local", "allow")
    script = (
        "import os, pathlib, sys;"
        "state = pathlib.Path(os.environ['EVCLI_STATE_DIR'], 'config.toml');"
        "pathlib.Path(sys.argv[1]).write_text(state.read_text())"
    )
    words = (sys.executable, "-c", script, str(tmp_path / "seen"))

    outcome = evcli_command("local", "exec", "--", *words)

    assert outcome.code == 0
    assert '"touch ran"' in (tmp_path / "seen").read_text()


def test_a_request_to_the_server_is_judged_as_well(
    project: Path, evcli_command: Callable[..., Any]
) -> None:
    import io

    from evcli.server.application import Application

    application = Application(".evcli", environ=os.environ)
    body = json.dumps({"Entries": json.loads(ENTRY)}).encode()
    statuses: list[str] = []
    answer = b"".join(
        application(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/",
                "CONTENT_TYPE": "application/x-amz-json-1.1",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_X_AMZ_TARGET": "AWSEvents.PutEvents",
                "HTTP_HOST": "localhost",
                "wsgi.input": io.BytesIO(body),
            },
            lambda status, headers: statuses.append(status),
        )
    )
    application.close()

    assert statuses[0].startswith("500")
    assert "approve that with `evcli local allow`" in answer.decode()
    assert not (project / "ran").exists()
