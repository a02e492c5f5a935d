"""The cases of the pattern language: one file per topic, for every engine that matches.

A case is `{"comment", "source", "pattern", "event"}` with `"matches"` (a bool) or with
`"error"` (the whole reason, position lines included). Pattern and event are JSON *texts*,
since repeated keys, the spelling of numbers and blanks are part of the language.

Events are fragments where that is enough. `whole_event` is the fragment laid over an
envelope; patterns are written so that both give the same outcome. A case that asks for the
absence of an envelope field would break that, so none does.
"""

from __future__ import annotations

import json
from pathlib import Path

DIRECTORY = Path(__file__).parent / "cases"
ENVELOPE = {
    "id": "11111111-2222-3333-4444-555555555555",
    "account": "000000000000",
    "source": "evcli.cases",
    "time": "2031-05-06T07:08:09Z",
    "region": "us-east-1",
    "detail-type": "Case",
}


class Case:
    """A pattern, an event, and what must come of them.

    `matches` is `None` for a pattern that is refused; then `error` is the reason.
    """

    def __init__(self, case_id: str, data: dict[str, object]) -> None:
        self.id = case_id
        self.comment = str(data["comment"])
        self.source = str(data["source"])
        self.pattern = str(data["pattern"])
        self.event = str(data["event"])
        matches = data.get("matches")
        self.matches = None if matches is None else bool(matches)
        self.error = str(data["error"]) if "error" in data else None

    @property
    def whole_event(self) -> str:
        """The event with the envelope's fields added, its own text kept as it is."""
        own = json.loads(self.event)
        members = [
            f"{json.dumps(name)}: {json.dumps(value)}"
            for name, value in ENVELOPE.items()
            if name not in own
        ]
        content = self.event.strip()[1:-1]
        return "{" + ", ".join(members + [content] * bool(content.strip())) + "}"


def load_cases() -> list[Case]:
    """Load all cases, in the order of the files' names and within them."""
    return [
        Case(f"{path.stem}-{number:03d}", data)
        for path in sorted(DIRECTORY.glob("*.json"))
        for number, data in enumerate(json.loads(path.read_text("utf-8")), 1)
    ]
