"""Start-up: what a script pays for one evcli command, in bare interpreter starts.

The floor is the interpreter that runs this, doing nothing. Console scripts are written
here as installers write them: those of uv, and of pip from 26.3 on, import nothing but
`sys`; older ones import `re` too. The goals are for the newer ones, and for an evcli that
is installed, not as an editable one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measure import (
    Command,
    Row,
    evcli_environ,
    measure,
    show_ms,
)
from tests.benchmarks.shapes import build_entries, build_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOOR = Command("floor", [sys.executable, "-I", "-c", "pass"])
PUT_RULE = ["put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}']
DESCRIBE_RULE = ["describe-rule", "--name", "rule-00000"]
COUNTS = (1, 100, 300, 1_000)


def list_rows(quick: bool) -> list[Row]:
    """Measure the commands of a script, and a TAB."""
    rounds = 3 if quick else 21
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        states = {count: directory / f"state-{count}" for count in COUNTS}
        for count, state in states.items():
            build_kinds(state, count)
        entries = build_entries(directory / "entries.json")
        scripts = [write_script(directory / each, each) for each in ("new", "old")]
        medians = measure(list_commands(scripts, states, entries), rounds)
    floor = medians.pop("floor")
    few, many = medians.pop("1 rule"), medians.pop("300 rules")
    rows = [
        Row(
            f"{what} ÷ floor",
            seconds / floor,
            f"{show_ms(seconds)} ÷ {show_ms(floor)}",
            describe_installation(),
            rounds,
        )
        for what, seconds in medians.items()
    ]
    figures = f"{show_ms(many)} ÷ {show_ms(few)}"
    ratio = many / few
    return [
        *rows,
        Row("put-events, 300 rules ÷ 1 rule", ratio, figures, "10 entries", rounds),
    ]


def list_commands(
    scripts: Sequence[str], states: dict[int, Path], entries: str
) -> list[Command]:
    """List what is measured, the goals first."""
    new, old = scripts
    put_events = ["put-events", "--entries", entries]
    environs = {count: evcli_environ(state) for count, state in states.items()}
    for environ in environs.values():
        del environ["PYTHONPATH"]
    tab = {
        **environs[1_000],
        "EVCLI_COMPLETE": "bash",
        "EVCLI_LINE": "evcli describe-rule --name rule-0012",
    }
    of_100 = "put-events, 10 entries, 100 rules"
    return [
        FLOOR,
        Command("describe-rule", [new, *DESCRIBE_RULE], environs[100]),
        Command("put-rule", [new, *PUT_RULE], environs[100]),
        Command(of_100, [new, *put_events], environs[100]),
        Command("TAB among 1,000 rules", [new], tab, b"rule-00127"),
        Command("describe-rule, old script", [old, *DESCRIBE_RULE], environs[100]),
        Command(f"{of_100}, old script", [old, *put_events], environs[100]),
        Command("1 rule", [new, *put_events], environs[1]),
        Command("300 rules", [new, *put_events], environs[300]),
    ]


def write_script(path: Path, age: str) -> str:
    """Write a console script as installers do; its path."""
    imports = "import sys\n" if age == "new" else "import re\nimport sys\n"
    path.write_text(
        f"#!{sys.executable}\n{imports}from evcli import main\n"
        'if __name__ == "__main__":\n    sys.exit(main())\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return str(path)


def describe_installation() -> str:
    """Say how evcli is installed, on which start-up depends."""
    ask = [sys.executable, "-I", "-c", "import evcli; print(evcli.__file__)"]
    is_installed = b"site-packages" in subprocess.check_output(ask)
    return "installed" if is_installed else "editable, which costs more"
