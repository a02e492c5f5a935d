"""The page without a browser: who gets it, what its calls answer, and to whom."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from evcli.server.page.serving import DIRECTORY, MOST_CALLS, POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.context import Context
    from tests.server.conftest import Answer, Running

    Post = Callable[..., Answer]
    Call = Callable[..., Any]

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def ask(post: Post) -> Callable[..., Answer]:
    """Ask as the page does: `ask("events", {"Limit": 1})`."""

    def send(
        name: str, request: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {"Content-Type": "application/json", **(headers or {})}
        return post(None, request or {}, sent, path=f"/_evcli/{name}")

    return send


@pytest.fixture
def token(post: Post) -> dict[str, str]:
    """The header that calls which write need, as the page has it."""
    page = post(None, b"", BROWSER, "GET").body.decode()
    value = page.partition('name="evcli-token" content="')[2].partition('"')[0]
    return {"X-Evcli-Token": value}


def put_event(client: Any, **entry: str) -> str:
    made = {"Source": "shop", "DetailType": "order", "Detail": "{}", **entry}
    event_id: str = client.put_events(Entries=[made])["Entries"][0]["EventId"]
    return event_id


# -- who gets it


def test_a_browser_gets_the_page_and_everybody_else_the_health_document(
    post: Post,
) -> None:
    page = post(None, b"", BROWSER, "GET")
    health = post(None, b"", {"Accept": "*/*"}, "GET")

    assert page.body.startswith(b"<!doctype html>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert health.document["status"] == "running"


def test_the_page_says_that_nothing_comes_from_elsewhere(post: Post) -> None:
    page = post(None, b"", BROWSER, "GET")

    assert page.headers["content-security-policy"] == POLICY
    assert "'unsafe" not in POLICY
    assert page.headers["x-content-type-options"] == "nosniff"


def test_no_file_of_the_page_names_another_host_or_makes_html(post: Post) -> None:
    from pathlib import Path

    files = [each for each in Path(DIRECTORY).iterdir() if each.suffix != ".py"]

    for file in filter(Path.is_file, files):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, file
        assert "https://" not in text, file
        for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval("):
            assert unsafe not in text, file
        assert text.count("\n") <= 400, file


def test_only_files_of_the_page_are_sent(post: Post) -> None:
    for name in ("serving.py", "../server.py", "..%2fserver.py", "", "__pycache__"):
        assert post(None, b"", {}, "GET", f"/_evcli/page/{name}").status == 404
    assert post(None, b"", {}, "GET", "/_evcli/page/app.js").status == 200


def test_a_server_without_the_page_has_none_of_it(post: Post, running: Running) -> None:
    running.application._page = None

    page = post(None, b"", BROWSER, "GET")
    call = post(None, {}, {"Content-Type": "application/json"}, path="/_evcli/events")

    assert page.document["status"] == "running"
    assert call.status == 400


def test_foreign_pages_and_hosts_are_refused(ask: Callable[..., Answer]) -> None:
    assert ask("events", {}, {"Origin": "http://evil.example"}).status == 403
    assert ask("events", {}, {"Host": "evil.example"}).status == 403


def test_a_form_reaches_no_call(ask: Callable[..., Answer]) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert ask("events", {}, {"Content-Type": kind}).status == 415


@pytest.mark.parametrize(
    "name", ["send-again", "redeliver", "set-rule-state", "fire-rule"]
)
def test_a_call_that_writes_needs_the_token_of_the_page(
    ask: Callable[..., Answer], token: dict[str, str], name: str
) -> None:
    assert ask(name).status == 403
    assert ask(name, {}, {"X-Evcli-Token": "0" * 32}).status == 403
    assert ask(name, {}, token).status == 400  # a member is missing


def test_as_many_calls_as_there_are_slots_leave_the_others_to_sdks(
    ask: Callable[..., Answer], client: Any, running: Running
) -> None:
    page = running.application._page
    assert page is not None
    for _ in range(MOST_CALLS):
        assert page._slots.acquire(blocking=False)

    busy = ask("events").status
    client.list_rules()
    page._slots.release()

    assert (busy, ask("events").status) == (503, 200)


def test_twenty_pages_do_not_keep_sdks_waiting(
    running: Running, client: Any, post: Post
) -> None:
    import http.client

    over = threading.Event()
    seen: list[int] = []

    def look() -> None:
        connection = http.client.HTTPConnection(running.url.removeprefix("http://"))
        headers = {"Content-Type": "application/json"}
        while not over.is_set():
            connection.request("POST", "/_evcli/events", b"{}", headers)
            answer = connection.getresponse()
            answer.read()
            seen.append(answer.status)
        connection.close()

    pages = [threading.Thread(target=look) for _ in range(20)]
    for page in pages:
        page.start()
    for _ in range(20):
        put_event(client)
    over.set()
    for page in pages:
        page.join()

    assert set(seen) <= {200, 503}
    assert len(ask_events(post)) == 20


def ask_events(post: Post, **request: Any) -> list[dict[str, Any]]:
    headers = {"Content-Type": "application/json"}
    answer = post(None, request, headers, path="/_evcli/events")
    assert answer.status == 200, answer.document
    events: list[dict[str, Any]] = answer.document["Events"]
    return events


def test_what_the_page_asks_is_not_told_to_who_runs_the_server(
    ask: Callable[..., Answer], post: Post, running: Running
) -> None:
    reports: list[dict[str, Any]] = []
    running.application._report = reports.append

    ask("events")
    post(None, b"", {}, "GET", "/_evcli/page/app.js")
    post("ListRules")
    # Lines come behind their answers, and all of them before the server's end.
    running.server.stop()
    running.thread.join()

    assert [report["Operation"] for report in reports] == ["ListRules"]


# -- what is answered


def test_events_come_with_what_became_of_them_and_cursors(
    ask: Callable[..., Answer], client: Any
) -> None:
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    client.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    first = put_event(client)
    second = put_event(client, Source="other")

    answer = ask("events").document
    new = ask("events", {"After": answer["Newest"] - 1}).document
    none = ask("events", {"After": answer["Newest"], "Ledger": answer["Ledger"]})

    ledger = answer.pop("Ledger")
    assert [each.pop("AcceptedAt")[-1] for each in answer["Events"]] == ["Z", "Z"]
    bus = {
        "EventBusName": "default",
        "Account": "000000000000",
        "Region": "us-east-1",
        "DetailType": "order",
    }
    assert answer == {
        "IsReset": False,
        "Events": [
            {
                "Key": 1,
                "EventId": first,
                **bus,
                "Source": "shop",
                "Rules": ["r"],
                "Deliveries": {"DELIVERED": 1},
            },
            {
                "Key": 2,
                "EventId": second,
                **bus,
                "Source": "other",
                "Rules": [],
                "Deliveries": {},
                "Undelivered": "NO_RULE",
                "Reason": "nothing matched",
            },
        ],
        "Oldest": 0,
        "Newest": 2,
        "HasOlder": False,
        "Updates": [],
    }
    assert [each["EventId"] for each in new["Events"]] == [second]
    assert none.document == {
        "Ledger": ledger,
        "IsReset": False,
        "Events": [],
        "Newest": 2,
        "Updates": [],
    }


def test_cursors_of_another_ledger_lead_to_the_newest_events(
    ask: Callable[..., Answer], client: Any
) -> None:
    put_event(client)

    ahead = ask("events", {"After": 99}).document
    other = ask("events", {"After": 1, "Ledger": "0"}).document

    assert [each["IsReset"] for each in (ahead, other)] == [True, True]
    assert [len(each["Events"]) for each in (ahead, other)] == [1, 1]


def test_events_are_filtered(post: Post, client: Any) -> None:
    client.create_event_bus(Name="orders")
    put_event(client, Detail='{"note":"50%_off!"}')
    put_event(client, EventBusName="orders", DetailType="Refund")

    def find(**request: Any) -> list[int]:
        return [each["Key"] for each in ask_events(post, **request)]

    assert find(Text="50%_OFF!") == [1]
    assert find(Text="5%f") == []
    assert find(EventBusName="orders") == [2]
    assert find(EventPattern='{"detail-type":["Refund"]}') == [2]
    assert find(Unmatched=True) == [1, 2]
    assert find(Failed=True) == []
    assert find(Before=2) == [1]


def test_a_failed_delivery_is_found_told_and_made_again(
    post: Post,
    ask: Callable[..., Answer],
    client: Any,
    token: dict[str, str],
    state_directory: Path,
) -> None:
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    flaky = '[[sinks]]\narn = "*"\nkind = "file"\nfail_first = 1\n'
    (state_directory / "config.toml").write_text(flaky)
    policy = {"MaximumRetryAttempts": 0}
    target = {"Id": "1", "Arn": QUEUE, "RetryPolicy": policy}
    client.put_targets(Rule="r", Targets=[target])
    put_event(client)

    found = ask_events(post, Failed=True)
    story = ask("story", {"Key": found[0]["Key"]}).document
    (delivery,) = story["Arrivals"][0]["Deliveries"]
    ask("redeliver", {"DeliveryId": delivery["DeliveryId"]}, token)
    (after,) = ask("events", {"After": 1, "Watch": [1]}).document["Updates"]

    assert found[0]["Deliveries"] == {"FAILED": 1}
    assert delivery["State"] == "FAILED"
    assert len(delivery["AttemptLog"]) == 1
    assert after["Deliveries"] == {"DELIVERED": 1}


def test_sending_again_makes_another_event_of_the_same_content(
    post: Post, ask: Callable[..., Answer], client: Any, token: dict[str, str]
) -> None:
    put_event(client, Detail='{"n":1.50}')

    sent = ask("send-again", {"Key": 1}, token).document
    texts = [ask("story", {"Key": key}).document["Text"] for key in (1, sent["Key"])]

    first, second = map(json.loads, texts)
    assert first.pop("id") != second.pop("id")
    assert first == second
    assert '"n":1.50' in texts[1]


def test_rules_are_disabled_enabled_and_fired(
    post: Post, ask: Callable[..., Answer], client: Any, token: dict[str, str]
) -> None:
    client.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)")
    client.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": QUEUE}])
    named = {
        "Account": "000000000000",
        "Region": "us-east-1",
        "EventBusName": "default",
        "Name": "nightly",
    }

    fired = ask("fire-rule", named, token).status
    events = ask_events(post)
    ask("set-rule-state", {**named, "IsEnabled": False}, token)
    (region,) = ask("rules").document["Regions"]
    (rule,) = region["EventBuses"][0]["Rules"]

    assert fired == 200
    assert [each["DetailType"] for each in events] == ["Scheduled Event"]
    assert events[0]["Deliveries"] == {"DELIVERED": 1}
    assert rule["State"] == "DISABLED"
    assert rule["Targets"][0]["Delivered"] == 1


def test_no_secret_is_in_any_answer(ask: Callable[..., Answer], client: Any) -> None:
    arn = client.create_connection(
        Name="c",
        AuthorizationType="API_KEY",
        AuthParameters={
            "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "s3cr3t"}
        },
    )["ConnectionArn"]
    destination = client.create_api_destination(
        Name="hook",
        ConnectionArn=arn,
        InvocationEndpoint="http://127.0.0.1:9/x",
        HttpMethod="POST",
    )["ApiDestinationArn"]
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    client.put_targets(
        Rule="r",
        Targets=[{"Id": "1", "Arn": destination, "RoleArn": "arn:aws:iam::1:role/r"}],
    )
    put_event(client)

    answers = [ask("rules"), ask("events"), ask("story", {"Key": 1})]

    assert b"hook" in answers[0].body
    assert not any(b"s3cr3t" in each.body for each in answers)


def test_a_sample_is_an_event_to_play_with(ask: Callable[..., Answer]) -> None:
    names = ask("samples").document["Samples"]
    text = ask("sample", {"Name": "s3/object-created"}).document["Text"]
    pattern = '{"source":["aws.s3"]}'

    played = ask("play", {"Event": text, "EventPattern": pattern}).document

    assert "s3/object-created" in names
    assert played["Pattern"]["Matched"] is True


@pytest.mark.parametrize(
    ("name", "request_", "message"),
    [
        ("story", {"Key": 7}, "The event is no longer in the ledger."),
        ("story", {"Key": "7"}, "Key has to be of the type int."),
        ("play", {"Event": "{}"}, "EventPattern is missing."),
        ("sample", {"Name": "nope"}, "There is no sample nope."),
    ],
)
def test_what_cannot_be_answered_says_why(
    ask: Callable[..., Answer], name: str, request_: Any, message: str
) -> None:
    answer = ask(name, request_)

    assert (answer.status, answer.document) == (400, {"Error": {"Message": message}})


def test_the_page_costs_nothing_before_it_is_asked_for(ctx: Context) -> None:
    import subprocess
    import sys

    script = (
        "import sys; from evcli.server.application import Application;"
        "from evcli.server.server import Server;"
        f"Application({ctx.store.path!r});"
        "print([m for m in sys.modules if 'page.calls' in m or m == 'hmac'"
        " or m.startswith(('evcli.inspection', 'evcli.authoring'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
