"""What the editor says about a text while it is typed: lint, rendering, length."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import orjson

from accounts.models import User
from foundation.words import counted
from providers.catalogue.listing import model
from templates_app.call.turns import Message, Slot, Turn
from templates_app.content import Content
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.lint import bare_names, lint
from templates_app.linting.registry import all_rules
from templates_app.pages import forms
from templates_app.pages.forms import EditorForm
from templates_app.pages.presentation.trial import Trial, tried_with_samples
from templates_app.pages.presentation.variable_row import place_of_part
from templates_app.pages.presentation.words import tokens
from templates_app.partials.binding import as_drafted
from templates_app.variables.validation import definition_errors

EMPTY = "empty-prompt"
"""The rule that is no mistake yet while one writes; saving says it."""
STAND_IN = "…"
FIELDS = {"prompt": "Prompt", "system_prompt": "System prompt"}


@dataclass(frozen=True)
class FindingView:
    """A finding with its rule's words; `target` is the id of the field that it is about."""

    finding: Finding
    title: str
    reason: str
    target: str

    @property
    def place(self) -> str:
        """Where it is, to be read."""
        field = self.finding.field
        if field.startswith("messages."):
            return f"Turn {int(field.split('.')[1]) + 1}"
        return FIELDS.get(field, field.removeprefix("variables."))


class DraftView:
    """The draft in the form, looked at; what `is_counted` blocks while the model's tokenizer reads the texts."""

    def __init__(self, form: EditorForm, *, user: User, template: Any = None, is_counted: bool = False) -> None:
        self.form = form
        self.content: Content = forms.content_of(form)
        self._whole = as_drafted(self.content, user=user, template=template)
        self._model_id = self.content.model_id if is_counted else ""

    @cached_property
    def findings(self) -> list[FindingView]:
        """What could be better, in the order of the text."""
        rules = {rule.id: rule for rule in all_rules()}
        targets = {f"variables.{row.name}": f"variable-{row.index}" for row in self.form.variables}
        targets |= {"prompt": "prompt", "system_prompt": "system-prompt"}
        turns = {field: int(field.split(".")[1]) for field, _ in self.content.texts if self.content.messages}
        targets |= {field: f"turn-{position}" for field, position in turns.items()}
        return [
            FindingView(each, rules[each.rule].title, rules[each.rule].reason, targets.get(each.field, "prompt"))
            for each in (self._lint() if self.has_text else ())
            if each.rule != EMPTY
        ]

    def _lint(self) -> list[Finding]:
        known = model(self.content.model_id) if self.content.model_id else None
        return lint(
            self.content,
            context_window=known["context_window"] if known else None,
            model_id=self._model_id,
            also_used=self._whole.names,
            inferred=bare_names(self.content),
        )

    @property
    def has_text(self) -> bool:
        """Whether there is anything to look at."""
        return any(text.strip() for _, text in self.content.texts)

    @property
    def summary(self) -> str:
        """How many findings there are, by how much they matter."""
        words = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "hint"))
        counts = ((sum(each.finding.severity == severity for each in self.findings), word) for severity, word in words)
        return ", ".join(counted(count, word) for count, word in counts if count)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was written yet: no text, and no turn that sends something else."""
        return not self.has_text and not any(_is_more_than_text(turn) for turn in self.content.messages)

    @property
    def waiting(self) -> str:
        """The turns of a conversation in which nothing was written yet, by their numbers; saving asks for them."""
        return ", ".join(str(place + 1) for place, turn in enumerate(self.content.messages) if _is_blank(turn))

    @cached_property
    def trial(self) -> Trial:
        """The texts with their sample values; something stands in for turns in which nothing was written yet."""
        content = self._whole.content
        if self.waiting and not self.is_untouched:
            content = replace(content, messages=tuple(map(_written, content.messages)))
        trial = tried_with_samples(content, {row.name: row.sample for row in self.form.variables})
        return replace(trial, model_id=self._model_id)

    @property
    def tokens(self) -> str:
        """The texts' length as they stand."""
        return tokens(*(text for _, text in self.content.texts), model_id=self._model_id)

    @property
    def names(self) -> str:
        """The variables that have a row, separated by spaces."""
        return " ".join(row.name for row in self.form.variables)

    @property
    def uses(self) -> str:
        """As JSON, what the texts tell of each variable of which nobody said more."""
        return orjson.dumps({row.name: row.said for row in self.form.variables if row.is_found}).decode()

    @property
    def messages(self) -> list[tuple[str, str]]:
        """What is wrong with each variable's definition and sample, by field; empty where nothing is."""
        told = {f"{row.key}.{part}": "" for row in self.form.variables for part in ("type", "default_value", "sample")}
        told |= {f"{row.key}.rules.{rule}": "" for row in self.form.variables for rule in row.rules}
        for row, variable in zip(self.form.variables, self.content.variables, strict=False):
            for error in definition_errors(variable):
                told[place_of_part(row, error.field)] = error.message
            if row.sample:
                told[f"{row.key}.sample"] = self.trial.errors.get(row.name, "")
        return list(told.items())


def _is_blank(turn: Message) -> bool:
    return isinstance(turn, Turn) and isinstance(turn.content, str) and not turn.content.strip()


def _written(turn: Message) -> Message:
    return replace(turn, content=STAND_IN) if isinstance(turn, Turn) and _is_blank(turn) else turn


def _is_more_than_text(turn: Message) -> bool:
    if isinstance(turn, Slot) or isinstance(turn.content, str):
        return isinstance(turn, Slot)
    return any(part.get("type") != "text" for part in turn.content)
