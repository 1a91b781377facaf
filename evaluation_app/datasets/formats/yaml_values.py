"""YAML as people who write tests mean it (YAML 1.2, core schema): `Yes` is a word, 12:30 a time of day, no number.

It is read without what makes YAML explode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from evaluation_app.datasets.formats.format import refused, text_of
from foundation.json_values import DEEPEST
from foundation.words import number

LARGEST: Final = 4 * 2**20
"""Bytes; YAML takes a hundred times as long to read as JSON."""
MOST_NODES: Final = 400_000
SPARE_NODES: Final = 100
"""For the document around the items."""
WRAPPING: Final = 2
"""Levels that what is kept of a case stands deeper in tests of promptfoo than in a body, which is checked later."""
_Base: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_Base):  # type: ignore[misc]
    """Plain words are what YAML 1.2 takes them for, and an object has each name once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set[str]()
        for key, _ in node.value:
            # 1 and "1" are one name, as an object of JSON knows them.
            name = _name(self.construct_object(key, deep=True))
            if name in seen:
                line = key.start_mark.line + 1
                raise refused("repeated", f"Line {number(line)}: {name[:60]!r} is there twice in one object.")
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


class _WideDumper(_Dumper):  # type: ignore[misc]
    """Puts into quotes what YAML 1.1 or 1.2 would take for something else than words, and writes every value out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True  # a value that stands in two places would else be an alias, which is not read


_PLAIN_WORDS: Final = (
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*)(?:[eE][-+]?[0-9]+)?|(?:0|[1-9][0-9]*)[eE][-+]?[0-9]+)"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+0123456789."),
    ),
)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _PLAIN_WORDS:
    for _kind in (_Loader, _WideDumper):
        _kind.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_WideDumper.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^[-+]?0(?:o[0-7]+|x[0-9a-fA-F]+|b[01]+)$"), list("-+0")
)


def values(data: bytes) -> Any:
    """The file's plain values; raises Problem."""
    if len(data) > LARGEST:
        raise refused("too_large", f"YAML is taken up to {number(LARGEST)} bytes: send JSON Lines.")
    text = text_of(data)
    try:
        _check_events(text)
        return _plain(yaml.load(text, Loader=_Loader))  # noqa: S506 - made of a safe loader, above
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise refused("malformed_yaml", f"The file is no YAML: {str(error)[:300]}") from None


def _check_events(text: str) -> None:
    """Looks at the stream before anything is built of it: aliases multiply, and depth recurses."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise refused("alias", f"Line {number(line)}: aliases are not taken; write the value out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST + WRAPPING:
            raise refused("too_deep", f"Line {number(line)}: nesting is taken up to {DEEPEST} levels.")
        if count > MOST_NODES:
            raise refused("too_large", f"More than {number(MOST_NODES)} values: send JSON Lines.")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_name(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        value.encode()  # UnicodeError: YAML can write half of a surrogate pair
        return value
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError(f"a value of type {type(value).__name__} is not taken")


def _name(name: Any) -> str:
    if isinstance(name, str):
        name.encode()
        return name
    return "null" if name is None else str(name).lower() if isinstance(name, bool) else str(name)


def written(head: str, name: str, items: Iterable[Any]) -> Iterator[bytes]:
    """A document with a list of that name after its head; raises Problem where it would be more than is read."""
    size = nodes = 0
    yield head.encode()
    is_empty = True
    for item in items:
        part = (f"{name}:\n" if is_empty else "").encode() + _dumped([item])
        is_empty, size, nodes = False, size + len(part), nodes + _nodes(item)
        if size > LARGEST or nodes > MOST_NODES - SPARE_NODES:
            most = f"{number(LARGEST)} bytes" if size > LARGEST else f"{number(MOST_NODES)} values"
            raise refused("too_large", f"As YAML it has more than {most}: take JSON Lines.")
        yield part
    if is_empty:
        yield f"{name}: []\n".encode()


def _nodes(value: Any) -> int:
    """Events that `_check_events` counts."""
    if isinstance(value, dict):
        return 2 + len(value) + sum(map(_nodes, value.values()))
    return 2 + sum(map(_nodes, value)) if isinstance(value, list | tuple) else 1


def _dumped(value: Any) -> bytes:
    text = yaml.dump(value, Dumper=_WideDumper, allow_unicode=True, sort_keys=False, width=10_000)
    return str(text).encode()
