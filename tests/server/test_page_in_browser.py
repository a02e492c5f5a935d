"""The page in a real browser: live events, the playground, and that all can use it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, Request

    from tests.server.conftest import Running

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"),
]

CASES = Path(__file__).parent.parent / "patterns" / "cases"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
VIEWS = ("events", "playground", "rules")
WIDTHS = {"wide": (1280, 800), "narrow": (400, 800)}
# Found in a document, it would show that data was read as HTML.
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without its sandbox where that cannot be: as root."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=arguments, timeout=PATIENCE_SECONDS * 1000
        )
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, running: Running) -> Iterator[Callable[..., Page]]:
    """Open `open_page("#/rules")`; whatever it complains of fails the test."""
    contexts = []
    problems: list[str] = []

    def open_at(
        fragment: str = "", size: tuple[int, int] = (1280, 800), scheme: Any = "light"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.on(
            "console",
            # A refused call is told by the page; the browser tells it as well.
            lambda said: (
                problems.append(said.text)
                if said.type == "error" and "400" not in said.text
                else None
            ),
        )
        page.goto(f"{running.url}/{fragment}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert problems == []


def put_event(client: Any, **entry: Any) -> str:
    made = {"Source": "shop", "DetailType": "order", "Detail": "{}", **entry}
    event_id: str = client.put_events(Entries=[made])["Entries"][0]["EventId"]
    return event_id


def put_rule(client: Any, **target: Any) -> None:
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    client.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": QUEUE, **target}])


def list_rows(page: Page) -> Locator:
    return page.locator("#event-list [role=option]")


def make_link(**state: str) -> str:
    text = base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")
    return f"#/playground/{text}"


# -- events


def test_an_event_appears_at_the_next_look_and_its_story_opens(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_rule(client)
    client.put_rule(Name="other", EventPattern='{"source":["else"]}')
    page = open_page()
    expect(page.locator("#no-events")).to_be_visible()
    looks: list[Request] = []

    event_id = put_event(client, DetailType="Order Paid", Detail='{"total":7}')
    page.on(
        "request",
        lambda request: looks.append(request) if "events" in request.url else None,
    )
    row = list_rows(page)
    expect(row).to_contain_text("Order Paid")
    # One may have been under way when the event was put.
    assert len(looks) <= 2
    row.click()

    story = page.locator("#story")
    expect(story).to_contain_text(event_id)
    expect(story).to_contain_text('"detail": {"total": 7}')
    expect(story.locator(".delivery")).to_contain_text(QUEUE)
    expect(story.locator(".badge")).to_have_text("✓ delivered")
    story.get_by_text("1 rule did not match").click()
    expect(story).to_contain_text('source: "shop" is not ["else"]')


def test_scrolling_up_pauses_and_the_button_goes_on(
    open_page: Callable[..., Page], client: Any
) -> None:
    for _ in range(60):
        put_event(client)
    page = open_page()
    rows = list_rows(page)
    expect(rows).to_have_count(60)
    page.locator("#event-list").evaluate("node => { node.scrollTop = 100; }")

    put_event(client)
    expect(page.locator("#resume")).to_have_text("Paused · 1 new ↓")

    assert page.locator("#event-list").evaluate("node => node.scrollTop") == 100
    expect(rows).to_have_count(60)
    page.locator("#resume").click()
    expect(rows).to_have_count(61)


def test_filters_leave_what_meets_them_and_say_what_is_wrong_with_a_pattern(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_rule(client)
    put_event(client, DetailType="matched")
    put_event(client, Source="other", DetailType="missed")
    page = open_page()
    rows = list_rows(page)
    expect(rows).to_have_count(2)

    page.get_by_label("unmatched").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("○ nothing matched")
    page.get_by_label("unmatched").uncheck()
    page.locator("[name=pattern]").fill('{"detail-type":["matched"]}')
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("matched")
    page.locator("[name=pattern]").fill('{"detail-type":"matched"}')
    expect(page.locator("#filter-problem")).to_contain_text("Event pattern is not")


def test_send_again_makes_another_event_and_tells_its_story(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_rule(client)
    first = put_event(client, Detail='{"n":1}')
    page = open_page()
    list_rows(page).click()

    page.get_by_role("button", name="Send again").click()

    rows = list_rows(page)
    expect(rows).to_have_count(2)
    expect(page.locator("#story .facts")).not_to_contain_text(first)
    expect(page.locator("#story")).to_contain_text('"detail": {"n": 1}')
    expect(rows.last).to_contain_text("✓ 1 delivered")


def test_redeliver_attempts_what_failed_once_more(
    open_page: Callable[..., Page], client: Any, state_directory: Path
) -> None:
    put_rule(client, RetryPolicy={"MaximumRetryAttempts": 0})
    flaky = '[[sinks]]\narn = "*"\nkind = "file"\nfail_first = 1\n'
    (state_directory / "config.toml").write_text(flaky)
    put_event(client)
    page = open_page()
    list_rows(page).click()
    expect(page.locator("#story .badge")).to_have_text("✗ failed")

    page.get_by_role("button", name="Redeliver").press("Enter")

    expect(page.locator("#story .badge")).to_have_text("✓ delivered")
    expect(page.get_by_role("button", name="Redeliver")).to_be_focused()
    expect(page.locator("#story .attempts > li")).to_have_count(2)


def test_an_event_is_copied_as_a_command_that_puts_it_again(
    open_page: Callable[..., Page], client: Any, running: Running
) -> None:
    put_event(client, Detail='{"name":"O\'Hara","n":1.50}')
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    list_rows(page).click()

    page.get_by_role("button", name="Copy as command").click()
    expect(page.locator("#toast")).to_have_text("Copied the command.")

    entry = json.dumps(
        [
            {
                "Source": "shop",
                "DetailType": "order",
                "Detail": '{"name":"O\'Hara","n":1.50}',
                "EventBusName": "default",
            }
        ],
        separators=(",", ":"),
    ).replace("'", "'\\''")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command == f"evcli put-events --entries '{entry}'\n"


def test_a_hidden_page_asks_for_nothing(
    open_page: Callable[..., Page], client: Any
) -> None:
    page = open_page("#/playground")
    page.clock.install()
    page.goto(page.url.partition("#")[0] + "#/events")
    expect(page.locator("#connection")).to_have_text("● live")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.clock.run_for(60_000)
    assert asked == []

    page.evaluate(
        "delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))"
    )
    with page.expect_request("**/_evcli/events"):
        page.clock.run_for(2_000)


# -- playground


def test_a_typo_is_marked_at_its_column(open_page: Callable[..., Page]) -> None:
    page = open_page("#/playground")
    expect(page.locator("#verdict")).to_have_text("✓ The pattern matches the event.")

    page.locator("#pattern-editor textarea").fill(
        '{\n  "source": ["shop"],\n  "detail": {"n": [{"numerik": ["<", 1]}]}\n}'
    )

    mark = page.locator("#pattern-editor mark")
    expect(mark).to_have_text('"numerik": [')
    column = len('  "detail": {"n": [{"numerik": [') + 1
    expect(mark).to_have_attribute("data-line", "3")
    expect(mark).to_have_attribute("data-column", str(column))
    expect(page.locator("#pattern-editor .problem")).to_contain_text(
        "Unrecognized match type numerik"
    )
    expect(page.locator("#verdict")).to_have_text(
        "\N{EN DASH} The event pattern is not valid."
    )


def test_verdicts_are_those_of_test_event_pattern(
    open_page: Callable[..., Page], client: Any
) -> None:
    cases = [
        case
        for path in sorted(CASES.glob("*.json"))
        for case in json.loads(path.read_text())[:4]
        if "matches" in case
    ][:50]
    assert len(cases) == 50
    page = open_page("#/playground")
    expect(page.locator("#verdict")).not_to_be_empty()

    for case in cases:
        pattern, event = as_text(case["pattern"]), as_text(case["event"])
        request = {"EventPattern": pattern, "Event": complete(event)}
        expected = client.test_event_pattern(**request)["Result"]
        # What the case before left there says nothing.
        page.locator("#verdict").evaluate("node => { node.textContent = ''; }")
        with page.expect_response("**/_evcli/play") as answered:
            page.goto(
                page.url.partition("#")[0] + make_link(p=pattern, e=complete(event))
            )
        assert answered.value.ok
        sign = "✓ The pattern matches" if expected else "✗ The pattern does not match"
        expect(page.locator("#verdict")).to_contain_text(sign)


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def complete(event: str) -> str:
    """Give an event what test-event-pattern asks for; what it says itself stays."""
    needed = {
        "id": "1",
        "account": "000000000000",
        "source": "s",
        "time": "2024-05-14T11:23:22Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "d",
    }
    return json.dumps({**needed, **json.loads(event)})


def test_a_link_shows_another_page_the_same(open_page: Callable[..., Page]) -> None:
    page = open_page("#/playground")
    page.locator("#pattern-editor textarea").fill('{"source":["ünï"]}')
    page.get_by_label("Input paths").fill('{"id": "$.detail.id"}')
    page.get_by_label("Input template").fill('{"order": <id>}')
    expect(page.locator("#payload pre")).to_contain_text('"order": 7')
    expect(page.locator("#verdict")).to_have_class("verdict no")

    other = open_page(page.url.partition("/#")[2].join(["#", ""]))

    expect(other.locator("#payload pre")).to_contain_text('"order": 7')
    for label in ("Event pattern", "Input paths", "Input template"):
        text = page.get_by_role("textbox", name=label).input_value()
        expect(other.get_by_role("textbox", name=label)).to_have_value(text)


def test_the_playground_says_which_rules_match(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_rule(client)
    client.put_rule(
        Name="dear", EventPattern='{"detail":{"total":[{"numeric":[">",200]}]}}'
    )
    page = open_page("#/playground")
    expect(page.locator("#rules-bus option[value=default]")).to_be_attached()

    page.locator("#rules-bus").select_option("default")

    lines = page.locator("#matching > li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_have_text("✓ matches r")
    expect(lines.last).to_contain_text("✗ misses dear")
    expect(lines.last).to_contain_text("detail.total: 120 is not")


# -- rules


def test_rules_are_disabled_and_fired_by_buttons(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_rule(client)
    client.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)")
    client.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": QUEUE}])
    page = open_page("#/rules")

    page.get_by_role("button", name="Fire now nightly").click()
    rule = page.locator(".rule", has_text="nightly")
    expect(rule).to_contain_text("✓ 1 delivered")
    page.get_by_role("button", name="Disable r", exact=True).click()
    expect(page.get_by_role("button", name="Enable r", exact=True)).to_be_focused()

    assert client.describe_rule(Name="r")["State"] == "DISABLED"


# -- for all


def test_what_others_wrote_stays_text(
    open_page: Callable[..., Page], client: Any, state_directory: Path
) -> None:
    put_rule(
        client,
        Id="1",
        RetryPolicy={"MaximumRetryAttempts": 0},
        Input=json.dumps(HOSTILE),
    )
    command = json.dumps(f"echo {json.dumps(HOSTILE)} >&2; exit 1")
    exec_sink = f'[[sinks]]\narn = "*"\nkind = "exec"\ncommand = {command}\n'
    (state_directory / "config.toml").write_text(exec_sink)
    client.put_rule(Name="h", EventPattern=json.dumps({"source": [HOSTILE]}))
    detail = json.dumps({HOSTILE: HOSTILE})
    put_event(client, Detail=detail, DetailType=HOSTILE, Resources=[HOSTILE])
    put_event(client, Source=HOSTILE)

    page = open_page()
    expect(list_rows(page)).to_have_count(2)
    list_rows(page).first.click()
    expect(page.locator("#story h2")).to_contain_text(HOSTILE)
    expect(page.locator("#story .attempts")).to_contain_text("window.hacked")
    page.locator("#story details").evaluate_all(
        "all => all.forEach(x => x.open = true)"
    )
    seen = [is_clean(page)]
    page.get_by_role("link", name="Open in playground").click()
    expect(page.locator("#event-editor textarea")).to_have_value(re.compile("<script>"))
    page.locator("#pattern-editor textarea").fill(
        json.dumps({"source": [{HOSTILE: 1}]})
    )
    expect(page.locator("#pattern-editor .problem")).to_contain_text("<script>")
    seen.append(is_clean(page))
    page.goto(page.url.partition("#")[0] + "#/rules")
    page.locator("#overview summary").first.click()
    expect(page.locator("#overview")).to_contain_text("<script>")
    seen.append(is_clean(page))

    assert seen == [True] * 3


def is_clean(page: Page) -> bool:
    """Say whether nothing of the data has become an element or has run."""
    clean: bool = page.evaluate(
        "window.hacked === undefined && document.images.length === 0"
        " && document.scripts.length === 1"
    )
    return clean


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_view_has_a_serious_fault_of_accessibility(
    open_page: Callable[..., Page], client: Any, width: str, scheme: str
) -> None:
    put_rule(client)
    client.put_rule(Name="off", EventPattern='{"source":["x"]}', State="DISABLED")
    put_event(client, Detail='{"n":1}')
    put_event(client, Source="other")
    faults = []

    for view in VIEWS:
        page = open_page(f"#/{view}", WIDTHS[width], scheme)
        show_something(page, view)
        found = Axe().run(page).response["violations"]
        faults += [
            (view, fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]

    assert faults == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out_at_400_pixels(
    open_page: Callable[..., Page], client: Any, view: str
) -> None:
    put_rule(client)
    put_event(client, Detail=json.dumps({"long": "x" * 200}), DetailType="y" * 120)
    page = open_page(f"#/{view}", WIDTHS["narrow"])
    show_something(page, view)

    widths = page.evaluate(
        "[document.documentElement, document.querySelector('main'),"
        " document.querySelector('#story')].map(node => node.scrollWidth)"
    )

    assert max(widths) <= 400


def show_something(page: Page, view: str) -> None:
    if view == "events":
        list_rows(page).first.click()
        expect(page.locator("#story h2")).to_be_visible()
    elif view == "playground":
        expect(page.locator("#explanation .verdicts")).to_be_visible()
    else:
        expect(page.locator(".rule").first).to_be_visible()


def test_everything_is_reached_by_keys(
    open_page: Callable[..., Page], client: Any
) -> None:
    put_event(client, DetailType="older")
    put_event(client, DetailType="newer")
    page = open_page()
    expect(list_rows(page)).to_have_count(2)

    page.locator("#event-list").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    story = page.locator("#story")
    expect(story).to_be_focused()
    expect(story.locator("h2")).to_contain_text("older")
    page.keyboard.press("Escape")
    expect(page.locator("#event-list")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#playground")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Text")).to_be_focused()
    page.keyboard.type("older")
    expect(list_rows(page)).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
