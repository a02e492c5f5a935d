"""What a template's values may be besides JSON, and what a run says of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.infrastructure.description import Path


class Unknown:
    """A value that cannot be worked out, why, and the path of what asks for it."""

    __slots__ = ("path", "reason")

    def __init__(self, reason: str, path: Path) -> None:
        self.reason = reason
        self.path = path


def find_unknown(value: Any) -> Unknown | None:
    """The first unknown part of a value."""
    if isinstance(value, Unknown):
        return value
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for part in parts:
            found = find_unknown(part)
            if found is not None:
                return found
    return None


class _NoValue:
    """Stands for `AWS::NoValue`: what it is a member or an item of drops it."""


NO_VALUE = _NoValue()


class Settings:
    """What a run says of templates: where they are, and what they do not say.

    `parameters` and `import_values` are texts by name. `find_export` finds what another
    template of the run exports, `open_nested` the template of a nested stack.
    """

    __slots__ = (
        "account_id",
        "find_export",
        "import_values",
        "open_nested",
        "parameters",
        "region",
        "stack_name",
    )

    def __init__(
        self,
        account_id: str,
        region: str,
        stack_name: str,
        parameters: dict[str, Any],
        import_values: dict[str, str],
        find_export: Callable[[str], Any] | None = None,
        open_nested: Callable[[Any, str, Settings], Any] | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.stack_name = stack_name
        self.parameters = parameters
        self.import_values = import_values
        self.find_export = find_export
        self.open_nested = open_nested

    def replace(self, **changes: Any) -> Settings:
        """Copy them with some changed."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return Settings(**{**values, **changes})


def write_scalar(value: Any) -> str:
    """A text, number or truth value as CloudFormation writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def find_suffix(region: str) -> str:
    """The domain of the services of a region."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
