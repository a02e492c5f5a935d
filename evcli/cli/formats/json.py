"""`--output json`: the default, and the only format on the fast lane."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from evcli.cli.output import Answer


def format_json(value: object) -> str:
    """Format a value as `aws` prints it: indent 4, UTF-8 as it is.

    Timestamps without a zone (output skeletons) become ISO text.
    """
    return json.dumps(value, indent=4, ensure_ascii=False, default=_format_odd)


def write(answer: Answer, stream: TextIO) -> None:
    """Write the whole answer, and nothing at all for an empty object.

    Source: [aws] `null`, `[]` and scalars are printed, `{}` is not.
    """
    result = answer.get_result()
    if result != {}:
        stream.write(format_json(result) + "\n")


def _format_odd(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
