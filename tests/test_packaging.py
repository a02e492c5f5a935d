"""What is published: an sdist to work from, a wheel to run, and metadata that is read.

Each is installed by pip in an environment of its own, beside the packages that its
metadata declares and those that these need, and no others: what is used and not declared
is missing there. They come from the environment of the tests, so that nothing is fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from evcli import __version__
from evcli.cli.help.topics import TOPICS
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
NAME = f"evcli-{__version__}"
SOURCES = (
    ".ci", ".pre-commit-hooks.yaml", "CHANGELOG.md", "LICENSE", "MANIFEST.in",
    "README.md", "action.yml", "completions", "evcli", "pyproject.toml", "tests",
)  # fmt: skip
BUILD = "from setuptools import build_meta as b; b.build_{kind}({target!r})"


def run(*argv: str | Path, cwd: Path, **environ: str) -> str:
    """Run a command to its end; all that it prints."""
    done = subprocess.run(
        [str(each) for each in argv],
        cwd=cwd,
        env={
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("EVCLI_", "AWS_", "PYTHON"))
            },
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_SECONDS,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    """Build an sdist or a wheel from a directory; its file."""
    target.mkdir(exist_ok=True)
    run(sys.executable, "-c", BUILD.format(kind=kind, target=str(target)), cwd=source)
    [path] = target.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist of a copy of this checkout, and the wheel that is made from the sdist."""
    folder = tmp_path_factory.mktemp("packages")
    copy = folder / "checkout"
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", ".hypothesis")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy / name)
    sdist = build("sdist", copy, folder / "dist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return sdist, build("wheel", folder / NAME, folder / "dist")


def list_needed(name: str, found: set[str] | None = None) -> set[str]:
    """Names of the packages that an installed one needs, and of what these need."""
    found = set() if found is None else found
    for text in metadata.requires(name) or ():
        needed = Requirement(text)
        is_meant = needed.marker is None or needed.marker.evaluate({"extra": ""})
        if is_meant and needed.name not in found:
            found.add(needed.name)
            list_needed(needed.name, found)
    return found


@pytest.fixture(scope="module")
def programs(
    built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The programs of an environment with the wheel and what it declares."""
    directory = tmp_path_factory.mktemp("environment")
    venv.create(directory, symlinks=True, with_pip=True)
    paths = {"base": str(directory), "platbase": str(directory)}
    site = Path(sysconfig.get_path("purelib", "venv", paths))
    for name in list_needed("evcli"):
        files = metadata.files(name) or []
        for file in files:
            if ".." not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), site / file)
    pip = (directory / "bin" / "python", "-m", "pip")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-index")
    # The index is off, so a dependency that is declared and not there is an error.
    run(*pip, "install", *quiet, built[1], cwd=directory)
    run(*pip, "check", cwd=directory)
    return directory / "bin"


def test_an_sdist_has_all_that_one_works_with(built: tuple[Path, Path]) -> None:
    sdist, _ = built
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    wanted = {
        str(path.relative_to(ROOT))
        for folder in (".ci", "completions", "evcli", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.endswith("_cache") for part in path.parts)
        and ".hypothesis" not in path.parts
    }

    alone = {name for name in SOURCES if (ROOT / name).is_file()}
    assert {*wanted, *alone} <= names


def test_a_wheel_has_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    _, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    tops = {name.split("/")[0] for name in names}
    assert tops == {"evcli", f"{NAME}.dist-info"}
    topics = {f"evcli/cli/help/topics/{name}.txt" for name in TOPICS}
    assert {"evcli/py.typed", *topics} <= names


def test_what_is_uploaded_is_in_order(built: tuple[Path, Path]) -> None:
    said = run(
        *(sys.executable, "-m", "twine", "check", "--strict", *built),
        cwd=built[0].parent,
    )

    assert (said.count("PASSED"), "warning" in said.lower()) == (2, False)


def test_a_wheel_runs_by_itself(programs: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}

    by_program = run(programs / "evcli", "--version", cwd=tmp_path, **home)
    by_module = run(
        programs / "python", "-m", "evcli", "--version", cwd=tmp_path, **home
    )
    topic = run(programs / "evcli", "help", "config", cwd=tmp_path, **home)
    where = run(
        *(programs / "python", "-c", "import evcli; print(evcli.__file__)"),
        cwd=tmp_path,
    )

    assert by_program == by_module
    assert by_program.startswith(f"evcli/{__version__} ")
    assert topic.startswith("NAME\n    config - ")
    assert Path(where.strip()).is_relative_to(programs.parent)


def test_every_module_of_a_wheel_needs_only_what_is_declared(
    programs: Path, tmp_path: Path
) -> None:
    # pytest, botocore and psycopg are there for whoever asks for them.
    walk = (
        "import importlib, pkgutil, evcli\n"
        "for each in pkgutil.walk_packages(evcli.__path__, 'evcli.'):\n"
        "    if each.name.endswith('__main__'): continue\n"
        "    try: importlib.import_module(each.name)\n"
        "    except ModuleNotFoundError as error: print(each.name, error.name)"
    )

    missing = run(programs / "python", "-c", walk, cwd=tmp_path).split()

    assert set(missing[1::2]) <= {"botocore", "psycopg", "pytest"}


def test_an_sdist_runs_the_main_job(built: tuple[Path, Path], programs: Path) -> None:
    source = built[0].parent.parent / NAME

    printed = run(
        *(programs / "python", "tests/transcript.py", "README.md", "main-job"),
        cwd=source,
        PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
    )

    assert "\nDELIVERED\n" in printed
