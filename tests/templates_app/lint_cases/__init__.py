"""Prompts that lint is measured by: good ones as people write them, and faults planted for each rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from templates_app.call.turns import messages_from_json
from templates_app.content import Content, Engine, Variable
from templates_app.linting.findings import Finding
from templates_app.linting.lint import bare_names, lint
from templates_app.rendering.render import used_names

FOLDER: Final = Path(__file__).parent


class Case(NamedTuple):
    """One text with where it stands, and whether somebody declared its variables."""

    name: str
    content: Content
    context_window: int | None
    is_declared: bool

    def lint(self) -> list[Finding]:
        """As the doors lint it: what was only found in the text is known to be so."""
        inferred = frozenset() if self.is_declared else bare_names(self.content)
        return lint(self.content, context_window=self.context_window, inferred=inferred)


def good_cases() -> list[Case]:
    """Texts that nobody should be warned about."""
    return [
        _case(f"{path.stem}-{number}", shape)
        for path in sorted((FOLDER / "good").glob("*.yaml"))
        for number, shape in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1)
    ]


def planted_cases() -> list[tuple[str, Case]]:
    """Texts with one fault on purpose, each with the rule that is to find it."""
    return [
        (rule, _case(f"{rule}-{number}", shape))
        for path in sorted((FOLDER / "planted").glob("*.yaml"))
        for rule, shapes in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for number, shape in enumerate(shapes, start=1)
    ]


def _case(name: str, shape: str | dict[str, Any]) -> Case:
    given: dict[str, Any] = {"prompt": shape} if isinstance(shape, str) else shape
    content = Content(
        prompt=given.get("prompt", ""),
        system_prompt=given.get("system", ""),
        engine=Engine(given.get("engine", "plain")),
        messages=messages_from_json(given.get("messages", ())),
        default_parameters=given.get("parameters", {}),
        tools=tuple(given.get("tools", ())),
        variables=tuple(map(Variable.from_json, given.get("variables", ()))),
    )
    is_declared = "variables" in given
    if not is_declared:
        found = [Variable(each) for each in used_names(content)]
        content = Content.from_json({**content.as_json(), "variables": [each.as_json() for each in found]})
    return Case(name, content, given.get("context_window"), is_declared)
