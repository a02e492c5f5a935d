"""`--query`: JMESPath over answers; imports jmespath when a query is given."""

from __future__ import annotations

from evcli.cli.errors import GeneralError, ParamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Query:
    """A compiled expression."""

    __slots__ = ("_expression",)

    def __init__(self, text: str) -> None:
        """Compile.

        Raises:
            ParamError: the expression is not JMESPath; the message shows where.
        """
        import jmespath

        try:
            self._expression = jmespath.compile(text)
        except ValueError as error:
            # An index with too many digits for an integer, too. Source: [aws].
            raise ParamError(f"Bad value for --query {text}: {error}") from error
        except RecursionError as error:
            raise ParamError(
                f"Bad value for --query {text}: it is nested too deeply"
            ) from error

    def search(self, value: Any) -> Any:
        """Apply the expression.

        Raises:
            GeneralError: it does not fit the data, such as the length of null, a step
                of zero, or text compared with a number. Source: [aws] Python's words.
        """
        try:
            return self._expression.search(value)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise GeneralError(str(error)) from error
        except RecursionError as error:
            raise GeneralError("The --query goes too deep for the data") from error
