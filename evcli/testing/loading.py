"""Templates, plans and exports, made the state of a test."""

from __future__ import annotations

import io
import os

from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.formats import ReadOptions
from evcli.infrastructure.reading import read_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evcli.context import Context


def load_templates(
    ctx: Context,
    paths: Sequence[str | os.PathLike[str]],
    parameters: Mapping[str, str],
    stack_name: str | None,
) -> None:
    """Make what files describe together; what is left out becomes a notice.

    Raises: ConfigurationError: the file, the line, and what is wrong there.
    """
    options = ReadOptions(
        ctx.account_id,
        ctx.region,
        parameters=dict(parameters),
        stack_name=stack_name,
    )
    # Nobody means the standard input of a test.
    description = read_files(
        [os.fspath(each) for each in paths], options, io.StringIO()
    )
    ctx.notices += [*description.remarks, *description.notes]
    carry_out(ctx, description)
