"""The rules: what each of them is, and where they are found."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

from templates_app.content import Engine
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Fix, Severity


class LintRule(ABC):
    """Something that prompts do better with. A subclass says what and why, and finds where it is not so."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    title: ClassVar[str]
    reason: ClassVar[str]
    """Why it matters, in one short sentence."""
    advice: ClassVar[str]
    """What to do."""
    example: ClassVar[str]
    """A text that does well."""
    engines: ClassVar[frozenset[Engine]] = frozenset(Engine)

    @abstractmethod
    def check(self, draft: Draft) -> Iterator[Finding]:
        """What is found, in the order of the text; at most five are asked for."""

    def finding(
        self,
        message: str,
        *,
        field: str = "prompt",
        span: tuple[int, int] | None = None,
        severity: Severity | None = None,
        advice: str | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding in the rule's own words unless others are given."""
        start, end = span or (None, None)
        return Finding(
            self.id, severity or self.severity, field, start, end, message, advice or self.advice, self.example, fix
        )

    def as_json(self) -> dict[str, Any]:
        """The rule as the API tells about it."""
        told = {name: getattr(self, name) for name in ("id", "title", "reason", "advice", "example")}
        return {**told, "severity": self.severity.value}


PLAIN_ONLY = frozenset({Engine.PLAIN})
"""For rules about `{{name}}`, which means less and more in a Jinja2 template."""

_rules: dict[str, LintRule] = {}
_Rule = TypeVar("_Rule", bound=type[LintRule])


def register(id: str) -> Callable[[_Rule], _Rule]:
    """Names a rule and makes it known; ValueError when the name is taken."""

    def remember(rule: _Rule) -> _Rule:
        if id in _rules:
            raise ValueError(f"There are two rules with the name {id}.")
        rule.id = id
        _rules[id] = rule()
        return rule

    return remember


def all_rules() -> list[LintRule]:
    """Every rule, by its name."""
    importlib.import_module("templates_app.linting.rules")
    return [_rules[name] for name in sorted(_rules)]
