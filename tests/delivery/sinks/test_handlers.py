"""The handler sink: a function of Lambda's kind, whatever it does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Outcome, VirtualClock
from evcli.delivery.processes import OUTPUT_BYTES
from evcli.delivery.sinks.conformance import check_sink, make_delivery
from evcli.delivery.sinks.handlers import process as process_module
from evcli.delivery.sinks.handlers.process import HandlerProcess
from evcli.delivery.sinks.handlers.sink import BUSY, HandlerSink
from tests.conftest import NOW
from tests.delivery.sinks.test_exec import is_running
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:thumb"


class Project:
    """A directory with `app.py`, and the sink that calls its `handler`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process = HandlerProcess(
            sys.executable, str(directory), "app.handler", {"PATH": os.environ["PATH"]}
        )

    def write(self, text: str, name: str = "app.py") -> None:
        (self.directory / name).write_text(textwrap.dedent(text))

    def make_sink(self, limit_seconds: float = PATIENCE_SECONDS) -> HandlerSink:
        return HandlerSink(
            self.process, "app.handler", VirtualClock(NOW), limit_seconds
        )

    def call(
        self,
        payload: str = "{}",
        *,
        attempts: int = 0,
        limit_seconds: float = PATIENCE_SECONDS,
    ) -> Outcome:
        delivery = make_delivery(payload)
        delivery.target_arn = FUNCTION
        delivery.attempts = attempts
        sink = self.make_sink(limit_seconds)
        return sink.deliver(delivery, {"action": "lambda:Invoke", "request": {}})

    def get(self, payload: str = "{}") -> Any:
        """What the handler returned."""
        outcome = self.call(payload)
        assert outcome.error_code is None, (outcome.message, outcome.output)
        if outcome.output is None:
            return None
        return json.loads(outcome.output.rpartition("returned ")[2])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    directory = tmp_path / "project"
    directory.mkdir()
    made = Project(directory)
    yield made
    made.process.close()


def tell(outcome: Outcome) -> tuple[str | None, str | None, bool, float, str | None]:
    return (
        outcome.error_code,
        outcome.message,
        outcome.retry,
        outcome.retry_after_seconds,
        outcome.output,
    )


def test_it_conforms(project: Project) -> None:
    project.write("""
        import json
        def handler(event, context):
            is_json = isinstance(event, dict) or event[:2] == "xx"
            text = event if not is_json else json.dumps(
                event, separators=(",", ":"), ensure_ascii=False)
            open("kept", "a").write(json.dumps(text) + "\\n")
        """)

    def read() -> list[str]:
        lines = (project.directory / "kept").read_text().splitlines()
        return [json.loads(line) for line in lines]

    check_sink(project.make_sink, read)


def test_the_handler_gets_the_event_and_a_context(project: Project) -> None:
    project.write("""
        import os, sys
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            return {
                **{name: value for name, value in vars(context).items() if name[0] != "_"},
                "event": event, "left": 0 < left <= 300_000, "path": sys.path[0],
                "cwd": os.getcwd(), "stdin": sys.stdin.read(),
                "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
                "region": os.environ["AWS_REGION"],
            }
        """)

    returned = project.get('{"detail":{"n":1.5}}')

    assert re.fullmatch(
        r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", returned.pop("log_stream_name")
    )
    assert returned == {
        "event": {"detail": {"n": 1.5}},
        "function_name": "thumb",
        "function_version": "$LATEST",
        "invoked_function_arn": FUNCTION,
        "memory_limit_in_mb": "128",
        "aws_request_id": project.get()["aws_request_id"],
        "log_group_name": "/aws/lambda/thumb",
        "identity": None,
        "client_context": None,
        "left": True,
        "path": str(project.directory),
        "cwd": str(project.directory),
        "stdin": "",
        "name": "thumb",
        "region": "eu-west-1",
    }


def test_prints_logs_and_what_is_returned_are_the_output(project: Project) -> None:
    project.write("""
        import logging, os, sys
        log = logging.getLogger()
        log.setLevel(logging.INFO)
        def handler(event, context):
            print("printed")
            sys.stderr.write("written\\n")
            os.system("echo by a child")
            log.info("noted")
            log.debug("dropped")
            return ["ä"]
        """)

    output = project.call().output or ""

    request_id = r"[0-9a-f]{8}-[0-9a-f-]{27}"
    assert re.fullmatch(
        "printed\nwritten\nby a child\n"
        rf"\[INFO\]\t\d{{4}}-\d\d-\d\dT[\d:]{{8}}\.\d{{3}}Z\t{request_id}\tnoted\n"
        r'returned \["ä"\]',
        output,
    )


