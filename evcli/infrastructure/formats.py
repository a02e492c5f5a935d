"""What a file is: recognised by its name and by what it begins with or holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evcli.infrastructure.sources import Source

FORMATS = ("cdk", "cloudformation", "sam", "serverless", "terraform", "toml")

SERVERLESS_FOLDER = ".serverless"
SERVERLESS_FILE = "cloudformation-template-update-stack.json"

# Files that have to be turned into others first: what is in them → what does so.
# Source: [doc] of each tool.
UNREADABLE = (
    (("service", "provider"), "serverless package", "its folder .serverless"),
    (("app",), "cdk synth", "its folder cdk.out"),
    (("runtime", "name"), "pulumi preview --json", "nothing that evcli reads yet"),
)


class ReadOptions:
    """What a run says of its files besides their names."""

    __slots__ = (
        "account_id",
        "format",
        "import_values",
        "parameters",
        "region",
        "stack_name",
    )

    def __init__(
        self,
        account_id: str,
        region: str,
        *,
        format: str | None = None,  # noqa: A002 - as the option is called
        parameters: dict[str, str] | None = None,
        import_values: dict[str, str] | None = None,
        stack_name: str | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.format = format
        self.parameters = parameters or {}
        self.import_values = import_values or {}
        self.stack_name = stack_name


def find_template(path: str) -> str:
    """The folder of a manifest, the template in Serverless' folder; else the path."""
    if os.path.basename(path) == "manifest.json" and os.path.isfile(path):
        return os.path.dirname(path) or "."
    if os.path.isdir(path):
        for below in (
            SERVERLESS_FILE,
            os.path.join(SERVERLESS_FOLDER, SERVERLESS_FILE),
        ):
            if os.path.isfile(os.path.join(path, below)):
                return os.path.join(path, below)
        inner = os.path.join(path, "cdk.out")
        has_manifest = os.path.isfile(os.path.join(path, "manifest.json"))
        if not has_manifest and os.path.isdir(inner):
            return inner
    return path


def name_stack(path: str) -> str:
    """The name of a stack whose file is all that is known: the file's, cut as needed."""
    base = os.path.basename(path)
    if base == SERVERLESS_FILE:
        base = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(path))))
    name = "".join(
        each if each.isascii() and each.isalnum() else "-"
        for each in base.split(".")[0]
    ).strip("-")
    return name[:128] or "stack"


def is_toml(path: str, text: str) -> bool:
    """Say whether a file is one of state: by its name, else by how it begins."""
    if path.endswith(".toml"):
        return True
    if path.endswith((".json", ".yaml", ".yml", ".template")):
        return False
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and line[0] != "#"), "[")
    # A list in JSON or YAML is nothing that describes resources either.
    return first.startswith("[")


def recognise(source: Source, given: str | None) -> str:
    """Name the format of a file, `terraform` or `cloudformation`.

    Raises: ConfigurationError: it is none of them; what to run where that is known.
    """
    value = source.value
    if not isinstance(value, dict):
        raise source.fault((), "it is neither a template nor a plan.")
    if given is not None:
        return "terraform" if given == "terraform" else "cloudformation"
    if "Resources" in value or "TemplateBody" in value:
        return "cloudformation"
    if "format_version" in value or ("lineage" in value and "resources" in value):
        return "terraform"
    if "@level" in value:
        raise source.fault(
            (),
            "these are Terraform's messages; `terraform show -json PLAN` prints a plan.",
        )
    for keys, command, result in UNREADABLE:
        if all(key in value for key in keys):
            raise source.fault((), f"run `{command}` and give evcli {result}.")
    raise source.fault(
        (),
        "it is no template, plan or state that evcli knows; --format says what it is.",
    )
