"""From the files of a run to its stacks, and from those to a description."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError
from evcli.infrastructure.description import Description, Stack
from evcli.infrastructure.sources import Source, parse_source, read_text
from evcli.infrastructure.templates.evaluation import Template
from evcli.infrastructure.templates.intrinsics import FUNCTIONS
from evcli.infrastructure.templates.loops import LoopExpander, has_loops
from evcli.infrastructure.templates.resources import Reader
from evcli.infrastructure.templates.sam import SamExpander, is_sam
from evcli.infrastructure.templates.serverless import expand_custom_rules
from evcli.infrastructure.templates.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.templates.values import Settings

NESTED_STACK = "AWS::CloudFormation::Stack"
MAX_NESTED_STACKS = 500
SECTIONS = ("Conditions", "Outputs", "Resources")


class Stacks:
    """The stacks of a run, which may import what another one exports."""

    def __init__(self) -> None:
        self._stacks: list[tuple[Template, Stack]] = []
        self._all: list[tuple[Template, Stack]] | None = None
        self._exports: dict[int, dict[str, tuple[Template, str]]] = {}
        self._nested = 0
        self.notes: list[str] = []
        self.remarks: list[str] = []

    def add(self, source: Source, settings: Settings, stack: Stack) -> None:
        """Add a stack. Raises: ConfigurationError: its template cannot be used."""
        settings = settings.replace(find_export=self._find_export)
        if settings.open_nested is None:
            settings.open_nested = self.open_relative
        self._stacks.append((self.open_template(source, settings), stack))

    def open_template(self, source: Source, settings: Settings) -> Template:
        """Make a template of a file, with its loops and events written out."""
        source = _unwrap(source)
        document = source.value
        if not isinstance(document, dict) or not isinstance(
            document.get("Resources"), dict
        ):
            raise source.fault((), "it has no Resources, so it is no template.")
        paths: dict[str, Path] = {}
        if has_loops({name: document.get(name) for name in SECTIONS}):
            plain = {k: v for k, v in document.items() if k not in SECTIONS}
            expander = LoopExpander(Template(source, plain, settings, FUNCTIONS))
            document = dict(document)
            for name in SECTIONS:
                if name in document:
                    document[name] = expander.expand(document[name], (name,), {})
            paths |= expander.paths
        if is_sam(document):
            sam = SamExpander(source, document)
            document = {**document, "Resources": sam.expand()}
            paths |= sam.paths
            for path, text in sam.notes:
                self.remarks.append(f"{source.fault(path, text).message}.")
        resources, new_paths = expand_custom_rules(document["Resources"])
        document, paths = {**document, "Resources": resources}, paths | new_paths
        template = Template(source, document, settings, FUNCTIONS, paths)
        # SAM makes resources for what is not of events, too.
        template.is_complete = not is_sam(document)
        return template

    def _find_export(self, name: str) -> Any:
        """What another stack of the run exports under a name; `None` if none does.

        Nested stacks are asked once all are open: opening one may need an import.
        """
        for stacks in (self._stacks, self._all):
            if stacks is None:
                continue
            template, output = self._list_exports(stacks).get(name, (None, ""))
            if template is not None:
                value = template.get_output(output)
                return None if isinstance(value, Unknown) else value
        return None

    def _list_exports(
        self, stacks: list[tuple[Template, Stack]]
    ) -> dict[str, tuple[Template, str]]:
        if id(stacks) not in self._exports:
            # A name of an export that needs an import itself finds none meanwhile.
            self._exports[id(stacks)] = {}
            self._exports[id(stacks)] = {
                export: (template, output)
                for template, _ in stacks
                for export, output in template.list_exports().items()
            }
        return self._exports[id(stacks)]

    def _list_all(self) -> list[tuple[Template, Stack]]:
        """The stacks and those nested in them, once all are added."""
        if self._all is None:
            self._all = [
                found
                for template, stack in self._stacks
                for found in self._list_nested(template, stack)
            ]
        return self._all

    def _list_nested(
        self, template: Template, stack: Stack
    ) -> Iterator[tuple[Template, Stack]]:
        yield template, stack
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != NESTED_STACK:
                continue
            if template.is_wanted(logical_id) is not True:
                continue
            nested = template.open_nested(logical_id)
            if nested is not None:
                yield from self._list_nested(nested, stack)
                continue
            problem = (
                f"{logical_id}: the template of the nested stack is not there; it is"
                " left out."
            )
            path = template.locate_resource(logical_id)
            self.notes.append(template.fault(path, problem).message)

    def count_nested(self, template: Template, logical_id: str) -> None:
        """Count a nested stack. Raises: ConfigurationError: there are too many."""
        self._nested += 1
        if self._nested > MAX_NESTED_STACKS:
            raise template.fault(
                template.locate_resource(logical_id),
                f"there are more than {MAX_NESTED_STACKS} nested stacks.",
            )

    def open_relative(
        self, template: Template, logical_id: str, settings: Settings
    ) -> Template | None:
        """Open the template of a nested stack where its URL is a path beside the file."""
        url = template.get_property(logical_id, "TemplateURL")
        base = os.path.dirname(template.source.path)
        if not isinstance(url, str) or "://" in url or os.path.isabs(url) or not base:
            return None
        return self.open_file(os.path.join(base, url), template, logical_id, settings)

    def open_file(
        self, path: str, template: Template, logical_id: str, settings: Settings
    ) -> Template | None:
        """Open the template of a nested stack; `None` where there is no such file."""
        if not os.path.isfile(path):
            return None
        self.count_nested(template, logical_id)
        with open(os.devnull, encoding="utf-8") as nothing:
            source = parse_source(path, read_text(path, nothing))
        source.name = os.path.join(
            os.path.dirname(template.source.name),
            os.path.relpath(path, os.path.dirname(template.source.path)),
        )
        return self.open_template(source, settings)

    def describe(self) -> Description:
        """What all stacks describe together."""
        description = Description()
        for template, stack in self._list_all():
            reader = Reader(template, stack)
            reader.read()
            description.extend(reader.description)
            description.stacks.append(stack)
            description.invented |= template.invented
        description.notes += self.notes
        description.remarks += self.remarks
        return description


def _unwrap(source: Source) -> Source:
    """The template in the answer of `aws cloudformation get-template`."""
    document = source.value
    if not isinstance(document, dict) or "TemplateBody" not in document:
        return source
    body = document["TemplateBody"]
    if isinstance(body, str):
        inner = parse_source(source.name, body)
        inner.path = source.path
        return inner
    if isinstance(body, dict):
        return Source(source.name, source.path, source.text, body)
    raise ConfigurationError(f"{source.name}: TemplateBody is no template.")