@pytest.mark.parametrize(
    ("attempts", "retry", "seconds"), [(0, True, 60.0), (1, True, 120.0), (2, False, 0)]
)
def test_an_exception_is_a_failure_that_is_retried_as_lambda_does(
    project: Project, attempts: int, retry: bool, seconds: float
) -> None:
    project.write("""
        def handler(event, context):
            print("so far")
            raise KeyError("nothing")
        """)

    assert tell(project.call(attempts=attempts)) == (
        "ERROR_FROM_TARGET",
        "KeyError: 'nothing'",
        retry,
        seconds,
        "so far\n"
        "Traceback (most recent call last):\n"
        f'  File "{project.directory}/app.py", line 4, in handler\n'
        '    raise KeyError("nothing")\n'
        "KeyError: 'nothing'",
    )


def test_what_is_returned_must_be_json_as_for_lambda(project: Project) -> None:
    project.write("def handler(event, context): return {1, 2}")

    assert tell(project.call())[:2] == (
        "ERROR_FROM_TARGET",
        "Runtime.MarshalError: Unable to marshal response: Object of type set is not"
        " JSON serializable",
    )


COUNTER = """
import os
count = 0
def handler(event, context):
    global count
    count += 1
    return [os.getpid(), count]
"""


def test_the_process_stays_from_one_call_to_the_next(project: Project) -> None:
    project.write(COUNTER)

    (first, one), (second, two) = project.get(), project.get()

    assert (first, one, two) == (second, 1, 2)


@pytest.mark.parametrize("name", ["app.py", "part.py"])
def test_a_file_that_changes_counts_from_the_next_call_on(
    project: Project, name: str
) -> None:
    project.write("VALUE = 1", "part.py")
    project.write("import part\ndef handler(event, context): return [1, part.VALUE]")
    before = project.get()

    project.write(
        (project.directory / name)
        .read_text()
        .replace("[1,", "[2,")
        .replace("= 1", "= 2"),
        name,
    )

    assert before == [1, 1]
    assert sum(project.get()) == 3


def test_a_module_that_does_not_load_is_a_failure_until_it_does(
    project: Project,
) -> None:
    project.write("import nothing_such")
    missing = project.call()
    project.write("def handler(event, context) return 1")
    wrong = project.call()
    project.write("def other(event, context): return 1")
    other = project.call()
    project.write("def handler(event, context): return 1")

    assert tell(missing)[:2] == (
        "ERROR_FROM_TARGET",
        "ModuleNotFoundError: No module named 'nothing_such'",
    )
    assert missing.output == (
        "Traceback (most recent call last):\n"
        f'  File "{project.directory}/app.py", line 1, in <module>\n'
        "    import nothing_such\n"
        "ModuleNotFoundError: No module named 'nothing_such'"
    )
    assert (wrong.message or "").startswith("SyntaxError: ")
    assert other.message == "AttributeError: module 'app' has no attribute 'handler'"
    assert project.get() == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("os._exit(3)", "The handler's process exited with status 3."),
        ("os.kill(os.getpid(), 9)", "The handler's process was ended by signal 9."),
        ("sys.exit('enough')", "SystemExit: enough"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("os.closerange(3, 999)", "OSError: [Errno 9] Bad file descriptor"),
        (
            "sys.setrecursionlimit(100); f = lambda: f(); f()",
            "RecursionError: maximum recursion depth exceeded",
        ),
    ],
)
def test_a_handler_that_dies_fails_its_call_and_no_other(
    project: Project, line: str, message: str
) -> None:
    project.write(f"""
        import os, sys
        def handler(event, context):
            if event:
                print("last words")
                {line}
            return "well"
        """)

    outcome = project.call('{"die":true}')

    assert outcome.error_code == "ERROR_FROM_TARGET"
    if "closerange" in line:
        # Nobody can hear it any more, which its process then dies of.
        message = "The handler's process exited with status 1."
    assert outcome.message == message
    assert (outcome.output or "").startswith("last words")
    assert project.get() == "well"


def test_a_handler_that_hangs_is_ended_with_all_that_it_started(
    project: Project,
) -> None:
    project.write("""
        import os, subprocess, time
        def handler(event, context):
            if not event:
                return "well"
            print(os.getpid(), subprocess.Popen(["sleep", "1000"]).pid, flush=True)
            time.sleep(1000)
        """)
    assert project.get() == "well"

    for limit_seconds in (0.5, 5, 50):  # one is long enough for it to begin
        outcome = project.call('{"hang":true}', limit_seconds=limit_seconds)
        if outcome.output:
            break

    assert tell(outcome)[:4] == (
        "TIMEOUT",
        f"The handler took longer than {limit_seconds:g} s.",
        True,
        60.0,
    )
    for process in map(int, (outcome.output or "").split()):
        wait_for(lambda process=process: not is_running(process))
    assert project.get() == "well"


