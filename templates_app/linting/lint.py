"""Lint with guidance: what could be better about a prompt, where, why, and how it looks when it is done well."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Final

from templates_app.content import Content, Variable
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import all_rules
from templates_app.linting.secrets import masked

MOST: Final = 100
MOST_OF_A_RULE: Final = 5
_WEIGHT: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def lint(
    content: Content,
    *,
    context_window: int | None = None,
    model_id: str = "",
    also_used: frozenset[str] = frozenset(),
    inferred: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Findings by field and place: at most five a rule and a hundred in all, the graver ones when there are more.

    `context_window`: tokens that the chosen model takes; `model_id`: whose tokenizer, where it is at hand, is waited
    for; `also_used`: names that its partials use; `inferred`: variables that nobody has declared. Time is linear in the
    text.
    """
    draft = Draft(content, context_window=context_window, model_id=model_id, also_used=also_used, inferred=inferred)
    found: list[Finding] = []
    for rule in all_rules():
        if content.engine in rule.engines:
            found += islice(rule.check(draft), MOST_OF_A_RULE)
    places = {"prompt": draft.prompt.field, "system_prompt": draft.system_prompt.field}
    found = [replace(finding, field=places.get(finding.field, finding.field)) for finding in found]
    found.sort(key=lambda finding: _WEIGHT[finding.severity])
    order = _order_of(draft)
    shown = sorted(found[:MOST], key=lambda each: (order[each.field], each.start or 0, each.rule))
    return [replace(finding, message=masked(finding.message)) for finding in shown]


def bare_names(content: Content) -> frozenset[str]:
    """The variables of which nothing is kept but name and type, as those that were found in a text."""
    bare = (each.name for each in content.variables if each == Variable(each.name, type=each.type))
    return frozenset(bare)


def _order_of(draft: Draft) -> dict[str, int]:
    """Where a field stands: the texts in their order, then the variables as they are declared."""
    texts = [field for field, _ in draft.content.texts]
    fields = [*texts, "messages", *(f"variables.{name}" for name in draft.content.variable_names)]
    return {field: position for position, field in reversed(list(enumerate(fields)))}
