"""Imports by the shorter way: the same modules, and Python's own way where there is more to it."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import evcli
from evcli.cli.imports import Shortcut
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(evcli.__file__).parent
PROBE = """
import os, sys
import evcli
def leave(code):
    loaders = {type(module.__loader__).__name__ for name, module in sys.modules.items()
               if name.startswith("evcli.") and not name.startswith("evcli.cli")}
    sys.stderr.write(" ".join(sorted(loaders)))
    sys.stderr.flush()
    exit_now(code)
exit_now, os._exit = os._exit, leave
sys.argv = ["evcli", "list-rules"]
evcli.main()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A package with a module in it and one below, compiled."""
    root = tmp_path / "package"
    (root / "inner").mkdir(parents=True)
    for name, text in {
        "one.py": "VALUE = 1\n",
        "inner/__init__.py": "VALUE = 2\n",
        "inner/two.py": "VALUE = 3\n",
    }.items():
        (root / name).write_text(text)
        py_compile.compile(str(root / name), doraise=True)
    return root


def load(shortcut: Shortcut, name: str) -> ModuleType | None:
    spec = shortcut.find_spec(name, None)
    if spec is None:
        return None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("evcli.one", "one.py"),
        ("evcli.inner", "inner/__init__.py"),
        ("evcli.inner.two", "inner/two.py"),
    ],
)
def test_a_module_is_what_python_makes_of_it(root: Path, name: str, file: str) -> None:
    module = load(Shortcut(str(root)), name)

    spec = importlib.util.spec_from_file_location(name, root / file)
    assert spec is not None
    assert spec.loader is not None
    expected = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(expected)
    assert module is not None
    for each in (
        "VALUE",
        "__cached__",
        "__doc__",
        "__file__",
        "__name__",
        "__package__",
    ):
        assert getattr(module, each) == getattr(expected, each)
    assert getattr(module, "__path__", None) == getattr(expected, "__path__", None)


def test_what_is_not_of_the_package_is_left_to_python(root: Path) -> None:
    shortcut = Shortcut(str(root))

    names = ["one", "evclient.one", "evcli", "json", "evcli.nothing", "evcli.inner.one"]
    found = [shortcut.find_spec(name, None) for name in names]

    assert found == [None] * len(names)


@pytest.mark.parametrize("change", ["newer", "longer", "no source", "no code", "torn"])
def test_what_python_would_compile_anew_is_left_to_it(root: Path, change: str) -> None:
    source = root / "one.py"
    compiled = Path(importlib.util.cache_from_source(str(source)))
    at = source.stat().st_mtime_ns
    if change == "newer":
        os.utime(source, ns=(at + 5_000_000_000, at + 5_000_000_000))
    elif change == "longer":
        source.write_text("VALUE = 100\n")
        os.utime(source, ns=(at, at))
    elif change == "no source":
        source.unlink()
    elif change == "no code":
        compiled.unlink()
    else:
        compiled.write_bytes(compiled.read_bytes()[:10])

    assert load(Shortcut(str(root)), "evcli.one") is None


def test_code_that_is_checked_in_another_way_is_left_to_python(root: Path) -> None:
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(root / "one.py"), invalidation_mode=mode)

    assert load(Shortcut(str(root)), "evcli.one") is None


@pytest.mark.parametrize(
    ("options", "loaders"),
    [
        ([], "Shortcut"),
        (["-O"], "SourceFileLoader"),
        (["-X", "pycache_prefix=elsewhere"], "SourceFileLoader"),
    ],
)
def test_a_command_takes_the_shorter_way_where_there_is_one(
    tmp_path: Path, state_directory: Path, options: list[str], loaders: str
) -> None:
    environ = {"PATH": os.environ["PATH"], "EVCLI_STATE_DIR": str(state_directory)}
    command = [sys.executable, "-I", *options, "-c"]
    path = f"import sys; sys.path.insert(0, {str(ROOT.parent)!r})"
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(ROOT)],
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    done = subprocess.run(
        [*command, f"{path}\n{PROBE}"],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.returncode, done.stderr) == (0, loaders)