def test_a_fork_that_comes_back_from_the_handler_ends_there(project: Project) -> None:
    project.write("""
        import os
        def handler(event, context):
            child = os.fork()
            if child:
                os.waitpid(child, 0)
            return os.getpid()
        """)

    assert project.get() == project.get()


def test_what_a_handler_leaves_running_keeps_nobody_waiting_and_ends_with_it(
    project: Project,
) -> None:
    project.write("""
        import os, time
        def handler(event, context):
            child = os.fork()  # it holds every pipe that there is
            if not child:
                time.sleep(1000)
            if event:
                os._exit(1)
            return child
        """)
    dead = project.call('{"die":true}')
    child = project.get()
    was_running = is_running(child)
    project.process.close()

    assert dead.message == "The handler's process exited with status 1."
    assert was_running
    wait_for(lambda: not is_running(child))


def test_rubbish_in_every_descriptor_disturbs_no_answer(project: Project) -> None:
    project.write("""
        import os
        def handler(event, context):
            for descriptor in range(3, 20):
                try:
                    os.write(descriptor, b'{"token":"0","returned":"wrong"}\\n[1]\\nrubbish')
                except OSError:
                    pass
            return "right"
        """)

    assert [project.get(), project.get()] == ["right", "right"]


def test_megabytes_are_cut(project: Project) -> None:
    project.write("""
        def handler(event, context):
            print("x" * 5_000_000)
            if event:
                raise ValueError("y" * 5_000_000)
            return "z" * 5_000_000
        """)

    fine, failed = project.call(), project.call('{"fail":true}')

    printed = f"{'x' * OUTPUT_BYTES}\n… and 4,991,809 bytes more\n"
    assert fine.output == f'{printed}returned "{"z" * (OUTPUT_BYTES - 1)}'
    assert failed.message == f"ValueError: {'y' * OUTPUT_BYTES}"
    assert failed.output == f"{printed}{'y' * OUTPUT_BYTES}"


def test_all_that_was_printed_before_the_answer_is_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The answer is read to its end long before the output is.
    monkeypatch.setattr(process_module, "READ_BYTES", 1)
    project.write("""
        def handler(event, context):
            print("x" * 8000)
            return 1
        """)

    assert project.call().output == f"{'x' * 8000}\nreturned 1"


def test_a_call_that_comes_back_to_its_handler_comes_later(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "BUSY_SECONDS", 0.01)
    project.write("def handler(event, context): return 1")

    with project.process._lock:
        outcome = project.call()

    assert outcome.postponed_until == NOW
    assert tell(outcome) == ("THROTTLING", BUSY, True, 0.0, None)


def test_closing_ends_the_call_that_is_under_way(project: Project) -> None:
    project.write("""
        import time
        def handler(event, context):
            open("begun", "w").close()
            time.sleep(1000)
        """)
    outcomes = []
    caller = threading.Thread(target=lambda: outcomes.append(project.call()))
    caller.start()
    wait_for((project.directory / "begun").exists)

    project.process.close()
    caller.join()

    assert [tell(each)[:3] for each in outcomes] == [
        ("ERROR_FROM_TARGET", "The handler's process was ended by signal 9.", True)
    ]


KEEPER = """
import sys
from evcli.delivery.sinks.handlers.process import HandlerProcess
process = HandlerProcess(sys.executable, sys.argv[1], "app.handler", {})
call = {"payload": sys.argv[2], "arn": "", "name": "", "request_id": "", "seconds": 1000,
        "environ": {}}
print(process.call(call, 1000).answer["returned"], flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("is_busy", [True, False])
def test_no_process_outlives_evcli_when_that_is_killed(
    project: Project, is_busy: bool
) -> None:
    project.write("""
        import os, subprocess, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "1000"])
            with open("pids.new", "w") as file:
                file.write(f"{os.getpid()} {child.pid}")
            os.rename("pids.new", "pids")
            time.sleep(event)
        """)
    pids = project.directory / "pids"
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, project.directory, "1000" if is_busy else "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    with keeper.stdin, keeper.stdout:
        if is_busy:
            wait_for(pids.exists)
        else:
            assert keeper.stdout.readline() == b"null\n"
        processes = [int(each) for each in pids.read_text().split()]
        were_running = [is_running(each) for each in processes]

        keeper.send_signal(signal.SIGKILL)
        keeper.wait()

    assert were_running == [True, True]
    for process in processes:
        wait_for(lambda process=process: not is_running(process))


def test_a_python_that_is_not_there_fails_for_good(tmp_path: Path) -> None:
    made = Project(tmp_path)
    made.process = HandlerProcess("/nowhere/python", str(tmp_path), "app.handler", {})

    assert tell(made.call())[:3] == (
        "NO_RESOURCE",
        "The handler cannot be started: [Errno 2] No such file or directory:"
        " '/nowhere/python'",
        False,
    )
