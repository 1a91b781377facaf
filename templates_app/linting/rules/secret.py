"""Keys, tokens and passwords in a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register
from templates_app.linting.secrets import secrets_in


@register("secret")
class SecretInText(LintRule):
    """Something that looks like a credential, in a text or in a variable's default value. It is never repeated."""

    severity = Severity.ERROR
    title = "Secret in the text"
    reason = "A prompt goes to a provider, into histories and to everyone it is shared with."
    advice = "Remove it and replace it where it is in use; what a tool needs belongs into that tool's configuration."
    example = "Call the tool get_orders; it knows how to sign in."

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            for secret in secrets_in(text.text):
                message = f"This looks like {secret.kind}."
                yield self.finding(message, field=text.field, span=(secret.start, secret.end))
        for variable in draft.content.variables:
            for secret in secrets_in("\n".join(_texts_in(variable.default_value))):
                message = f"The default value of {variable.name} looks like {secret.kind}."
                yield self.finding(message, field=f"variables.{variable.name}")


def _texts_in(value: Any) -> Iterator[str]:
    """The strings of a JSON value, names of members included."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [f"{name}: {held}" if isinstance(held, str) else held for name, held in value.items()]
