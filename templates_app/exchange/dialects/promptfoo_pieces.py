"""Values that our own export cut for promptfoo, which would make more of them than a text, are put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from templates_app.rendering.placeholders import NAME

_JOINED: Final = rf"(?P<name>{NAME})\.pieces \| join if (?P=name)\.pieces else (?P=name)"
"""As `export_code.promptfoo_texts.joined` writes it."""
_PLACE: Final = re.compile(rf"\{{\{{ {_JOINED} \}}\}}")
_SET: Final = re.compile(rf"\{{% set (?P<word>{NAME}) = {_JOINED} %\}}")


def whole(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration with plain places and whole values, where its prompts join such pieces."""
    texts = list(_texts(config.get("prompts")))
    names = {found["name"] for text in texts for pattern in (_PLACE, _SET) for found in pattern.finditer(text)}
    if not names:
        return config
    made = {**config, "prompts": _changed(config["prompts"], _without)}
    for name in ("tests", "defaultTest"):
        if name in config:
            made[name] = _tests(config[name], names)
    return made


def _without(text: str) -> str:
    return _PLACE.sub(lambda found: f"{{{{ {found['name']} }}}}", _SET.sub("", text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _texts(each)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _changed(inner, change) for name, inner in value.items()}
    return [_changed(each, change) for each in value] if isinstance(value, list) else value


def _tests(given: Any, names: set[str]) -> Any:
    if isinstance(given, list):
        return [_tests(each, names) for each in given]
    values = given.get("vars") if isinstance(given, Mapping) else None
    if not isinstance(values, Mapping):
        return given
    return {**given, "vars": {name: _joined(value) if name in names else value for name, value in values.items()}}


def _joined(value: Any) -> Any:
    match value:
        case {"pieces": [*pieces]} if len(value) == 1 and all(isinstance(each, str) for each in pieces):
            return "".join(pieces)
    return value
