"""How much work a JSON Schema can make, told before there is anything to check.

A schema of a few lines can ask for the same part of a value again and again: `allOf` of two references to a part that
again holds two, or a recursion that doubles with each level. What is counted here is how much of the schema applies at
one place of a value, however deep that place lies; what it costs to check a value is at most that, times its places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from foundation.words import number

DEEPEST: Final = 64
"""Levels of a value that is checked, as of any JSON that is taken (`foundation.json_values`)."""
MOST_PARTS: Final = 2_000
LONGEST_CHAIN: Final = 100
"""Parts that apply at one place because of one another: references to references, `allOf` in `allOf`."""
MOST_STEPS: Final = 20_000
"""Pairs of a part and what it asks for one level below, told apart by property."""
MORE_THAN_ANY: Final = 10**12

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_ONES: Final = ("not", "if", "then", "else")
_MAPS: Final = ("dependentSchemas", "dependencies")
_OF_ALL_PROPERTIES: Final = ("additionalProperties", "unevaluatedProperties")
_OF_ALL_ITEMS: Final = ("items", "contains", "unevaluatedItems")
_ELSEWHERE: Final = ("$dynamicRef", "$recursiveRef")

Part = dict[str, Any]
Path = tuple[str, ...]


class InvalidSchema(ValueError):
    """The schema is none, asks for another document, or for more work than may be; `path` leads to the place."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.path = path


