"""A cloud assembly, the folder `cdk.out`: its stacks, those of stages among them.

Source: [aws] observed of aws-cdk-lib; [doc] the schema of `manifest.json`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError
from evcli.infrastructure.description import Stack
from evcli.infrastructure.sources import parse_json, read_text
from evcli.infrastructure.templates.evaluation import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.infrastructure.sources import Source
    from evcli.infrastructure.templates.stacks import Stacks
    from evcli.infrastructure.templates.values import Settings

MANIFEST = "manifest.json"
MAX_ASSEMBLIES = 200

_ENVIRONMENT = re.compile(r"aws://([0-9]{12}|unknown-account)/([a-z0-9-]+)")
_HASH = re.compile(r"[0-9a-f]{64}")


class Assembly:
    """One folder with a manifest; `labels` are the names of the stages above it."""

    __slots__ = ("folder", "labels", "manifest", "shown")

    def __init__(self, folder: str, shown: str, labels: tuple[str, ...]) -> None:
        self.folder = folder
        self.shown = shown
        self.labels = labels
        self.manifest = _read(folder, shown, MANIFEST)

    def list_artifacts(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Id, artifact and its properties."""
        artifacts = self.manifest.value.get("artifacts")
        if not isinstance(artifacts, dict):
            raise self.manifest.fault((), "it has no artifacts.")
        for name, artifact in artifacts.items():
            properties = artifact.get("properties") if isinstance(artifact, dict) else 0
            if isinstance(properties, dict):
                yield name, artifact, properties

    def find_file(self, name: Any) -> str:
        """The path of a file of the assembly, which may not lead out of it."""
        path = os.path.normpath(os.path.join(self.folder, str(name)))
        if os.path.commonpath([path, self.folder]) != self.folder:
            raise self.manifest.fault((), f"{name} is not in the folder.")
        return path


def _read(folder: str, shown: str, name: str) -> Source:
    path = os.path.join(folder, name)
    with open(os.devnull, encoding="utf-8") as nothing:
        source = parse_json(path, read_text(path, nothing))
    source.name = os.path.join(shown, name)
    if not isinstance(source.value, dict):
        raise source.fault((), "it is no object.")
    return source


def add_assembly(
    stacks: Stacks, path: str, settings: Settings, stack_name: str | None
) -> None:
    """Add the stacks of an assembly.

    Args:
        path: of the folder.
        stack_name: only those with this id, display name or stack name; `None` for all.

    Raises: ConfigurationError: a file cannot be used, or there is no such stack.
    """
    root = os.path.realpath(path)
    found = 0
    for assembly in _list_assemblies(root, os.path.normpath(path), (), [0]):
        for name, artifact, properties in assembly.list_artifacts():
            if artifact.get("type") != "aws:cloudformation:stack":
                continue
            chosen = str(properties.get("stackName", name))
            shown = str(artifact.get("displayName", name))
            if stack_name in (None, name, chosen, shown):
                found += 1
                _add_stack(
                    stacks, assembly, artifact, properties, chosen, root, settings
                )
    if not found:
        what = "stacks" if stack_name is None else f"stack {stack_name}"
        raise ConfigurationError(f"{path} has no {what}.")


def _list_assemblies(
    folder: str, shown: str, labels: tuple[str, ...], count: list[int]
) -> Iterator[Assembly]:
    """An assembly and those of its stages."""
    count[0] += 1
    assembly = Assembly(folder, shown, labels)
    if count[0] > MAX_ASSEMBLIES:
        raise assembly.manifest.fault((), f"more than {MAX_ASSEMBLIES} assemblies.")
    yield assembly
    for name, artifact, properties in assembly.list_artifacts():
        if artifact.get("type") == "cdk:cloud-assembly":
            directory = str(properties.get("directoryName", name))
            inner = assembly.find_file(directory)
            if inner == folder:
                raise assembly.manifest.fault((), f"{name} is in itself.")
            below = os.path.join(shown, directory)
            yield from _list_assemblies(inner, below, (*labels, name), count)


def _add_stack(
    stacks: Stacks,
    assembly: Assembly,
    artifact: dict[str, Any],
    properties: dict[str, Any],
    name: str,
    root: str,
    settings: Settings,
) -> None:
    file = properties.get("templateFile")
    path = assembly.find_file(file)
    source = _read(
        assembly.folder, assembly.shown, os.path.relpath(path, assembly.folder)
    )
    given = properties.get("parameters")
    known = given if isinstance(given, dict) else {}
    account_id, region = read_environment(artifact.get("environment"), settings)

    def open_nested(
        template: Template, logical_id: str, nested: Settings
    ) -> Template | None:
        found = _find_nested(assembly, file, template, logical_id)
        if found is None:
            return None
        return stacks.open_file(found, template, logical_id, nested)

    stacks.add(
        source,
        settings.replace(
            account_id=account_id,
            region=region,
            stack_name=name,
            parameters={**known, **settings.parameters},
            open_nested=open_nested,
        ),
        # A stack of one name may be in several environments; their keys differ.
        Stack(root, name, has_siblings=True),
    )


def read_environment(text: Any, settings: Settings) -> tuple[str, str]:
    """Account and region of `aws://ACCOUNT/REGION`; those of the run where unknown."""
    found = _ENVIRONMENT.fullmatch(str(text))
    account_id, region = found.groups() if found else ("", "")
    return (
        account_id if account_id.isdecimal() else settings.account_id,
        region if region not in ("", "unknown-region") else settings.region,
    )


def _find_nested(
    assembly: Assembly, file: Any, template: Template, logical_id: str
) -> str | None:
    """The file of a nested stack: by its metadata, else by its hash among the assets."""
    resource = template.resources[logical_id]
    metadata = resource.get("Metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("aws:asset:path"), str):
        return assembly.find_file(metadata["aws:asset:path"])
    url = (resource.get("Properties") or {}).get("TemplateURL")
    hashes = _HASH.findall(str(url))
    name = str(file).removesuffix(".template.json") + ".assets.json"
    if not hashes or not os.path.isfile(os.path.join(assembly.folder, name)):
        return None
    files = _read(assembly.folder, assembly.shown, name).value.get("files")
    entry = files.get(hashes[-1]) if isinstance(files, dict) else None
    source = entry.get("source") if isinstance(entry, dict) else None
    if isinstance(source, dict) and isinstance(source.get("path"), str):
        return assembly.find_file(source["path"])
    return None
