"""What is linted: a content, each of its texts read once."""

from __future__ import annotations

from functools import cached_property

from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.linting.patterns import Pattern
from templates_app.linting.text import Text
from templates_app.rendering.placeholders import names_in

SHORT = 200
"""A value of up to so many characters is a name or a topic; a longer one is somebody's text."""


class Draft:
    """A content under the eyes of rules; `context_window` is the model's, in tokens, when a model is chosen."""

    def __init__(self, content: Content, *, context_window: int | None = None) -> None:
        self.content = content
        self.context_window = context_window
        self.prompt = Text("prompt", content.prompt)
        self.system_prompt = Text("system_prompt", content.system_prompt)
        self.texts = tuple(text for text in (self.prompt, self.system_prompt) if text.text.strip())

    def says(self, wanted: Pattern) -> bool:
        """Whether one of the texts says it."""
        return any(text.has(wanted) for text in self.texts)

    @property
    def is_plain(self) -> bool:
        return self.content.engine is Engine.PLAIN

    @property
    def is_english(self) -> bool:
        """Whether its prompt, or its system prompt when the prompt is but a variable, is in English."""
        return any(text.is_english for text in self.texts)

    @cached_property
    def used_names(self) -> list[str]:
        """The variables used in either text, in the order of their first use."""
        return names_in(self.prompt.text, self.system_prompt.text)

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """The declared ones by name."""
        return {variable.name: variable for variable in self.content.variables}

    def holds_free_text(self, name: str) -> bool:
        """Whether anything can stand in this variable: a text of any length that no rule holds to a few values."""
        variable = self.variables.get(name)
        if variable is None or variable.type is not VariableType.STRING:
            return False
        rules = {rule.name: rule.value for rule in variable.rules}
        is_short = isinstance(rules.get("max_length"), int) and rules["max_length"] <= SHORT
        return not is_short and not rules.keys() & {"enum", "pattern"}
