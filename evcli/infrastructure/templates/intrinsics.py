"""The functions of CloudFormation, by the names that templates call them.

Source: [doc] each function's page; [guess] that `Fn::Equals` compares as texts.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from evcli.infrastructure.templates.values import (
    NO_VALUE,
    Unknown,
    find_unknown,
    write_scalar,
)

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.templates.evaluation import Function, Template

# A text that functions put together is at most this long. [guess]
MAX_TEXT = 1_000_000

_PLACEHOLDER = re.compile(r"\$\{([^{}$]*)\}")


def _take(
    template: Template, argument: Any, path: Path, least: int, most: int
) -> list[Any]:
    """The arguments of a function as they stand. Raises: ConfigurationError."""
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        count = str(least) if least == most else f"{least} to {most}"
        raise template.fault(path, f"{path[-1]} needs a list of {count}.")
    return argument


def get_reference(template: Template, argument: Any, path: Path) -> Any:
    """`Ref`."""
    if not isinstance(argument, str):
        raise template.fault(path, "Ref needs the name of a parameter or resource.")
    return template.get_reference(argument, path)


def get_attribute(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::GetAtt`; the attribute, which may hold dots, may be a function."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    logical_id, attribute = _take(template, argument, path, 2, 2)
    attribute = template.resolve_text(attribute, (*path, 1))
    if isinstance(attribute, Unknown):
        return attribute
    if not isinstance(logical_id, str):
        raise template.fault(path, "Fn::GetAtt needs the name of a resource.")
    return template.get_attribute(logical_id, attribute, path)


def substitute(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Sub`."""
    values: dict[str, Any] = {}
    text = argument
    if isinstance(argument, list):
        text, values = _take(template, argument, path, 2, 2)
    if not isinstance(text, str) or not isinstance(values, dict):
        raise template.fault(path, "Fn::Sub needs a text, or a text and an object.")
    unknown: list[Unknown] = []

    def find_value(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in values:
            value = template.resolve_text(values[name], (*path, 1, name))
        else:
            logical_id, dot, attribute = name.partition(".")
            value = (
                template.get_attribute(logical_id, attribute, path)
                if dot
                else template.get_reference(name, path)
            )
        if isinstance(value, Unknown):
            unknown.append(value)
            return ""
        if isinstance(value, (dict, list)) or value is NO_VALUE:
            raise template.fault(path, f"${{{name}}} is no text.")
        return write_scalar(value)

    result = _PLACEHOLDER.sub(find_value, text)
    return unknown[0] if unknown else _limit(template, result, path)


def _limit(template: Template, text: str, path: Path) -> str:
    if len(text) > MAX_TEXT:
        raise template.fault(path, f"it comes to more than {MAX_TEXT} characters.")
    return text


def _resolve_list(template: Template, value: Any, path: Path) -> Any:
    """Work out what has to be a list; an unknown part makes it unknown."""
    found = template.resolve(value, path)
    unknown = find_unknown(found)
    if unknown is not None:
        return unknown
    if not isinstance(found, list):
        raise template.fault(path, "a list is needed here.")
    return found


def join(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Join`."""
    separator, items = _take(template, argument, path, 2, 2)
    found = _resolve_list(template, items, (*path, 1))
    if isinstance(found, Unknown):
        return found
    if any(isinstance(each, (dict, list)) for each in found):
        raise template.fault(path, "Fn::Join joins texts only.")
    return _limit(template, str(separator).join(map(write_scalar, found)), path)


def select(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Select`."""
    index, items = _take(template, argument, path, 2, 2)
    index = template.resolve_text(index, (*path, 0))
    found = template.resolve(items, (*path, 1))
    for each in (index, found):
        if isinstance(each, Unknown):
            return each
    is_number = index.isdecimal() and len(index) < 10
    if not is_number or not isinstance(found, list) or int(index) >= len(found):
        raise template.fault(path, f"there is no item {index} to select.")
    return found[int(index)]


def split(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Split`."""
    separator, text = _take(template, argument, path, 2, 2)
    found = template.resolve_text(text, (*path, 1))
    if isinstance(found, Unknown):
        return found
    if not isinstance(separator, str) or not separator:
        raise template.fault(path, "Fn::Split needs a separator.")
    return found.split(separator)


def find_in_map(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::FindInMap`, with the default value of the language extensions."""
    arguments = _take(template, argument, path, 3, 4)
    keys = [
        template.resolve_text(each, (*path, i)) for i, each in enumerate(arguments[:3])
    ]
    for key in keys:
        if isinstance(key, Unknown):
            return key
    found: Any = template.mappings
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if found is not None:
        return found
    default = arguments[3] if len(arguments) == 4 else None
    if isinstance(default, dict) and "DefaultValue" in default:
        return template.resolve(default["DefaultValue"], (*path, 3, "DefaultValue"))
    raise template.fault(path, f"the mapping {keys[0]} has no {keys[1]}.{keys[2]}.")


def choose(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::If`; the branch that is not taken is not looked at."""
    name, yes, no = _take(template, argument, path, 3, 3)
    holds = template.holds(name, path)
    if isinstance(holds, Unknown):
        return holds
    return (
        template.resolve(yes, (*path, 1)) if holds else template.resolve(no, (*path, 2))
    )


def equals(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Equals`."""
    values = [
        template.resolve(each, (*path, i))
        for i, each in enumerate(_take(template, argument, path, 2, 2))
    ]
    unknown = find_unknown(values)
    if unknown is not None:
        return unknown
    one, other = (
        each if isinstance(each, (dict, list)) else write_scalar(each)
        for each in values
    )
    return one == other


def _list_truths(
    template: Template, argument: Any, path: Path, least: int, most: int
) -> list[bool | Unknown]:
    truths = []
    for i, each in enumerate(_take(template, argument, path, least, most)):
        found = template.resolve(each, (*path, i))
        if found in ("true", "false"):
            found = found == "true"
        if not isinstance(found, (bool, Unknown)):
            raise template.fault((*path, i), "a condition is needed here.")
        truths.append(found)
    return truths


def all_hold(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::And`; false as soon as one is, whatever the others are."""
    truths = _list_truths(template, argument, path, 1, 10)
    return False if False in truths else find_unknown(truths) or True


def any_holds(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Or`; true as soon as one is, whatever the others are."""
    truths = _list_truths(template, argument, path, 1, 10)
    return True if True in truths else find_unknown(truths) or False


def negate(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Not`."""
    (truth,) = _list_truths(template, argument, path, 1, 1)
    return truth if isinstance(truth, Unknown) else not truth


def get_condition(template: Template, argument: Any, path: Path) -> Any:
    """`Condition`, inside of conditions; elsewhere it is a member like any other."""
    if path[:1] != ("Conditions",):
        return {"Condition": template.resolve(argument, path)}
    return template.holds(argument, path)


def import_value(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::ImportValue`: of this run's other templates, or as the person says."""
    name = template.resolve_text(argument, path)
    if isinstance(name, Unknown):
        return name
    settings = template.settings
    if name in settings.import_values:
        return settings.import_values[name]
    found = None if settings.find_export is None else settings.find_export(name)
    if found is not None:
        return found
    return Unknown(
        f"another stack exports {name}; give --import-value {name}=VALUE, or that"
        " stack's file as well",
        path,
    )


def encode_base64(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Base64`."""
    found = template.resolve_text(argument, path)
    if isinstance(found, Unknown):
        return found
    return base64.b64encode(found.encode("utf-8", "surrogatepass")).decode()


def list_zones(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::GetAZs`: three of them, made up. [guess]"""
    region = template.resolve_text(argument, path)
    if isinstance(region, Unknown):
        return region
    return [f"{region or template.settings.region}{letter}" for letter in "abc"]


def measure(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::Length`."""
    found = template.resolve(argument, path)
    if isinstance(found, Unknown):
        return found
    if not isinstance(found, list):
        raise template.fault(path, "Fn::Length needs a list.")
    return len(found)


def write_json(template: Template, argument: Any, path: Path) -> Any:
    """`Fn::ToJsonString`: compact."""
    found = template.resolve(argument, path)
    unknown = find_unknown(found)
    if unknown is not None:
        return unknown
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    return _limit(template, text, path)


def leave_open(template: Template, argument: Any, path: Path) -> Any:
    """What nobody can know without the service."""
    return Unknown(f"evcli does not carry out {path[-1]}", path)


FUNCTIONS: dict[str, Function] = {
    "Ref": get_reference,
    "Condition": get_condition,
    "Fn::And": all_hold,
    "Fn::Base64": encode_base64,
    "Fn::Cidr": leave_open,
    "Fn::Equals": equals,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": list_zones,
    "Fn::GetAtt": get_attribute,
    "Fn::GetStackOutput": leave_open,
    "Fn::If": choose,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": measure,
    "Fn::Not": negate,
    "Fn::Or": any_holds,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": substitute,
    "Fn::ToJsonString": write_json,
    "Fn::Transform": leave_open,
}
