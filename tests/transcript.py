"""Run the console blocks of a Markdown file and show, or check, what they print.

    python tests/transcript.py README.md main-job

runs the block that follows `<!-- transcript: main-job -->` in an empty directory with an
empty home, the way a reader would paste it, and fails if a command fails. With `check`
as third argument the output must also be the one that the file shows.

A block is commands (`$ …`, each continued over lines that end in a backslash) and
their output. In the expected output `…` stands for any text within a line. A block
marked `<!-- transcript: NAME files -->` may be preceded by file blocks: fenced blocks
whose first line is `# file: PATH`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MARK = re.compile(
    r"<!-- transcript: (?P<name>[\w-]+) -->\s*(?P<body>.*?)<!-- end -->", re.DOTALL
)
FENCE = re.compile(r"```(?P<kind>\w+)(?: (?P<path>\S+))?\n(?P<text>.*?)```", re.DOTALL)


class Step:
    """A command and the output that the file shows for it."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.expected: list[str] = []


class Transcript:
    """The files that a reader makes first, and the steps."""

    def __init__(self, name: str, body: str) -> None:
        self.name = name
        self.files: dict[str, str] = {}
        self.steps: list[Step] = []
        for fence in FENCE.finditer(body):
            if fence["path"]:
                self.files[fence["path"]] = fence["text"]
            elif fence["kind"] == "console":
                self.read_steps(fence["text"])

    def read_steps(self, text: str) -> None:
        """Add the steps of a block that begins with a command."""
        continued = False
        for line in text.splitlines():
            if line.startswith("$ "):
                self.steps.append(Step(line[2:]))
                continued = line.endswith("\\")
            elif continued:
                self.steps[-1].command += "\n" + line
                continued = line.endswith("\\")
            else:
                self.steps[-1].expected.append(line)


def load_transcripts(path: Path) -> dict[str, Transcript]:
    """Find the transcripts of a Markdown file, by name."""
    return {
        found["name"]: Transcript(found["name"], found["body"])
        for found in MARK.finditer(path.read_text(encoding="utf-8"))
    }


def run_step(step: Step, directory: Path) -> tuple[int, str]:
    """Run one command in bash as a reader would; exit code and all it prints."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "EVCLI_"))
    }
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    environ["HOME"] = str(directory / "home")
    environ["TZ"] = "UTC"
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=directory / "work",
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout


def fits(expected: list[str], printed: str) -> bool:
    """Say whether the output is the one shown; `…` stands for any text in a line."""
    pattern = "\n".join(".*".join(map(re.escape, line.split("…"))) for line in expected)
    return re.fullmatch(pattern, printed.rstrip("\n")) is not None


def prepare(transcript: Transcript, directory: Path) -> None:
    """Make the home, the working directory and the reader's files."""
    (directory / "home").mkdir(parents=True)
    (directory / "work").mkdir()
    for name, text in transcript.files.items():
        (directory / "work" / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run one transcript and show it. Returns the exit code."""
    transcript = load_transcripts(Path(arguments[0]))[arguments[1]]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        prepare(transcript, directory)
        for step in transcript.steps:
            code, printed = run_step(step, directory)
            sys.stdout.write(f"$ {step.command}\n{printed}")
            if code != 0:
                sys.stdout.write(f"exit {code}\n")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
