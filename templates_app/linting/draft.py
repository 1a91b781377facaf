"""What is linted: a content, each of its texts read once."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from providers.tokenizing.texts import TextTokens, tokens_of
from templates_app.content import Content, Engine, Variable
from templates_app.linting.patterns import Pattern
from templates_app.linting.text import Text
from templates_app.rendering.placeholders import names_in

_WORD: Final = re.compile(r"\w")


class Draft:
    """A content under the eyes of rules; `context_window` is the model's, in tokens, when a model is chosen;
    with `model_id` its tokenizer counts the texts, where it is at hand.

    `prompt` is the last text of the user, `system_prompt` the first of the system.
    """

    def __init__(
        self,
        content: Content,
        *,
        context_window: int | None = None,
        model_id: str = "",
        also_used: frozenset[str] = frozenset(),
        inferred: frozenset[str] = frozenset(),
    ) -> None:
        self.content = content
        self.also_used = also_used
        """Names that the texts' partials use."""
        self.inferred = inferred
        """Variables that were taken from the texts and that nobody has declared."""
        self.context_window = context_window
        self._model_id = model_id
        self._all = tuple(Text(field, text) for field, text in content.texts)
        self.texts = tuple(text for text in self._all if text.text.strip())
        self.of_user = self._said_by("user", "prompt")
        self.of_system = self._said_by("system", "system_prompt")
        self.prompt = self.of_user[-1] if self.of_user else Text("messages", "")
        self.system_prompt = self.of_system[0] if self.of_system else Text("system_prompt", "")

    @cached_property
    def tokens(self) -> TextTokens:
        """Of all texts."""
        return tokens_of((text for _, text in self.content.texts), self._model_id)

    def _said_by(self, role: str, field: str) -> tuple[Text, ...]:
        """The texts of that role; of the simple form, the one that it has a field for."""
        spoken = self.content.fields_of(role) or {field}
        return tuple(text for text in self._all if text.field in spoken)

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
        """The variables used in the texts, in the order of their first use, then those of placeholders."""
        return list(dict.fromkeys([*names_in(*(text.text for text in self._all)), *self.content.slots]))

    @cached_property
    def has_words(self) -> bool:
        """Whether its texts hold more than places of variables."""
        return any(_WORD.search(text.without_places) for text in self.texts)

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """The declared ones by name."""
        return {variable.name: variable for variable in self.content.variables}
