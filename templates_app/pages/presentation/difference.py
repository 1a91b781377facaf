"""What changed between two contents, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from templates_app.content import Content
from templates_app.pages.presentation.folding import Stretch, folded
from templates_app.pages.presentation.values import pretty
from templates_app.versions.difference import changes, turns_changed
from templates_app.versions.text_difference import Piece, words_changed


class TextDifference(NamedTuple):
    """One text: its title and pieces, long equal ones folded, and whether anything changed in it."""

    title: str
    pieces: list[Stretch]
    has_changed: bool


class Changed(NamedTuple):
    """One variable or parameter that came (`insert`), went (`delete`) or changed (`change`)."""

    op: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class DifferenceView:
    """The way from one content to another."""

    old: Content
    new: Content

    @cached_property
    def texts(self) -> list[TextDifference]:
        """Prompt and system prompt; a system prompt that never was is left out."""
        return list(self._texts())

    def _texts(self) -> Iterator[TextDifference]:
        if self.old.messages or self.new.messages:
            yield from map(_turn, turns_changed(self.old, self.new))
            return
        for title, old, new in (
            ("System prompt", self.old.system_prompt, self.new.system_prompt),
            ("Prompt", self.old.prompt, self.new.prompt),
        ):
            if old or new:
                yield TextDifference(title, folded(words_changed(old, new)), old != new)

    @cached_property
    def variables(self) -> list[Changed]:
        """Variables that differ."""
        return list(_changed(self._changes["variables"]))

    @cached_property
    def parameters(self) -> list[Changed]:
        """Default parameters that differ."""
        return list(_changed(self._changes["default_parameters"]))

    @property
    def engine(self) -> tuple[str, str] | None:
        """The engines, where they differ."""
        return None if self.old.engine == self.new.engine else (self.old.engine, self.new.engine)

    @property
    def is_empty(self) -> bool:
        """Whether both are the same."""
        return self.old == self.new

    @cached_property
    def _changes(self) -> dict[str, Any]:
        texts_apart = (Content("", "", each.variables, _settings(each)) for each in (self.old, self.new))
        return changes(*texts_apart)


def _settings(content: Content) -> dict[str, Any]:
    """The default parameters, with what else of the call is no text."""
    return {**content.default_parameters, **{k: v for k, v in content.call_json().items() if k != "messages"}}


def _turn(told: dict[str, Any]) -> TextDifference:
    who, op = told.get("role") or f"{{{told['placeholder']}}}", told["op"]
    words = {"insert": ", new", "delete": ", gone"}
    pieces = told["content"] or [{"op": op, "text": f"{{{told['placeholder']}}}"}]
    return TextDifference(f"{who}{words.get(op, '')}", folded([Piece(**each) for each in pieces]), op != "equal")


def _changed(found: dict[str, Any]) -> Iterator[Changed]:
    for name, value in found["removed"].items():
        yield Changed("delete", name, _as_text(value), "")
    for name, value in found["added"].items():
        yield Changed("insert", name, "", _as_text(value))
    for name, both in found["changed"].items():
        old, new = _lines(both["from"]), _lines(both["to"])
        before = "\n".join(line for line in old if line not in new)
        yield Changed("change", name, before, "\n".join(line for line in new if line not in old))


def _as_text(value: Any) -> str:
    return "\n".join(_lines(value))


def _lines(value: Any) -> list[str]:
    """A variable's definition in words, a line a fact; any other value as JSON."""
    if not isinstance(value, dict) or "validation_rules" not in value:
        return [pretty(value)]
    lines = [value["type"], "required" if value["required"] else "optional"]
    if "default_value" in value:
        lines.append(f"default {pretty(value['default_value'])}")
    if value["description"]:
        lines.append(f"“{value['description']}”")
    return lines + [f"{rule['rule'].replace('_', ' ')} {pretty(rule['value'])}" for rule in value["validation_rules"]]
