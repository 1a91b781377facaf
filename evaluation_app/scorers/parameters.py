"""Parameters of scorers: declared once, checked, described in JSON Schema, and written in one canonical way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation_app.scorers.errors import InvalidScorer, Path
from foundation.words import number

LARGEST: Final = 256 * 1024
"""Characters of JSON."""
DEEPEST: Final = 64

P = TypeVar("P", bound="Parameters")
Threshold = Annotated[float, Field(ge=0, le=1)]


class Misplaced(ValueError):
    """What a check of a parameter found, deeper than the parameter itself."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class Parameters(BaseModel):
    """To be derived from; a field without a default is needed."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def stated(self) -> dict[str, Any]:
        """All that the scorer goes by, as JSON; a parameter that was left out and has no default is left out."""
        told = self.model_dump(by_alias=True)
        names = {name: info.alias or name for name, info in type(self).model_fields.items()}
        silent = {alias for name, alias in names.items() if name not in self.model_fields_set and told[alias] is None}
        return {name: value for name, value in told.items() if name not in silent}


def parsed(kind: type[P], params: Any) -> P:
    """The parameters; raises InvalidScorer with the path of the first one that does not hold."""
    if not isinstance(params, Mapping):
        raise InvalidScorer("Parameters are an object.")
    _look_at(params)
    try:
        return kind.model_validate(params)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidScorer(_sentence(first), _path(first, params)) from None


def schema_of(kind: type[Parameters]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the parameters."""
    schema = kind.model_json_schema()
    schema.pop("description", None)
    return {name: value for name, value in schema.items() if name != "title"}


def canonical(value: Any) -> str:
    """JSON that is the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _look_at(params: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(params, allow_nan=False, ensure_ascii=False)
        text.encode()
    except UnicodeError:
        raise InvalidScorer("Half a character (a lone surrogate) stands in the parameters.") from None
    except (ValueError, TypeError, RecursionError):
        raise InvalidScorer("The parameters are no JSON, hold numbers without an end, or go too deep.") from None
    if len(text) > LARGEST:
        raise InvalidScorer(f"Parameters are taken up to {number(LARGEST)} characters of JSON.")
    if _is_too_deep(params):
        raise InvalidScorer(f"Nesting is taken up to {DEEPEST} levels.")


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, Mapping) else each if isinstance(each, list) else ())
        ]
        if not level:
            return False
    return True


def _path(error: Any, params: Mapping[str, Any]) -> Path:
    """Where the value is: pydantic also names the kinds of value that it tried."""
    place: Any = params
    path: list[str | int] = []
    for step in error["loc"]:
        if isinstance(place, Mapping) and (step in place or not path):
            place = place.get(step)
        elif isinstance(place, list) and isinstance(step, int) and step < len(place):
            place = place[step]
        else:
            break
        path.append(step)
    cause = error.get("ctx", {}).get("error")
    return (*path, *(cause.path if isinstance(cause, Misplaced) else ()))


def _sentence(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "There is no such parameter."
        case "missing":
            return "This parameter is needed."
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            said = str(error["msg"]).replace("Input should", "It must").replace(" should ", " must ")
            return f"{said.replace(' after validation', '')}."
