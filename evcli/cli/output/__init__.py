"""From responses to the screen: rendering, the formats, pages, queries, errors."""

from __future__ import annotations

# Value of `--output` -> module of `evcli.cli` and its function `(response, stream)`.
FORMATTERS = {
    "json": ("output.rendering", "write_json"),
    "text": ("output.text", "write"),
    "table": ("output.table", "write"),
    "yaml": ("yaml", "write"),
    "yaml-stream": ("yaml", "write_stream"),
    "off": ("output.rendering", "write_nothing"),
}

# Values of `--cli-error-format`; those that are keys of `FORMATTERS` make a document.
ERROR_FORMATS = ("legacy", "json", "yaml", "text", "table", "enhanced")
DEFAULT_ERROR_FORMAT = "enhanced"
