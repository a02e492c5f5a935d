"""`--output json`: the default, and the only format on the fast lane."""

from __future__ import annotations

import json

from evcli.cli.errors import GeneralError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from evcli.cli.output.rendering import Answer


def format_json(value: object) -> str:
    """Format a value as `aws` prints it: indent 4, UTF-8 as it is.

    Timestamps without a zone (output skeletons) become ISO text.

    Raises: GeneralError: a query left a reference to an expression, such as `&@`.
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
    # What the official client, which hands the value back, is told. Source: [aws].
    raise GeneralError("Circular reference detected")
