"""`evcli local serve` and `evcli local exec`, as processes."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from typing import IO, TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import WorkerLock
from evcli.operations import call as call_operation
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Start = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.slow

EVCLI = (sys.executable, "-c", "from evcli import main; main()")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `evcli WORDS` as a process of its own; it ends with the test."""
    processes = []

    def run(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*EVCLI, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def serve(start: Start, tmp_path: Path) -> Callable[..., tuple[Any, str]]:
    """Start the server at a free port; the process, and its URL once it is ready."""
    ready = tmp_path / "ready"

    def run(*words: str) -> tuple[subprocess.Popen[str], str]:
        process = start(
            "local", "serve", "--port", "0", "--ready-file", str(ready), *words
        )

        def find() -> str:
            assert process.poll() is None, process.communicate()
            return ready.read_text() if ready.exists() else ""

        return process, wait_for(find).strip()

    return run


def read_until(stream: IO[str], start: str) -> Iterator[str]:
    """Read lines, up to the first one that starts like that."""
    for line in stream:
        yield line.rstrip("\n")
        if line.startswith(start):
            return


def post(url: str, operation: str, request: dict[str, Any]) -> Any:
    """Send one request; the answer's JSON."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSEvents.{operation}",
    }
    connection.request("POST", "/", json.dumps(request), headers)
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer or b"{}")


# -- serve


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_until_a_signal_and_leaves_nothing(
    serve: Callable[..., tuple[Any, str]],
    state_directory: Path,
    tmp_path: Path,
    number: int,
) -> None:
    process, url = serve()
    post(url, "PutRule", {"Name": "r", "EventPattern": '{"source":["s"]}'})

    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, stdout) == (0, "")
    first, request, last = stderr.splitlines()
    assert (first, last) == (
        f"evcli answers at {url}; Ctrl-C stops it. Signatures are read, not verified."
        f" The state is in {state_directory}",
        "evcli stopped.",
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d PutRule 200 \d+ ms", request)
    assert not (tmp_path / "ready").exists()
    ctx = open_context(str(state_directory))
    assert [each["Name"] for each in call_operation(ctx, "ListRules", {})["Rules"]] == [
        "r"
    ]
    ctx.close()


def test_serve_listens_on_the_loopback_alone_unless_told(
    serve: Callable[..., tuple[Any, str]],
) -> None:
    _, url = serve()

    assert url.startswith("http://127.0.0.1:")


def test_serve_warns_where_others_can_reach_it(
    serve: Callable[..., tuple[Any, str]],
) -> None:
    process, url = serve("--host", "0.0.0.0")
    health = http.client.HTTPConnection(url.removeprefix("http://"))
    health.request("GET", "/")
    status = health.getresponse().status
    health.close()
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert status == 200
    assert stderr.splitlines()[1] == (
        "Warning: other machines can reach 0.0.0.0, and whoever can may do everything"
        " with this state directory."
    )


def put_failing_event(url: str, state_directory: Path) -> None:
    """Leave a delivery that is to be tried again soon."""
    (state_directory / "config.toml").write_text(
        '[[sinks]]\narn = "*"\nkind = "file"\nfail_first = 1\n'
    )
    post(url, "PutRule", {"Name": "r", "EventPattern": '{"source":["s"]}'})
    target = {"Id": "q", "Arn": QUEUE}
    post(url, "PutTargets", {"Rule": "r", "Targets": [target]})
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}"}
    post(url, "PutEvents", {"Entries": [entry]})


def list_states(state_directory: Path) -> list[str]:
    """The states of all deliveries."""
    ctx = open_context(str(state_directory))
    states = [each.state for each in ctx.store.ledger.list_deliveries()]
    ctx.close()
    return states


def test_serve_has_the_worker_beside_it(
    serve: Callable[..., tuple[Any, str]], state_directory: Path
) -> None:
    _, url = serve()
    put_failing_event(url, state_directory)

    wait_for(lambda: list_states(state_directory) == ["DELIVERED"])

    path = state_directory / "sinks" / "sqs" / ("0" * 12) / "us-east-1" / "q.jsonl"
    assert len(path.read_text().splitlines()) == 1


def test_serve_works_replays_off(
    serve: Callable[..., tuple[Any, str]], state_directory: Path
) -> None:
    _, url = serve()
    arn = "arn:aws:events:us-east-1:000000000000:"
    bus = f"{arn}event-bus/default"
    post(url, "CreateArchive", {"ArchiveName": "a", "EventSourceArn": bus})
    replay = {
        "ReplayName": "p",
        "EventSourceArn": f"{arn}archive/a",
        "EventStartTime": 0,
        "EventEndTime": 60,
        "Destination": {"Arn": bus},
    }

    started = post(url, "StartReplay", replay)

    assert started["State"] == "STARTING"
    wait_for(
        lambda: post(url, "DescribeReplay", {"ReplayName": "p"})["State"] == "COMPLETED"
    )


def test_serve_holds_replays_that_are_to_be_cancelled(
    serve: Callable[..., tuple[Any, str]], state_directory: Path
) -> None:
    state_directory.mkdir(mode=0o700)
    # Half an hour for each window: nobody here waits for one.
    (state_directory / "config.toml").write_text(
        "[replays]\nwindows_per_second = 0.0005\n"
    )
    _, url = serve()
    arn = "arn:aws:events:us-east-1:000000000000:"
    bus = f"{arn}event-bus/default"
    post(url, "CreateArchive", {"ArchiveName": "a", "EventSourceArn": bus})
    replay = {
        "EventSourceArn": f"{arn}archive/a",
        "EventStartTime": 0,
        "EventEndTime": 60,
        "Destination": {"Arn": bus},
    }

    started = [
        post(url, "StartReplay", {"ReplayName": f"p{number}", **replay})
        for number in range(11)
    ]
    cancelled = post(url, "CancelReplay", {"ReplayName": "p0"})

    assert [each.get("State") for each in started] == ["STARTING"] * 10 + [None]
    assert started[10]["__type"] == "LimitExceededException"
    assert cancelled["State"] == "CANCELLING"


def test_serve_works_in_the_directory_that_comes_after_a_removed_one(
    serve: Callable[..., tuple[Any, str]], state_directory: Path
) -> None:
    process, url = serve()
    for _ in range(3):
        put_failing_event(url, state_directory)
        # The worker has followed as well: the second attempt is its work.
        wait_for(lambda: list_states(state_directory) == ["DELIVERED"])
        shutil.rmtree(state_directory)
        state_directory.mkdir()

    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert stderr.splitlines()[-1] == "evcli stopped."
    assert "Traceback" not in stderr


def test_serve_is_known_by_its_host_and_by_the_names_that_it_was_given(
    serve: Callable[..., tuple[Any, str]],
) -> None:
    _, url = serve("--allowed-host", "evcli", "--allowed-host", "Bus.Example.")

    def ask(host: str) -> int:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/", headers={"Host": host})
        status = connection.getresponse().status
        connection.close()
        return status

    hosts = ["localhost", "evcli:4010", "bus.example", "evil.example"]
    assert [ask(host) for host in hosts] == [200, 200, 200, 403]


@pytest.mark.parametrize("name", ["*", "*.example", "evcli:4010", ""])
def test_serve_takes_no_pattern_for_a_name(
    evcli_command: Callable[..., Outcome], name: str
) -> None:
    outcome = evcli_command("local", "serve", "--port", "0", "--allowed-host", name)

    assert outcome.code == 252
    assert f"{name!r} is no name or address of a host; each is named" in outcome.stderr


def test_serve_without_a_worker_leaves_the_work(
    serve: Callable[..., tuple[Any, str]],
    state_directory: Path,
    evcli_command: Callable[..., Outcome],
) -> None:
    _, url = serve("--no-worker")
    put_failing_event(url, state_directory)
    left = list_states(state_directory)

    # Nobody else is the worker, so this may be.
    ticked = evcli_command("local", "tick")

    assert left == ["RETRYING"]
    assert ticked.code == 0


def test_serve_waits_its_turn_to_be_the_worker(
    serve: Callable[..., tuple[Any, str]], state_directory: Path
) -> None:
    ctx = open_context(str(state_directory))
    with WorkerLock(ctx.store):
        process, url = serve()
        put_failing_event(url, state_directory)
        lines = list(read_until(process.stderr, "Another"))
        before = list_states(state_directory)
    ctx.close()

    wait_for(lambda: list_states(state_directory) == ["DELIVERED"])
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert before == ["RETRYING"]
    lines += stderr.splitlines()
    assert [line for line in lines if line.startswith("Another")] == [
        f"Another worker is running on the state directory {state_directory}; there can"
        " be one `evcli local run` or `tick` at a time. This one waits for its turn."
    ]


def test_serve_says_that_its_port_is_taken(
    evcli_command: Callable[..., Outcome],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        outcome = evcli_command("local", "serve", "--port", str(port))

    assert outcome == (
        255,
        "",
        f"\nevcli: [ERROR]: Port {port} of 127.0.0.1 cannot be opened: Address already"
        " in use.\n",
    )


def test_serve_says_that_its_ready_file_cannot_be(
    tmp_path: Path, evcli_command: Callable[..., Outcome]
) -> None:
    path = tmp_path / "nope" / "ready"

    outcome = evcli_command("local", "serve", "--port", "0", "--ready-file", str(path))

    assert outcome.code == 255
    assert f"{path} cannot be written: No such file or directory." in outcome.stderr


def test_serve_refuses_a_configuration_that_cannot_be_used(
    state_directory: Path, evcli_command: Callable[..., Outcome]
) -> None:
    state_directory.mkdir()
    (state_directory / "config.toml").write_text("account = 1\n")

    outcome = evcli_command("local", "serve", "--port", "0")

    assert outcome.code == 253
    assert "config.toml: account: 1 is not of type string." in outcome.stderr


# -- exec


def run_exec(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `evcli local exec WORDS`."""
    return subprocess.run(
        [*EVCLI, "local", "exec", *words],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


SHOW = (
    "import os, json; print(json.dumps({k: v for k, v in os.environ.items()"
    " if k.startswith(('AWS_', 'EVCLI_'))}))"
)


def test_exec_leads_sdks_and_evcli_to_the_server(tmp_path: Path) -> None:
    done = run_exec(
        "--region", "eu-west-1", "--", sys.executable, "-c", SHOW,
        AWS_PROFILE="work", AWS_SESSION_TOKEN="real", AWS_ACCESS_KEY_ID="real",
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true", AWS_MAX_ATTEMPTS="3",
        AWS_CONFIG_FILE=str(write_profile(tmp_path)),
    )  # fmt: skip

    environ = json.loads(done.stdout)
    url, directory = (
        environ.pop("AWS_ENDPOINT_URL_EVENTBRIDGE"),
        environ.pop("EVCLI_STATE_DIR"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert environ == {
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "3",
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "evcli",
    }
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert not os.path.exists(directory)  # noqa: PTH110 - a text is what there is


def write_profile(directory: Path) -> Path:
    """A configuration file of the official client."""
    path = directory / "config"
    path.write_text("[profile work]\nregion = us-west-2\n")
    return path


def test_exec_serves_boto3_and_forgets(state_directory: Path) -> None:
    script = (
        "import boto3\n"
        "client = boto3.client('events')\n"
        "client.put_rule(Name='r', EventPattern='{\"source\":[\"s\"]}')\n"
        "print([rule['Arn'] for rule in client.list_rules()['Rules']])\n"
    )

    first, second = (run_exec("--", sys.executable, "-c", script) for _ in range(2))

    printed = "['arn:aws:events:us-east-1:000000000000:rule/r']\n"
    assert (first.returncode, first.stdout, first.stderr) == (0, printed, "")
    assert (second.returncode, second.stdout, second.stderr) == (0, printed, "")
    assert not state_directory.exists()


def test_exec_works_off_what_becomes_due() -> None:
    script = (
        "import boto3, time\n"
        "client = boto3.client('events')\n"
        "bus = client.describe_event_bus()['Arn']\n"
        "arn = client.create_archive(ArchiveName='a', EventSourceArn=bus)['ArchiveArn']\n"
        "client.start_replay(ReplayName='p', EventSourceArn=arn, EventStartTime=0,\n"
        "                    EventEndTime=60, Destination={'Arn': bus})\n"
        "while client.describe_replay(ReplayName='p')['State'] != 'COMPLETED':\n"
        "    time.sleep(0.05)\n"
    )

    done = run_exec("--", sys.executable, "-c", script)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_exec_starts_with_a_file_of_state_and_the_configuration_here(
    state_directory: Path, tmp_path: Path
) -> None:
    state_directory.mkdir()
    (state_directory / "config.toml").write_text(
        'region = "eu-west-1"\n[profiles.partner]\naccount = "111122223333"\n'
    )
    file = tmp_path / "state.toml"
    file.write_text(
        "[111122223333.eu-west-1.connections.c]\nAuthorizationType = 'API_KEY'\n"
        "AuthParameters.ApiKeyAuthParameters.ApiKeyName = 'k'\n"
    )
    script = (
        "import boto3; print(boto3.client('events').describe_connection(Name='c')"
        "['AuthorizationType'], flush=True); import subprocess, sys; subprocess.run("
        f"[*{EVCLI!r}, 'describe-connection', '--name', 'c', '--query', 'Name'])"
    )

    done = run_exec(
        "--import",
        str(file),
        "--profile",
        "partner",
        "--",
        sys.executable,
        "-c",
        script,
    )

    assert (done.returncode, done.stdout) == (0, 'API_KEY\n"c"\n')
    assert done.stderr == (
        "The connection c has 'placeholder' for AuthParameters.ApiKeyAuthParameters"
        ".ApiKeyValue, which is not in the file; `evcli update-connection` sets the"
        " secret.\n"
    )
    assert sorted(each.name for each in state_directory.iterdir()) == ["config.toml"]


TEMPLATE = """\
Parameters: {Source: {Type: String}}
Resources:
  R:
    Type: AWS::Events::Rule
    Properties: {Name: r, EventPattern: {source: [!Ref Source]}}
"""


def test_exec_starts_with_what_a_template_describes(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    script = (
        "import boto3;"
        "print(boto3.client('events').describe_rule(Name='r')['EventPattern'])"
    )

    done = run_exec(
        "--import", str(file), "--parameter", "Source=shop",
        "--", sys.executable, "-c", script,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        '{"source":["shop"]}\n',
        "",
    )


def test_serve_imports_a_template_again_when_it_changes(
    serve: Callable[..., tuple[Any, str]], state_directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)

    def find_pattern() -> str:
        with closing(open_context(str(state_directory))) as ctx:
            answer = call_operation(ctx, "DescribeRule", {"Name": "r"})
        return str(answer["EventPattern"])

    process, _ = serve("--import", str(file), "--parameter", "Source=shop", "--watch")
    before = find_pattern()
    file.write_text(TEMPLATE.replace("[!Ref Source]", "[!Ref Source, store]"))
    wait_for(lambda: "store" in find_pattern())
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert before == '{"source":["shop"]}'
    assert find_pattern() == '{"source":["shop","store"]}'
    assert process.returncode == 0
    assert f"evcli watches {file}." in stderr.splitlines()


def test_serve_watches_nothing_without_an_import(start: Start) -> None:
    process = start("local", "serve", "--watch")

    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 252
    assert "--watch needs --import." in stderr


def test_exec_does_not_start_with_a_file_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "state.toml"
    file.write_text("[x]\n")

    done = run_exec("--import", str(file), "--", "touch", str(tmp_path / "ran"))

    assert (done.returncode, done.stdout) == (253, "")
    assert f"{file}: 'x' does not fit 12 digits." in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--", "sh", "-c", "exit 7"), 7),
        (("sh", "-c", "exit 7"), 7),
        (("--", "sh", "-c", "kill -9 $$"), 137),
        (("--", "/nope/command"), 127),
        (("--", "/"), 126),
    ],
)
def test_exec_passes_the_exit_code(words: tuple[str, ...], code: int) -> None:
    assert run_exec(*words).returncode == code


def test_a_command_of_a_sink_under_serve_finds_the_server(
    serve: Callable[..., tuple[Any, str]], evcli_command: Callable[..., Outcome]
) -> None:
    command = "echo $AWS_ENDPOINT_URL_EVENTBRIDGE"
    evcli_command("local", "sinks", "add", "*", "--kind", "exec", "--command", command)
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    _, url = serve()

    entry = {"Source": "s", "DetailType": "d", "Detail": "{}"}
    (entry_result,) = post(url, "PutEvents", {"Entries": [entry]})["Entries"]

    trace = evcli_command("local", "trace", entry_result["EventId"]).stdout
    (delivery,) = json.loads(trace)["Arrivals"][0]["Deliveries"]
    assert [each["Output"] for each in delivery["AttemptLog"]] == [url]


def test_exec_starts_with_a_clock_that_stands() -> None:
    show = [*EVCLI, "local", "clock", "show"]

    done = run_exec("--clock", "2026-01-01T00:00:00Z", "--", *show)
    wrong = run_exec("--clock", "noon", "--", *show)

    assert (done.returncode, done.stdout) == (0, "2026-01-01T00:00:00Z virtual\n")
    assert (wrong.returncode, wrong.stdout) == (252, "")
    assert "--clock" in wrong.stderr


PUT = [*EVCLI, "put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}']


@pytest.mark.parametrize("code", [0, 3])
def test_exec_keeps_the_state_of_a_command_that_fails(
    evcli_command: Callable[..., Outcome], tmp_path: Path, code: int
) -> None:
    script = f"{shlex.join(PUT)}; exit {code}"
    directory = tmp_path / "kept here"

    done = run_exec("--keep-on-failure", str(directory), "--", "sh", "-c", script)

    assert done.returncode == code
    if not code:
        assert (done.stderr, directory.exists()) == ("", False)
        return
    (kept,) = directory.iterdir()
    assert done.stderr == (
        f"The command failed with 3; what it left is in {kept}: `evcli local"
        f" deliveries --state-dir '{kept}'` lists what was delivered.\n"
    )
    described = evcli_command("describe-rule", "--name", "r", "--state-dir", str(kept))
    assert json.loads(described.stdout)["EventPattern"] == '{"source":["s"]}'


@pytest.mark.parametrize("code", [0, 3])
def test_exec_exports_the_state_that_the_command_leaves(
    tmp_path: Path, code: int
) -> None:
    script = f"{shlex.join(PUT)}; exit {code}"
    file = tmp_path / "state.toml"

    done = run_exec("--export-on-exit", str(file), "--", "sh", "-c", script)
    nowhere = tmp_path / "no" / "state.toml"
    failed = run_exec("--export-on-exit", str(nowhere), "--", "sh", "-c", script)

    assert (done.returncode, done.stderr) == (code, "")
    assert "rules.r]" in file.read_text()
    assert failed.returncode == (code or 255)
    assert failed.stderr.startswith("The state was not exported: ")


CHAIN = """
import boto3, os
def handler(event, context):
    if event["source"] == "s":
        entry = {"Source": "again", "DetailType": "d", "Detail": "{}"}
        boto3.client("events").put_events(Entries=[entry])
    return [event["source"], os.getcwd(), os.environ["AWS_ACCESS_KEY_ID"]]
"""
TEST = """
import boto3, json, subprocess, sys
events = boto3.client("events")
events.put_rule(Name="r", EventPattern='{"source":["s","again"]}')
arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
command = json.loads(sys.argv[1]) + ["local", "deliveries", "--output", "json"]
while True:
    found = json.loads(subprocess.run(command, capture_output=True).stdout)
    if [each["State"] for each in found] == ["DELIVERED", "DELIVERED"]:
        break
for each in found:
    trace = [*command[:-3], "trace", each["EventId"]]
    told = json.loads(subprocess.run(trace, capture_output=True).stdout)
    (attempt,) = told["Arrivals"][0]["Deliveries"][0]["AttemptLog"]
    print(attempt["Output"])
"""


@pytest.mark.parametrize("options", [(), ("--clock", "2026-01-01T00:00:00Z")])
def test_a_handler_under_exec_puts_its_events_there_and_comes_back_to_itself(
    evcli_command: Callable[..., Outcome], tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "app.py").write_text(CHAIN)
    evcli_command(
        "local", "sinks", "add", "*", "--kind", "handler",
        "--handler", "app.handler", "--path", str(tmp_path),
    )  # fmt: skip

    done = run_exec(
        *options, "--", sys.executable, "-c", TEST, json.dumps(EVCLI),
        AWS_ACCESS_KEY_ID="real",
    )  # fmt: skip

    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            f'returned ["{source}", "{tmp_path}", "000000000000"]'
            for source in ("s", "again")
        ],
    ), done.stderr


def test_exec_says_which_command_is_not_there() -> None:
    done = run_exec("--", "/nope/command")

    assert done.stderr == "/nope/command: command not found\n"


def test_exec_without_a_command_is_a_mistake(
    evcli_command: Callable[..., Outcome],
) -> None:
    outcome = evcli_command("local", "exec", "--")

    assert outcome.code == 252
    assert "Missing argument 'COMMAND...'" in outcome.stderr


def test_exec_hands_sigterm_on_and_waits_for_the_command(
    start: Start, tmp_path: Path
) -> None:
    script = (
        'trap \'echo ended; rm "$0"; exit 5\' TERM; echo $EVCLI_STATE_DIR > "$0".txt;'
        ' touch "$0"; while :; do sleep 0.05; done'
    )
    there = tmp_path / "there"
    process = start("local", "exec", "--", "sh", "-c", script, str(there))
    wait_for(there.exists)

    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    directory = (tmp_path / "there.txt").read_text().strip()
    assert (process.returncode, stdout, stderr) == (5, "ended\n", "")
    assert not there.exists()
    assert not os.path.exists(directory)  # noqa: PTH110 - a text is what there is


def test_exec_leaves_sigint_to_the_command(start: Start, tmp_path: Path) -> None:
    there = tmp_path / "there"
    process = start(
        "local",
        "exec",
        "--",
        "sh",
        "-c",
        'touch "$0"; while [ ! -e "$0.on" ]; do sleep 0.05; done; exit 6',
        str(there),
    )
    wait_for(there.exists)

    # A terminal would have sent it to both; here only evcli gets it.
    process.send_signal(signal.SIGINT)
    (tmp_path / "there.on").touch()
    process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 6


# Sends a signal to this process when the command runs but `Popen` has not returned yet.
INTERRUPTED_START = """
import os, subprocess, sys
from evcli import main

class Popen(subprocess.Popen):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        if "CHILD" in settings.get("env", {}):
            os.kill(os.getpid(), int(os.environ["CHILD"]))

subprocess.Popen = Popen
main()
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 6), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_a_signal_while_the_command_is_being_started_is_the_commands(
    number: signal.Signals, code: int
) -> None:
    done = subprocess.run(
        [
            sys.executable, "-c", INTERRUPTED_START, "local", "exec", "--",
            sys.executable, "-c", "import time; time.sleep(0.5); raise SystemExit(6)",
        ],
        env={**os.environ, "CHILD": str(int(number))},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_a_signal_after_the_command_changes_nothing(tmp_path: Path) -> None:
    script = (
        "import os, signal, threading\n"
        "from evcli import main\n"
        "from evcli.store.directory.run_directory import RunDirectory\n"
        "clean = RunDirectory.__exit__\n"
        "def clean_up(self, *error):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    clean(self, *error)\n"
        "RunDirectory.__exit__ = clean_up\n"
        "main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "local", "exec", "--", "sh", "-c", "exit 6"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (6, "", "")
    assert not list(tmp_path.glob("evcli-*"))
