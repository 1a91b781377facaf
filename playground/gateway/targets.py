"""What is to answer: a model, or a template of ours by its id or slug."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.problems import not_found
from playground.gateway.fields import Fields, given, wrong
from templates_app.models import PromptTemplate

TEMPLATE: Final = "template:"
NUMBER: Final = re.compile(r"v?([0-9]{1,9})")


def target_of(
    user: User, model: str | None, prompt: Any, *, vendor: str, variables: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Fields of an execution's body; asks the database where a template is named.

    `model` is ours (`openai/gpt-4o`), a bare name of `vendor`'s, or `template:<id or slug>@<label or vN>`, which the
    values of `variables` belong to; `prompt` is `{id, version, variables}` as the Responses API has it; `model` may
    then be left out, else it stands in for the template's.
    """
    is_template = bool(model and model.startswith(TEMPLATE) and prompt is None)
    if variables is not None and not is_template:
        place = "A template's variables stand in prompt.variables." if prompt else "They belong to a template."
        raise wrong("variables", "alone", place)
    if prompt is not None:
        return _by_prompt(user, model, Fields(prompt, "prompt"), vendor)
    if not model:
        raise wrong("model", "required", "This field is required.")
    if is_template:
        name, _, version = model.removeprefix(TEMPLATE).partition("@")
        found = {"template_id": template_id_of(user, name, field="model"), **named_version(version)}
        return found | given(variables=variables and _values(variables, "variables"))
    return {"model_id": _model(model, vendor)}


def names_of(prompt: Any) -> dict[str, str]:
    """The fields of `target_of` by the names that a client knows."""
    if prompt is None:
        return dict.fromkeys(("template_id", "version", "label"), "model")
    return {"variables": "prompt.variables"}


def _by_prompt(user: User, model: str | None, prompt: Fields, vendor: str) -> dict[str, Any]:
    name = prompt.need("id", str)
    made: dict[str, Any] = {"template_id": template_id_of(user, name.removeprefix(TEMPLATE), field="prompt.id")}
    made |= named_version(str(prompt.take("version", str, int) or ""))
    values = prompt.take("variables", dict) or {}
    prompt.end()
    made["variables"] = _values(values, "prompt.variables")
    return made | ({"model_id": _model(model, vendor)} if model else {})


def sticky(target: Mapping[str, Any], *keys: Any) -> dict[str, Any]:
    """The first of a client's own names for whom it asks for, as what the same version of a label answers."""
    named = next((each for each in keys if isinstance(each, str) and each), None)
    return {"sticky_key": named} if named and "label" in target else {}


def _values(values: dict[str, Any], place: str) -> dict[str, Any]:
    return {name: _value(f"{place}.{name}", value) for name, value in values.items()}


def _value(place: str, value: Any) -> Any:
    # The Responses API sends text as itself or as an input_text part.
    match value:
        case {"type": "input_text", "text": str(text)}:
            return text
        case {"type": "input_image" | "input_file"}:
            message = "Variables hold text, numbers, lists and objects: send files as parts of a message."
            raise wrong(place, "unsupported", message)
    return value


def _model(model: str, vendor: str) -> str:
    return model if "/" in model else f"{vendor}/{model}"


def named_version(text: str) -> dict[str, Any]:
    """What stands behind the `@`: a number or a label."""
    if number := NUMBER.fullmatch(text):
        return {"version": int(number[1])}
    return {"label": text} if text else {}


def template_id_of(user: User, name: str, *, field: str) -> str:
    """The id of a template by its id or slug; a Problem where there is none, or several of that slug."""
    with suppress(ValueError):
        return str(UUID(name))
    found = PromptTemplate.objects.visible_to(user).filter(slug=name).order_by("created_at")
    # A slug is one's own owner's: one's own goes before what others share.
    ids = [str(id) for id, owner in found.values_list("id", "owner_id") if owner == user.id]
    ids = ids or [str(id) for id in found.values_list("id", flat=True)]
    if not name or not ids:
        raise not_found(f"The template {name[:60]!r}")
    if len(ids) > 1:
        raise wrong(field, "ambiguous", "Several templates that you may read have this slug: name one by its id.")
    return ids[0]
