"""Around test-event-pattern: sample events; the explanation, and the exit status."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.patterns.explain import PatternVerdict

# Stands before the name of a sample in place of an event.
SAMPLE = "sample:"
# As grep and diff say no, unlike every error.
NO_MATCH = 1

# Style of a line -> how rich shows it.
STYLES = {
    "met": "green",
    "missed": "red",
    "aside": "dim",
    "event": "",
    "hint": "magenta",
}


def prepare(session: Session, ctx: Context, request: dict[str, Any]) -> None:
    """Put a sample event where the request names one.

    Raises: InspectionError: there is no such sample.
    """
    event = request.get("Event")
    if isinstance(event, str) and event.startswith(SAMPLE):
        request["Event"] = _read_sample(session, ctx, event.removeprefix(SAMPLE))


def _read_sample(session: Session, ctx: Context, name: str) -> str:
    from evcli.authoring import samples
    from evcli.delivery.envelopes import format_json
    from evcli.operations.whole_events import complete_event

    here = session.find_working_directory()
    own_directory = samples.find_own_directory(session.environ, here)
    sample = samples.find_sample(name, own_directory)
    event = samples.read_file(sample.path)
    if sample.service:
        event = samples.localize(event, ctx.account_id, ctx.region)
    return format_json(complete_event(ctx, event))


def follow_up(
    session: Session,
    _ctx: Context,
    request: dict[str, Any],
    response: dict[str, Any],
    options: dict[str, Any],
) -> int:
    """Do what `--explain` and `--exit-code` ask for; give the exit code."""
    style = options.get("explain")
    if style is not None:
        show_explanation(session, request, is_json=style == "json")
    is_miss = response.get("Result") is False
    return NO_MATCH if is_miss and options.get("exit_code") else 0


def show_explanation(
    session: Session, request: dict[str, Any], *, is_json: bool
) -> None:
    """Say why the pattern of a request matches its event or does not."""
    from evcli.patterns import compile_pattern, read_event
    from evcli.patterns.explain import explain, format_verdict, verdict_to_dict

    pattern = compile_pattern(request["EventPattern"])
    verdict = explain(pattern, read_event(request["Event"]))
    if is_json:
        import json

        text = json.dumps(verdict_to_dict(verdict), indent=4, ensure_ascii=False)
        session.warn(text)
    elif session.stderr.isatty():
        _paint(session, verdict)
    else:
        session.warn(format_verdict(verdict).rstrip("\n"))


def _paint(session: Session, verdict: PatternVerdict) -> None:
    """Show a verdict on a terminal, in its width and in colors unless they are off."""
    from rich.console import Console
    from rich.text import Text

    from evcli.cli.output.visible import make_visible
    from evcli.patterns.explain import render_lines

    is_off = session.options.get("color") == "off"
    console = Console(file=session.stderr, highlight=False, no_color=is_off or None)
    for style, line in render_lines(verdict, console.width):
        shown = Text(make_visible(line), "" if is_off else STYLES[style])
        console.print(shown, soft_wrap=True)
