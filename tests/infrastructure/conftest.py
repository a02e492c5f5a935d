"""Read files as the commands do, and carry out what they describe."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.infrastructure.formats import ReadOptions
from evcli.infrastructure.reading import read_files
from evcli.infrastructure.templates.evaluation import Template
from evcli.infrastructure.templates.values import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.infrastructure.description import Description
    from evcli.infrastructure.sources import Source

ACCOUNT, REGION = "123456789012", "eu-west-1"
SAMPLES = Path(__file__).parent / "samples"


def read(*paths: Path | str, stdin: str = "", **options: Any) -> Description:
    """What files describe, in the account and region above."""
    return read_files(
        list(map(str, paths)),
        ReadOptions(ACCOUNT, REGION, **options),
        io.StringIO(stdin),
    )


@pytest.fixture
def describe(tmp_path: Path) -> Callable[..., Description]:
    """Read one template, given as text or as a value."""

    def describe_template(
        template: str | dict[str, Any], name: str = "shop.yaml", **options: Any
    ) -> Description:
        text = template if isinstance(template, str) else json.dumps(template, indent=1)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read(path, **options)

    return describe_template


def make_template(
    source: Source, document: dict[str, Any], functions: dict[str, Any]
) -> Template:
    """A template without a file, in the account and region above."""
    return Template(source, document, Settings(ACCOUNT, REGION, "t", {}, {}), functions)


def to_table(description: Description) -> dict[str, Any]:
    """What is described, without where: `KIND NAME` → members, patterns as values."""
    table = {}
    for each in description.resources:
        members = dict(each.members)
        for name in ("EventPattern", "Policy"):
            if name in members:
                members[name] = json.loads(members[name])
        table[f"{each.account_id} {each.region} {each.kind} {'/'.join(each.name)}"] = (
            members
        )
    return table
