"""Handler sinks as a person sets them up, from `sinks add` to what the ledger says."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from evcli.server.application import Application
from evcli.server.server import Server
from evcli.store.directory.configuration import list_effects
from tests.delivery.sinks.test_exec import is_running
from tests.delivery.sinks.test_handlers import COUNTER, FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADD = ("local", "sinks", "add", "arn:aws:lambda:*", "--kind", "handler", "--handler")
EVENT = 'Source=s,DetailType=d,Detail="{}"'


def put_rule(evcli_command: Callable[..., Any]) -> None:
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={FUNCTION}")


def test_put_events_calls_the_handler_and_leaves_no_process(
    tmp_path: Path, evcli_command: Callable[..., Any]
) -> None:
    (tmp_path / "app.py").write_text(COUNTER)
    added = evcli_command(*ADD, "app.handler", "--path", str(tmp_path))
    put_rule(evcli_command)

    evcli_command("put-events", "--entries", EVENT, EVENT)

    deliveries = json.loads(evcli_command("local", "deliveries").stdout)
    assert added == (0, "", "")
    assert [each["State"] for each in deliveries] == ["DELIVERED", "DELIVERED"]
    outputs = [read_output(evcli_command, each["EventId"]) for each in deliveries]
    pids, counts = zip(*(json.loads(each[9:]) for each in outputs), strict=True)
    assert counts == (1, 2)
    assert not is_running(pids[0])


def read_output(evcli_command: Callable[..., Any], event_id: str) -> str:
    traced = json.loads(evcli_command("local", "trace", event_id).stdout)
    (attempt,) = traced["Arrivals"][0]["Deliveries"][0]["AttemptLog"]
    return str(attempt["Output"])


def test_another_python_and_the_directory_of_config_toml(
    state_directory: Path, evcli_command: Callable[..., Any]
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "app.py").write_text(
        "import os\ndef handler(event, context):"
        " return [os.getcwd(), os.environ['MARK'], os.environ['EVCLI_STATE_DIR']]\n"
    )
    python = state_directory / "python"
    python.write_text(f'#!/bin/sh\nMARK=mine exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    evcli_command(*ADD, "app.handler", "--python", str(python))

    tested = json.loads(evcli_command("local", "sinks", "test", FUNCTION).stdout)

    assert json.loads(tested["Output"].removeprefix("returned ")) == [
        str(state_directory),
        "mine",
        str(state_directory),
    ]
    (entry,) = json.loads(evcli_command("local", "sinks", "list").stdout)
    assert entry == {
        "arn": "arn:aws:lambda:*",
        "kind": "handler",
        "handler": "app.handler",
        "python": "./python",
    }


def test_a_handler_of_a_project_needs_an_approval() -> None:
    entry = {"arn": "*", "kind": "handler", "handler": "app.handler"}

    assert list_effects({"sinks": [entry]}) == [
        'sinks = {"arn": "*", "handler": "app.handler", "kind": "handler"}'
    ]


def test_the_requests_of_a_server_share_the_process(
    tmp_path: Path, state_directory: Path, evcli_command: Callable[..., Any]
) -> None:
    (tmp_path / "app.py").write_text(COUNTER)
    evcli_command(*ADD, "app.handler", "--path", str(tmp_path))
    put_rule(evcli_command)
    kept: dict[Any, Any] = {}
    server = Server(Application(str(state_directory), kept=kept), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}"}

    try:
        for _ in range(2):
            request = urllib.request.Request(
                server.url,
                json.dumps({"Entries": [entry]}).encode(),
                {
                    "X-Amz-Target": "AWSEvents.PutEvents",
                    "Content-Type": "application/x-amz-json-1.1",
                },
            )
            urllib.request.urlopen(request).close()
    finally:
        server.stop()
        thread.join()
    (process,) = kept.values()
    process.close()

    deliveries = json.loads(evcli_command("local", "deliveries").stdout)
    outputs = [read_output(evcli_command, each["EventId"]) for each in deliveries]
    assert [json.loads(each[9:])[1] for each in outputs] == [1, 2]


NODE_APP = """
export const handler = async (event) => {
  console.log("got", event["detail-type"]);
  return { source: event.source };
};
"""
NODE_RUN = """
import { text } from "node:stream/consumers";
import { handler } from "./app.mjs";
console.log(await handler(JSON.parse(await text(process.stdin))));
"""


def test_a_handler_in_node_runs_by_an_exec_sink(
    tmp_path: Path, evcli_command: Callable[..., Any]
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    (tmp_path / "app.mjs").write_text(NODE_APP)
    (tmp_path / "run.mjs").write_text(NODE_RUN)
    command = shlex.join([node, str(tmp_path / "run.mjs")])
    evcli_command("local", "sinks", "add", "*", "--kind", "exec", "--command", command)
    put_rule(evcli_command)

    evcli_command("put-events", "--entries", EVENT)

    (delivery,) = json.loads(evcli_command("local", "deliveries").stdout)
    output = read_output(evcli_command, delivery["EventId"])
    assert (delivery["State"], output) == ("DELIVERED", "got d\n{ source: 's' }")
