"""A request's fields: each is taken by its name and kind, and what nobody took is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from foundation.problems import FieldError, Problem, invalid

WORDS: Final[dict[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


class Fields:
    """The fields of an object at `place`; null is as good as left out."""

    def __init__(self, value: Any, place: str = "") -> None:
        if not isinstance(value, Mapping):
            raise wrong(place, "type", "An object is expected here.")
        self._left = {name: inner for name, inner in value.items() if inner is not None}
        self.place = place

    def take(self, name: str, *kinds: type) -> Any:
        """The value, None where there is none; a Problem where it is of none of these kinds of JSON."""
        value = self._left.pop(name, None)
        if value is None or not kinds:
            return value
        is_number = isinstance(value, bool) and bool not in kinds
        if is_number or not isinstance(value, (*kinds, int) if float in kinds else kinds):
            expected = " or ".join(WORDS[kind] for kind in kinds)
            raise wrong(self.at(name), "type", f"In JSON, {expected} is expected here.")
        return value

    def holds(self, name: str) -> bool:
        """Whether there is a value that nobody took yet."""
        return name in self._left

    def need(self, name: str, *kinds: type) -> Any:
        """The value; a Problem where there is none."""
        value = self.take(name, *kinds)
        if value is None:
            raise wrong(self.at(name), "required", "This field is required.")
        return value

    def at(self, name: str) -> str:
        """The field's dotted path."""
        return f"{self.place}.{name}" if self.place else name

    def ignore(self, *names: str) -> list[str]:
        """Takes what changes nothing here; the names of those that were sent."""
        return [name for name in names if self._left.pop(name, None) is not None]

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """A Problem for what would change the answer and cannot be done; false, empty and 0 ask for nothing."""
        for name, reason in reasons.items():
            if self._left.pop(name, None):
                raise wrong(self.at(name), "unsupported_parameter", reason)

    def end(self) -> None:
        """A Problem for each field that nobody took, as OpenAI's own doors have it."""
        if self._left:
            raise invalid(
                FieldError(self.at(name), "unknown_parameter", "There is no such field.") for name in sorted(self._left)
            )


def wrong(field: str, code: str, message: str) -> Problem:
    """400: one field does not hold."""
    return invalid([FieldError(field, code, message)])


def given(**fields: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
