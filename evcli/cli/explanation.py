"""After test-event-pattern: the explanation on standard error, and the exit status."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# As grep and diff say no, unlike every error.
NO_MATCH = 1


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
        session.warn(format_explanation(request, is_json=style == "json"))
    is_miss = response.get("Result") is False
    return NO_MATCH if is_miss and options.get("exit_code") else 0


def format_explanation(request: dict[str, Any], *, is_json: bool) -> str:
    """Say why the pattern of a request matches its event or does not."""
    from evcli.patterns import compile_pattern, read_event
    from evcli.patterns.explain import explain, format_verdict, verdict_to_dict

    pattern = compile_pattern(request["EventPattern"])
    verdict = explain(pattern, read_event(request["Event"]))
    if not is_json:
        return format_verdict(verdict).rstrip("\n")
    import json

    return json.dumps(verdict_to_dict(verdict), indent=4, ensure_ascii=False)
