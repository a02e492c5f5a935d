"""Fixtures for every test: an empty state directory, a clock moved by hand, no AWS_*."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from evcli.context import Context, VirtualClock
from evcli.delivery.sinks.memory import MemorySink
from evcli.operations import call as call_operation
from evcli.store.records import SCHEMA_VERSION
from evcli.store.store import open_store
from tests.postgresql_server import Server, find_programs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
# Set where every test can run: one that is skipped there says nothing, and so fails.
MUST_RUN = os.environ.get("EVCLI_TESTS_MUST_RUN") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whole profiles run where the ordinary tests draw a sample."""
    parser.addoption(
        "--full",
        action="store_true",
        help="every injected fault, 1,000 kills: about an hour instead of minutes",
    )


# Whoever uses one of these has a store, and the tests of these folders and modules run on
# either engine: `[sqlite]` and `[postgresql]` behind the name of a test.
STORE_FIXTURES = frozenset({"account", "client", "ctx", "open_again"})
ON_BOTH_ENGINES = ("store/", "operations/", "delivery/", "server/test_concurrency.py")
SCHEMA = "evcli_tests"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests of the store, of operations and deliveries run on both engines."""
    path = metafunc.definition.path.relative_to(Path(__file__).parent).as_posix()
    if (
        path.startswith(ON_BOTH_ENGINES)
        and not STORE_FIXTURES.isdisjoint(metafunc.fixturenames)
        and metafunc.definition.get_closest_marker("sqlite_only") is None
    ):
        metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def pytest_configure(config: pytest.Config) -> None:
    """Have Hypothesis judge answers and never the machine's speed.

    The ordinary run draws the same examples every time, so it fails for a change and not
    by chance; `--full` draws new ones.
    """
    settings.register_profile(
        "evcli",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=not config.getoption("full"),
    )
    settings.load_profile("evcli")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count the tests that try hundreds of drawn examples among the slow ones."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Make a failure of a skipped test where all must run."""
    report = yield
    if MUST_RUN and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"must run here, but was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of this process of pytest."""
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def administrator(postgresql: Server) -> Iterator[psycopg.Connection]:
    """A connection that prepares the schema of each test."""
    with psycopg.connect(postgresql.conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """What the test's store is on: `sqlite` or `postgresql`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(autouse=True)
def state_directory(
    engine: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Point evcli to an empty state directory and hide the machine's AWS settings."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "EVCLI_", "PG")):
            monkeypatch.delenv(name)
    if engine == "postgresql":
        server = request.getfixturevalue("postgresql")
        empty_schema(request.getfixturevalue("administrator"))
        monkeypatch.setenv("EVCLI_STORE", server.url(SCHEMA))
    directory = tmp_path / "state"
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("EVCLI_STATE_DIR", str(directory))
    monkeypatch.setenv("TZ", "UTC")
    return directory


# Quicker than to make all tables again.
EMPTY = """
    SET session_replication_role = replica;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'evcli/%';
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'evcli_tests' AND tablename <> 'store' LOOP
            EXECUTE format('DELETE FROM evcli_tests.%I', name);
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences
            WHERE schemaname = 'evcli_tests' LOOP
            EXECUTE format('ALTER SEQUENCE evcli_tests.%I RESTART', name);
        END LOOP;
    END $$;
    INSERT INTO evcli_tests.settings (name, value)
        SELECT 'created_at', (extract(epoch FROM now()) * 1000)::bigint::text;
"""


def empty_schema(administrator: psycopg.Connection) -> None:
    """Make the tests' schema as new."""
    try:
        row = administrator.execute("SELECT version FROM evcli_tests.store").fetchone()
    except psycopg.Error:
        row = None
    if row == (SCHEMA_VERSION,):
        administrator.execute(EMPTY)
    else:
        administrator.execute("DROP SCHEMA IF EXISTS evcli_tests CASCADE")


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at `NOW` until the test moves it."""
    return VirtualClock(NOW)


@pytest.fixture
def ctx(state_directory: Path, clock: VirtualClock) -> Iterator[Context]:
    """A context on the test's state directory and clock."""
    context = Context(store=open_store(str(state_directory)), clock=clock)
    yield context
    context.close()


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files and directories that are synced from now on, by their last names."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("what a descriptor leads to is named by /proc")
    seen: list[str] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return seen


@pytest.fixture
def memory_sink(ctx: Context) -> MemorySink:
    """A sink that stands for every target of `ctx`."""
    sink = MemorySink()
    ctx.sinks["*"] = sink
    return sink


@pytest.fixture
def call(ctx: Context) -> Callable[..., dict[str, Any]]:
    """Run an operation: `call("PutRule", Name="r")`."""

    def run(name: str, **request: Any) -> dict[str, Any]:
        return call_operation(ctx, name, request)

    return run
