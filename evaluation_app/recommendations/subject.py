"""What of a variant can be changed: the texts of its prompt and its messages, as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evaluation_app.models import EvaluationVariant
from foundation.problems import Problem
from templates_app.content import Content
from templates_app.linting.lint import lint
from templates_app.rendering.placeholders import names_in

ALONE: Final = ("prompt", "system_prompt")
"""Texts that stand for themselves; the others are a message's (`messages.1.content`, `messages.1.content.0.text`)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A variant's texts by the field that each stands in, with the template's content where they are of one."""

    texts: dict[str, str]
    content: Content | None
    roles: Mapping[str, str] = field(default_factory=dict)
    """Who says a message's text."""

    @property
    def names(self) -> set[str]:
        """The variables that stand in the texts."""
        return set(names_in(*self.texts.values()))

    @property
    def findings(self) -> list[tuple[str, str]]:
        """What the linter says of the texts: title and reason."""
        content = self.content or Content(self.texts.get("prompt", ""), self.texts.get("system_prompt", ""))
        if not content.prompt and not content.messages:
            return []  # It asks by messages of its own, which the linter does not read.
        return [(finding.message, finding.advice) for finding in lint(content) if finding.severity.value != "info"]

    def is_said(self, texts: Mapping[str, str]) -> bool:
        """Whether anybody but the system would still say something with these texts."""
        of_system = {"system_prompt", *(name for name, role in self.roles.items() if role == "system")}
        return any(text.strip() for name, text in texts.items() if name not in of_system)


def subject_of(variant: EvaluationVariant) -> Subject:
    """Raises Problem (409) for what has no texts to change."""
    body: dict[str, Any] = variant.body
    version = variant.template_version
    if "template_id" not in body:
        return _of_body(body)
    if version is None:
        raise _refused("Its template's version is gone.")
    content = version.content
    roles = {name: role for role in ("system", "user", "assistant") for name in content.fields_of(role)}
    return Subject(dict(content.texts), content, roles)


def _of_body(body: Mapping[str, Any]) -> Subject:
    alone = ALONE if "prompt" in body or "messages" not in body else ("system_prompt",)
    texts = {name: text for key in alone for name, text in _texts(key, body.get(key) or "")}
    roles = dict[str, str]()
    for number, message in enumerate(body.get("messages", ())):
        said = dict(_texts(f"messages.{number}.content", message.get("content")))
        texts |= said
        roles |= dict.fromkeys(said, message["role"])
    if not any(texts.values()):
        raise _refused("It is made of pictures and files.")
    return Subject(texts, None, roles)


def _texts(name: str, content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        yield name, content
    for place, part in enumerate(content if isinstance(content, list) else ()):
        if part.get("type") == "text":
            yield f"{name}.{place}.text", part["text"]


def body_with(body: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """A variant's own body with other texts, by the fields that its subject names."""
    messages = [
        {**message, "content": _with(message["content"], f"messages.{number}.content", texts)}
        if message.get("content")
        else message
        for number, message in enumerate(body.get("messages", ()))
    ]
    made = {**body, **({"messages": messages} if messages else {})}
    return made | {name: _with(body.get(name, ""), name, texts) for name in ALONE if name in body or name in texts}


def _with(content: Any, name: str, texts: Mapping[str, str]) -> Any:
    if isinstance(content, list):
        return [
            {**part, "text": texts.get(f"{name}.{place}.text", part["text"])} if part.get("type") == "text" else part
            for place, part in enumerate(content)
        ]
    return texts.get(name, content)


def _refused(why: str) -> Problem:
    return Problem(409, "not_editable", f"Nothing can be proposed for this variant. {why}")
