"""From files to a description, whatever their format is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.arns import parse_arn
from evcli.errors import ConfigurationError
from evcli.infrastructure.description import Description, Stack
from evcli.infrastructure.formats import (
    ReadOptions,
    find_template,
    is_toml,
    name_stack,
    recognise,
)
from evcli.infrastructure.sources import (
    make_absolute,
    name_file,
    parse_source,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

    from evcli.infrastructure.templates.stacks import Stacks


def read_files(
    paths: Sequence[str], options: ReadOptions, stdin: TextIO
) -> Description:
    """Read what files describe together; stacks may import what another one exports.

    Raises:
        ConfigurationError: a file cannot be read: its name, the line, why.
    """
    from evcli.infrastructure.templates.stacks import Stacks

    stacks = Stacks()
    description = Description()
    for path in paths:
        try:
            _read_file(path, options, stdin, stacks, description)
        except RecursionError as error:
            problem = f"{name_file(path)}: its values are nested too deep."
            raise ConfigurationError(problem) from error
    try:
        description.extend(stacks.describe())
    except RecursionError as error:
        names = ", ".join(map(name_file, paths))
        raise ConfigurationError(f"{names}: its values are nested too deep.") from error
    _shorten_arns(description)
    _require_unique(description)
    return description


def _read_file(
    path: str,
    options: ReadOptions,
    stdin: TextIO,
    stacks: Stacks,
    description: Description,
) -> None:
    path = find_template(path)
    if os.path.isdir(path):
        from evcli.infrastructure.templates.cdk import add_assembly

        add_assembly(stacks, path, _make_settings(path, options), options.stack_name)
        return
    text = read_text(path, stdin)
    name = name_file(path)
    if options.format == "toml" or (options.format is None and is_toml(path, text)):
        from evcli.infrastructure.toml_document import parse_description

        stack = Stack(make_absolute(path), is_exact=True)
        description.extend(parse_description(text, name, stack))
        return
    source = parse_source(path, text)
    if recognise(source, options.format) == "terraform":
        from evcli.infrastructure.terraform.reading import describe_terraform

        description.extend(describe_terraform(source, options))
        return
    settings = _make_settings(path, options)
    stacks.add(source, settings, Stack(source.path, settings.stack_name))


def _make_settings(path: str, options: ReadOptions) -> Any:
    from evcli.infrastructure.templates.values import Settings

    return Settings(
        options.account_id,
        options.region,
        options.stack_name or name_stack(path),
        dict(options.parameters),
        options.import_values,
    )


def _shorten_arns(description: Description) -> None:
    """Leave ids out of ARNs of connections and API destinations that are described.

    They are those of the account that the file comes from; here there are others.
    """
    known = {each.key for each in description.resources}
    for each in description.resources:
        member = {"target": "Arn", "api_destination": "ConnectionArn"}.get(
            each.kind, ""
        )
        arn = parse_arn(str(each.members.get(member, "")))
        if arn is None:
            continue
        kind, _, rest = arn.resource.partition("/")
        name, _, unique_id = rest.partition("/")
        key = (arn.account_id, arn.region, kind.replace("-", "_"), (name,))
        if unique_id and key in known:
            text = each.members[member].removesuffix(f"/{unique_id}")
            each.members[member] = text


def _require_unique(description: Description) -> None:
    """Refuse two resources of one name. Raises: ConfigurationError."""
    seen: dict[Any, Any] = {}
    for each in description.resources:
        if each.key in seen:
            kind = each.kind.replace("_", " ")
            name = "/".join(each.name)
            raise ConfigurationError(
                f"{each.origin}: the {kind} {name} is described twice; the other one is"
                f" at {seen[each.key]}."
            )
        seen[each.key] = each.origin
