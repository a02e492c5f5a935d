"""Which files an option or argument is for, by how their names end.

What has no row takes any file. Where no file of a kind is there, all are offered: names
are a custom, and what is in a file counts.
"""

from __future__ import annotations

from evcli.authoring.cases.finding import SUFFIXES as TEST_FILES
from evcli.cli.completion.known_values import JSON, YAML

EVENTS = (".json", ".jsonl", ".ndjson", ".gz", ".zst", ".parquet")
# Templates, plans and exports.
DESCRIPTIONS = (*YAML, ".json", ".template", ".toml")
EXPORTS = (".toml",)
VALUES = (".json", *YAML)

# Command of `evcli local`, parameter → how names end.
FILE_KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("diff", "parameters"): VALUES,
    ("diff", "paths"): DESCRIPTIONS,
    ("exec", "export_path"): EXPORTS,
    ("exec", "import_paths"): DESCRIPTIONS,
    ("exec", "parameters"): VALUES,
    ("export", "file"): EXPORTS,
    ("import", "parameters"): VALUES,
    ("import", "paths"): DESCRIPTIONS,
    ("lint", "events_file"): EVENTS,
    ("lint", "parameters"): VALUES,
    ("lint", "paths"): DESCRIPTIONS,
    ("match", "files"): EVENTS,
    ("match", "rules_file"): JSON,
    ("schema", "file"): EVENTS,
    ("send", "files"): EVENTS,
    ("serve", "import_paths"): DESCRIPTIONS,
    ("serve", "parameters"): VALUES,
    ("test", "paths"): TEST_FILES,
    ("transform", "event"): JSON,
    ("transform", "target"): JSON,
}
