"""A template by the Python that was handed over of it: its texts as they stand, the rest as the SDK's call says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from templates_app.content import Engine
from templates_app.exchange.dialects.service_code import ServiceCode
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.calls import config_of
from templates_app.export_code.parameters import TIMEOUT

_OF_SDKS: Final = frozenset({"extra_body", "options", "fallbacks", "drop_params", "allowed_openai_params"})
"""How SDKs are told, and no parameters by themselves."""


def draft_of(code: ServiceCode) -> Draft:
    """The draft; without versions where the code's language is not read."""
    draft = Draft({"name": code.name}, key=str(code.reference.template_id), reference=code.reference)
    if not code.holds_text:
        return draft
    texts = _texts(code.constants)
    if not code.has_partials:
        draft.reference = replace(code.reference, turns=_turns(texts))
    version = {**texts, **_settings(code.constants, draft)}
    if code.is_jinja:
        version["engine"] = Engine.JINJA2.value
    if code.variables:
        version["variables"] = code.variables
    draft.entry["versions"] = [version]
    draft.note("Code has no descriptions of variables, no category and no earlier versions: the template's JSON has.")
    if code.has_partials:
        draft.note("Other templates that it includes stand in it as text.")
    if code.constants.get("SYSTEM_ADDITION") or code.constants.get("ANSWER_FORMAT"):
        draft.note("What the code tells the model of the answer's format in words is not part of the template.")
    if code.others:
        draft.note(f"Not written out in the code, and so not carried over: {', '.join(code.others)[:300]}.")
    return draft


def _texts(constants: Mapping[str, Any]) -> dict[str, Any]:
    if messages := constants.get("MESSAGES"):
        return {"messages": messages}
    return {name.lower(): constants[name] for name in ("PROMPT", "SYSTEM_PROMPT") if constants.get(name)}


def _turns(texts: Mapping[str, Any]) -> list[Any]:
    if "messages" in texts:
        return list(texts["messages"]) if isinstance(texts["messages"], list) else []
    system = [{"role": "system", "content": texts["system_prompt"]}] if "system_prompt" in texts else []
    return [*system, {"role": "user", "content": texts.get("prompt", "")}]


def _settings(constants: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    given = constants.get("PARAMETERS")
    said: dict[str, Any] = {**given} if isinstance(given, dict) else {}
    for name in ("extra_body", "options"):
        said |= said[name] if isinstance(said.get(name), dict) else {}
    fallbacks = said.get("fallbacks")
    parameters = {name: value for name, value in said.items() if name not in _OF_SDKS}
    if parameters.get("timeout") == TIMEOUT:
        del parameters["timeout"]  # what a run here may take anyway
    model = constants.get("MODEL")
    model = f"ollama/{model[12:]}" if isinstance(model, str) and model.startswith("ollama_chat/") else model
    made = config_of({**parameters, "model": model}, draft)
    if isinstance(fallbacks, list) and fallbacks and all(isinstance(each, str) for each in fallbacks):
        made["default_parameters"] = {**made.get("default_parameters", {}), "fallback_models": fallbacks}
    return made
