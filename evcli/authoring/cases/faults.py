"""What keeps a value from being as a JSON Schema says, in words for who wrote it.

Source: the errors of jsonschema, which name every branch of an `anyOf`; here the branch
that was meant is followed, by the members that it needs.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Path

    # jsonschema's, whose members may be anything.
    ValidationError = Any

# What says that a branch is not the one that was meant.
KIND_OF_VALUE = ("type", "required", "const")
TYPES = {"object": "an object", "array": "a list", "string": "text", "integer": "a whole number"}  # fmt: skip
LONGEST_VALUE = 60


def describe_fault(error: ValidationError) -> tuple[Path, str]:
    """Say where a value is wrong and why."""
    error, alternatives = _follow(error)
    path = tuple(error.absolute_path)
    if alternatives:
        for key in error.instance:
            if near := get_close_matches(key, alternatives, n=1):
                return (*path, key), f"unknown key {key!r}; did you mean {near[0]}?"
        return path, f"it needs one of {', '.join(alternatives)}"
    if error.validator == "additionalProperties":
        return _describe_unknown_key(error, path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return path, f"it needs {' and '.join(missing)}"
    return path, _describe_value(error)


def _follow(error: ValidationError) -> tuple[ValidationError, list[str]]:
    """Find the error in the branch that was meant; or the members that tell branches."""
    while error.validator in ("anyOf", "oneOf") and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        ranked = sorted(branches.values(), key=_count_signs)
        fewest = _count_signs(ranked[0])
        nearest = [each for each in ranked if _count_signs(each) == fewest]
        if fewest and len(nearest) > 1:
            return error, _list_missing(nearest)
        error = min(ranked[0], key=lambda each: not _is_sign(each))
    return error, []


def _is_sign(error: ValidationError) -> bool:
    return error.validator in KIND_OF_VALUE and not error.relative_path


def _count_signs(errors: list[ValidationError]) -> int:
    return sum(map(_is_sign, errors))


def _list_missing(branches: list[list[ValidationError]]) -> list[str]:
    """List what one branch needs and the others do not, if that is all that is wrong."""
    missing = [
        {
            name
            for error in branch
            if error.validator == "required"
            for name in error.validator_value
            if name not in error.instance
        }
        for branch in branches
    ]
    if not all(missing):
        return []
    common = set.intersection(*missing) if len(missing) > 1 else set()
    return [name for each in missing for name in sorted(each - common)]


def _describe_unknown_key(error: ValidationError, path: Path) -> tuple[Path, str]:
    known = [name for name in error.schema["properties"] if not name.startswith("$")]
    key = next(str(name) for name in error.instance if name not in known)
    near = get_close_matches(key, known, n=1, cutoff=0.6) or [
        name for name in known if _squeeze(name) == _squeeze(key)
    ]
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return (*path, key), f"unknown key {key!r}; {hint}"


def _squeeze(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _describe_value(error: ValidationError) -> str:
    value = repr(error.instance)
    if len(value) > LONGEST_VALUE:
        value = f"{value[:LONGEST_VALUE]}…"
    wanted = error.validator_value
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"{value} has to be {' or '.join(TYPES.get(each, f'a {each}') for each in kinds)}"  # fmt: skip
    if error.validator in ("enum", "const"):
        allowed = wanted if isinstance(wanted, list) else [wanted]
        return f"{value} has to be {' or '.join(map(str, allowed))}"
    if error.validator in ("minLength", "minItems", "minProperties"):
        return "it is empty"
    if error.schema.get("format") == "date-time":
        return f"{value} is no time, such as 2026-01-31T12:00:00Z"
    if error.validator in ("anyOf", "oneOf"):
        return f"{value} is none of what may stand here"
    return f"{value}: {error.message[-LONGEST_VALUE * 2 :]}"
