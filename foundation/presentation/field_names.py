"""What a model's field is called where a person reads it, as the administration's pages do.

Django makes it of the field's name: "Is enabled", "Base url", "Created at", "Model id". A field that says its name
itself keeps it; migrations hold what a model says, so that nothing here asks for one.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models.signals import class_prepared

from foundation.rest.sentences import UPPER

WRITTEN: Final = {
    **UPPER,
    "email": "e-mail",
    "litellm": "LiteLLM",
    "mcp": "MCP",
    "python": "Python",
    "usd": "USD",
}
"""Words that are not written as in a name."""
BEFORE: Final = ("is_", "has_been_")
"""What a name has before a fact that is either so or not."""
AFTER: Final = {"_at": "", "_count": "", "_seconds": ", seconds"}


def called(name: str) -> str:
    """Such as `enabled` of `is_enabled`, `base URL` of `base_url` and `idle, seconds` of `idle_seconds`."""
    for before in BEFORE:
        name = name.removeprefix(before)
    after = ""
    for end, told in AFTER.items():
        if name.endswith(end):
            name, after = name.removesuffix(end), told
    return " ".join(WRITTEN.get(word, word) for word in name.split("_")) + after


def name_plainly() -> None:
    """Has every field that is made from now on called so."""
    class_prepared.connect(_name_fields, dispatch_uid="foundation.presentation.field_names")


def _name_fields(sender: Any, **kwargs: Any) -> None:
    for field in (*sender._meta.local_fields, *sender._meta.local_many_to_many):
        # What is underlined is what the model says, as migrations read it.
        if field._verbose_name is None:
            field.verbose_name = called(field.name)
