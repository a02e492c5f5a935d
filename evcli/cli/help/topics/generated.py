"""What pages of topics say from evcli's own tables: the lines behind `@NAME`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evcli.cli.help.configuration_keys import list_keys, list_kind_keys
from evcli.cli.help.layout import fill
from evcli.cli.help.shared_options import EXIT_CODES, LOCAL_EXIT_CODES
from evcli.store.directory.configuration_schema import SINK_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

MARK = re.compile(r"(?m)^@(\S+)\n")


def fill_in(text: str) -> str:
    """Put the lines of each `@NAME` into a page."""
    return MARK.sub(lambda mark: "".join(f"{line}\n" for line in _list(mark[1])), text)


def _list(name: str) -> Iterable[str]:
    if name == "configuration":
        return list_keys()
    if name in SINK_KINDS:
        return [*list_kind_keys(name), ""]
    codes = {"operations": EXIT_CODES, "local": LOCAL_EXIT_CODES}[name]
    blocks = ([f"    {code}", *fill(text, 2)] for code, text in codes.items())
    return [*(line for block in blocks for line in block), ""]
