"""What of a variant can be changed: its prompt and its system prompt, as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation_app.models import EvaluationVariant
from foundation.problems import Problem
from providers.parts.shapes import text_of
from templates_app.content import Content
from templates_app.linting.lint import lint
from templates_app.rendering.placeholders import names_in

TEXTS = ("prompt", "system_prompt")


@dataclass(frozen=True, slots=True)
class Subject:
    """A variant's texts, with the template's content where they are of one."""

    texts: dict[str, str]
    content: Content | None

    @property
    def names(self) -> set[str]:
        """The variables that stand in the texts."""
        return set(names_in(*self.texts.values()))

    @property
    def findings(self) -> list[tuple[str, str]]:
        """What the linter says of the texts: title and reason."""
        content = self.content or Content(self.texts["prompt"], system_prompt=self.texts["system_prompt"])
        return [(finding.message, finding.advice) for finding in lint(content) if finding.severity.value != "info"]


def subject_of(variant: EvaluationVariant) -> Subject:
    """Raises Problem (409) for what has no texts to change: messages, whole calls."""
    body: dict[str, Any] = variant.body
    version = variant.template_version
    if "template_id" in body:
        if version is None:
            raise _refused("Its template's version is gone.")
        if version.content.messages:
            raise _refused("It is a template of whole messages: edit it by hand.")
        return Subject({name: getattr(version.content, name) for name in TEXTS}, version.content)
    if "messages" in body or not isinstance(body.get("prompt", ""), str):
        raise _refused("It is made of messages or parts: edit it by hand.")
    return Subject({"prompt": text_of(body["prompt"]), "system_prompt": body.get("system_prompt") or ""}, None)


def _refused(why: str) -> Problem:
    return Problem(409, "not_editable", f"Nothing can be proposed for this variant. {why}")
