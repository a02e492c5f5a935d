"""Fixtures for faults: prepared state directories, and how much is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.injection.cases import Prepared, prepare
from tests.injection.tracing import find_obstacle

if TYPE_CHECKING:
    from collections.abc import Callable


class Extent(NamedTuple):
    """How much is tried where not everything is; `pairs` for each of `seeds`."""

    sample: int
    pairs: int
    seeds: int
    disks: int


ORDINARY = Extent(sample=12, pairs=40, seeds=1, disks=25)
FULL = Extent(sample=100_000, pairs=200, seeds=5, disks=500)


@pytest.fixture(scope="session")
def extent(pytestconfig: pytest.Config) -> Extent:
    """What the ordinary run tries, or the full profile."""
    return FULL if pytestconfig.getoption("full") else ORDINARY


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Prepared]:
    """Prepare a scenario, once: `prepared("orphans")`."""
    obstacle = find_obstacle()
    if obstacle is not None:
        pytest.skip(obstacle)
    known: dict[str, Prepared] = {}

    def find(name: str) -> Prepared:
        if name not in known:
            known[name] = prepare(name, tmp_path_factory.mktemp("prepared"))
        return known[name]

    return find