class Reach:
    """The parts of a schema that can apply, and at which places; raises InvalidSchema."""

    def __init__(self, schema: Part) -> None:
        self._root = schema
        self._anchors = dict(_anchors(schema))
        self._parts: dict[int, Part] = {}
        self._paths: dict[int, Path] = {}
        self._applied: dict[int, Counter[int]] = {}
        self._open: set[int] = set()
        self._below: dict[int, list[Counter[int]]] = {}
        self._find_places()

    def most(self, weight: Callable[[Part], int]) -> int:
        """The greatest sum of weights of the parts that apply at one place, up to `MORE_THAN_ANY`."""
        weights = {
            part: sum(weight(self._parts[each]) * times for each, times in self._applied[part].items())
            for part in self._below
        }
        most = dict(weights)
        for _ in range(DEEPEST):
            deeper = {
                part: max(
                    weights[part],
                    *(min(sum(most[each] * times for each, times in below.items()), MORE_THAN_ANY) for below in places),
                    0,
                )
                for part, places in self._below.items()
            }
            if deeper == most:
                break
            most = deeper
        return most[id(self._root)]

    def _find_places(self) -> None:
        """Every part that some place of a value begins with, and what it asks for one level below."""
        self._know(self._root, ())
        left, steps = [id(self._root)], 0
        while left:
            part = left.pop()
            if part in self._below:
                continue
            places = [*self._places_below(self._applied_with(part, LONGEST_CHAIN))]
            steps += sum(map(len, places))
            if steps > MOST_STEPS:
                raise InvalidSchema("The schema is too complex: too many of its parts apply together.")
            self._below[part] = places
            left += [each for below in places for each in below]

    def _know(self, part: Part, path: Path) -> int:
        if id(part) not in self._parts:
            if len(self._parts) >= MOST_PARTS:
                raise InvalidSchema(f"A schema is taken with up to {number(MOST_PARTS)} parts.")
            self._parts[id(part)], self._paths[id(part)] = part, path
            self._check(part, path)
        return id(part)

    def _check(self, part: Part, path: Path) -> None:
        for name in _ELSEWHERE:
            if name in part:
                raise InvalidSchema(f"{name} is not taken: write $ref.", (*path, name))
        if path and "$id" in part:
            raise InvalidSchema("Only the whole schema may have an $id.", (*path, "$id"))
        dialect = part.get("$schema")
        if isinstance(dialect, str) and dialect.partition("://")[2].partition("/")[0] != "json-schema.org":
            raise InvalidSchema(f"{dialect[:100]} lies outside of this schema.", (*path, "$schema"))

    def _applied_with(self, part: int, levels: int) -> Counter[int]:
        """The parts that apply at a place where this one does, each with how often."""
        if part in self._applied:
            return self._applied[part]
        path = self._paths[part]
        if part in self._open:
            raise InvalidSchema("This part of the schema needs itself at the same place, without end.", path)
        if not levels:
            raise InvalidSchema("References and combinations go too deep here.", path)
        self._open.add(part)
        found, schema = Counter({part: 1}), self._parts[part]
        # Whatever is not told yet asks all of them once more.
        looks = 1 + sum(name in schema for name in ("unevaluatedProperties", "unevaluatedItems"))
        for inner, inner_path in self._in_place(schema, path):
            for each, times in self._applied_with(self._know(inner, inner_path), levels - 1).items():
                found[each] = min(found[each] + times * looks, MORE_THAN_ANY)
        self._open.discard(part)
        self._applied[part] = found
        return found

    def _in_place(self, part: Part, path: Path) -> Iterator[tuple[Part, Path]]:
        if isinstance(reference := part.get("$ref"), str):
            yield self._referred(reference, (*path, "$ref"))
        for name in _LISTS:
            yield from _schemas(enumerate(_list(part.get(name))), (*path, name))
        yield from _schemas(((name, part.get(name)) for name in _ONES), path)
        for name in _MAPS:
            yield from _schemas(_dict(part.get(name)).items(), (*path, name))

    def _referred(self, reference: str, path: Path) -> tuple[Part, Path]:
        if not reference.startswith("#"):
            raise InvalidSchema(f"{reference[:100]} lies outside of this schema.", path)
        steps = [step.replace("~1", "/").replace("~0", "~") for step in unquote(reference[1:]).split("/")]
        if steps[0]:
            found: Any = self._anchors.get(unquote(reference[1:]))
            return (found, path) if isinstance(found, dict) else self._nowhere(reference, path)
        found = self._root
        for name in steps[1:]:
            if isinstance(found, list) and name.isascii() and name.isdigit():
                found = found[int(name)] if int(name) < len(found) else None
            else:
                found = _dict(found).get(name)
        if isinstance(found, bool):
            found = {}
        return (found, tuple(steps[1:])) if isinstance(found, dict) else self._nowhere(reference, path)

    def _nowhere(self, reference: str, path: Path) -> tuple[Part, Path]:
        raise InvalidSchema(f"There is no {reference[:100]} in this schema.", path)

    def _places_below(self, applied: Mapping[int, int]) -> Iterator[Counter[int]]:
        """For each place that can lie one level below, the parts that apply there, at most."""
        named: dict[str, Counter[int]] = {}
        numbered: dict[int, Counter[int]] = {}
        any_property, any_item, names = Counter[int](), Counter[int](), Counter[int]()

        def add(place: Counter[int], found: Iterator[tuple[Part, Path]], times: int) -> None:
            for inner, inner_path in found:
                part = self._know(inner, inner_path)
                place[part] = min(place[part] + times, MORE_THAN_ANY)

        for each, times in applied.items():
            part, path = self._parts[each], self._paths[each]
            for name, inner in _dict(part.get("properties")).items():
                add(named.setdefault(name, Counter()), _schemas([(name, inner)], (*path, "properties")), times)
            for position, inner in enumerate(_list(part.get("prefixItems"))):
                place = numbered.setdefault(position, Counter())
                add(place, _schemas([(position, inner)], (*path, "prefixItems")), times)
            patterns = _dict(part.get("patternProperties")).items()
            add(any_property, _schemas(patterns, (*path, "patternProperties")), times)
            add(any_property, _schemas(((name, part.get(name)) for name in _OF_ALL_PROPERTIES), path), times)
            add(any_item, _schemas(((name, part.get(name)) for name in _OF_ALL_ITEMS), path), times)
            add(names, _schemas([("propertyNames", part.get("propertyNames"))], path), times)
        yield from ([any_property, any_item, names] if any_property or any_item or names else [])
        yield from (place + any_property for place in named.values())
        yield from (place + any_item for place in numbered.values())


def _schemas(found: Any, path: Path) -> Iterator[tuple[Part, Path]]:
    """Those that are objects, each with its place; true and false make no work."""
    for name, inner in found:
        if isinstance(inner, dict):
            yield inner, (*path, str(name))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _anchors(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if isinstance(anchor := value.get("$anchor"), str):
            yield anchor, value
        for inner in value.values():
            yield from _anchors(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _anchors(inner)
