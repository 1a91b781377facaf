"""What the engine would send to the model, as arguments of each SDK.

Parameters are fitted and written by what the engine itself uses (`providers.line.fitting`, the wires' mappings): code
for production asks what was tried here, and what is left out of it has the engine's reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from providers.base import Message, ProviderRequest
from providers.catalogue.info import ModelInfo
from providers.families.table import family_of
from providers.line.fitting import OURS, Fitted, fit
from providers.wires.anthropic.adapter import AnthropicAdapter
from providers.wires.anthropic.mapping import body_of as anthropic_body
from providers.wires.exchange import HTTPAdapter
from providers.wires.ollama.adapter import OllamaAdapter
from providers.wires.ollama.mapping import body_of as ollama_body
from providers.wires.openai.adapter import OpenAIAdapter
from providers.wires.openai.mapping import body_of as openai_body
from providers.wires.openai.mapping import json_schema_of
from templates_app.call.turns import Message as TemplateMessage
from templates_app.call.turns import Slot
from templates_app.content import Engine
from templates_app.export_code.handover import Handover
from templates_app.rendering import plain

TIMEOUT: Final = 300
"""Seconds that a run may take here when nothing else is said."""
_WIRES: Final[Mapping[str, tuple[type[HTTPAdapter], Callable[[ProviderRequest], dict[str, Any]]]]] = {
    "openai": (OpenAIAdapter, openai_body),
    "litellm": (OpenAIAdapter, openai_body),
    "anthropic": (AnthropicAdapter, anthropic_body),
    "ollama": (OllamaAdapter, ollama_body),
}
_ANTHROPICS_OWN: Final = frozenset({"max_tokens", "stop_sequences", "tools", "tool_choice"})
"""What its SDK has arguments for in every version; it gave up others with the models that take them."""
_OPENAIS_LATER: Final = frozenset({"reasoning_effort"})
"""What only later versions of its SDKs have arguments for, and some of its values later ones still."""
LITELLMS_STOPS: Final = 4
"""Of more `stop` sequences than this it sends the first only; what stands in `extra_body` is not looked at."""
_SAID: Final = frozenset({"model", "messages", "system", "stream"})


class Arguments(NamedTuple):
    """Arguments of an SDK's call, beside model and messages; and what else there is to say of it."""

    given: dict[str, Any]
    addition: str
    """What the wire tells the model in words, because it has no parameter for it."""
    dropped: list[str]
    """Names of parameters that are not sent."""
    reasons: dict[str, str]
    """Why they are not, or not as they were set."""

    @property
    def notes(self) -> list[str]:
        """The same for a reader."""
        names = [f"Not carried over: {', '.join(self.dropped)}."] if self.dropped else []
        return names + [f"{name}: {why}" for name, why in sorted(self.reasons.items())]


def for_openai(handover: Handover) -> Arguments:
    """Chat Completions (API reference, "Create chat completion")."""
    question = _asked(handover, "openai")
    return _arguments(handover, question, {**question.arguments, **_timeout(handover)}, carried={"timeout"})


def for_openais_python(handover: Handover) -> Arguments:
    """The same as its SDK for Python takes it in every version."""
    asked = for_openai(handover)
    given, later = by_age(asked.given)
    return asked._replace(given={**given, "extra_body": later} if later else given)


def by_age(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """OpenAI's parameters: those that every version of its SDKs has a name for, and those of later ones."""
    later = {name: value for name, value in given.items() if name in _OPENAIS_LATER}
    return {name: value for name, value in given.items() if name not in later}, later


def for_anthropic(handover: Handover) -> Arguments:
    """Messages API. A time limit is always said: without one the SDK refuses long answers that do not stream."""
    question = _asked(handover, "anthropic")
    given = {name: value for name, value in question.arguments.items() if name in _ANTHROPICS_OWN}
    if others := {name: value for name, value in question.arguments.items() if name not in _ANTHROPICS_OWN}:
        given["extra_body"] = others
    return _arguments(handover, question, {**given, "timeout": TIMEOUT, **_timeout(handover)}, carried={"timeout"})


def for_litellm(handover: Handover) -> Arguments:
    """`litellm.completion`, in the words that reach each wire as the engine's own do; see `litellm_model`."""
    question = _asked(handover, handover.wire or "litellm")
    given = question.arguments
    if handover.wire == "anthropic":
        given = given | _openai_tools(question)
        if "thinking" in given:
            # Only models that LiteLLM knows to think are told so otherwise.
            given["allowed_openai_params"] = ["thinking"]
    elif handover.wire == "ollama":
        own = {name: value for name, value in given.items() if name in ("options", "format", "think")}
        given = {**_openai_tools(question), "extra_body": own}
    elif len(given.get("stop", ())) > LITELLMS_STOPS:
        given = {**given, "extra_body": {"stop": given["stop"]}}
        del given["stop"]
    fallbacks = handover.content.parameters.get("fallback_models")
    given = {**given, **_timeout(handover), **({"fallbacks": fallbacks} if fallbacks else {})}
    # What a provider has no word for is left out instead of refused, as the playground does it.
    given["drop_params"] = True
    return _arguments(handover, question, given, carried={"timeout", "fallback_models"})


def litellm_model(handover: Handover) -> str:
    """The model as LiteLLM knows it: by the wire that it is asked on here."""
    match handover.wire:
        case "openai" | "anthropic":
            return f"{handover.wire}/{handover.model}"
        case "ollama":
            return f"ollama_chat/{handover.model}"
        case "litellm":
            return f"{handover.asked.prefix}/{handover.model}"
    return handover.model_id


def for_ollama(handover: Handover) -> Arguments:
    """POST /api/chat, its options beside the rest."""
    question = _asked(handover, "ollama")
    others = {name: value for name, value in question.arguments.items() if name != "options"}
    return _arguments(handover, question, {**question.arguments["options"], **others})


def json_schema(handover: Handover) -> dict[str, Any] | None:
    """The JSON Schema that the answer has to fit, if there is one."""
    return json_schema_of(_given(handover).get("response_format") or {})


class _Question(NamedTuple):
    """What the engine would send for the example."""

    request: ProviderRequest
    body: dict[str, Any]
    fitted: Fitted

    @property
    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.body.items() if name not in _SAID}

    @property
    def addition(self) -> str:
        """What the wire says in words: as a turn before the others, or behind the system prompt."""
        if len(self.body["messages"]) > len(self.request.messages):
            return str(self.body["messages"][0]["content"])
        said = "\n\n".join(each["content"] for each in self.request.messages if each["role"] == "system")
        return str(self.body.get("system", said)).removeprefix(said).removeprefix("\n\n")


def _asked(handover: Handover, wire: str) -> _Question:
    adapter, body_of = _WIRES[wire]
    model, messages, tools = _on(wire, handover), _messages(handover), handover.content.tools
    fitted = fit(_given(handover), supported=adapter.supported_parameters, model=model, messages=messages, tools=tools)
    request = ProviderRequest(
        model=handover.model,
        messages=messages,
        parameters=fitted.sent,
        tools=tools,
        is_streamed=False,
        family=model.family,
        max_output_tokens=model.max_output_tokens,
        context_window=model.context_window,
    )
    return _Question(request, body_of(request), fitted)


def _given(handover: Handover) -> dict[str, Any]:
    """The parameters; those of old versions have a response_format by its type alone."""
    given = handover.content.parameters
    wanted = given.get("response_format")
    return {**given, "response_format": {"type": wanted}} if isinstance(wanted, str) else given


def _on(wire: str, handover: Handover) -> ModelInfo:
    """What is known of the model, with what it takes on this wire, where that is another one than its own."""
    here = family_of(handover.model, wire)
    is_as_on_its_own = here == family_of(handover.model, handover.wire)
    return handover.asked.info if is_as_on_its_own else replace(handover.asked.info, family=here)


def _messages(handover: Handover) -> list[Message]:
    """The example's conversation, of texts alone: what limits and windows are measured by."""
    values = handover.all_values
    is_plain = handover.content.engine is Engine.PLAIN
    said = (each for turn in handover.content.turns for each in _said(turn, values))
    return [{"role": role, "content": plain.render(text, values) if is_plain else text} for role, text in said]


def _said(turn: TemplateMessage, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not isinstance(turn, Slot):
        yield turn.role, turn.text
        return
    for message in values.get(turn.name) or ():
        content = message["content"]
        parts = [content] if isinstance(content, str) else [each.get("text", "") for each in content]
        yield message["role"], "\n".join(parts)


def _openai_tools(question: _Question) -> dict[str, Any]:
    """Tools in OpenAI's words, which LiteLLM puts into those of the wire."""
    choice = {name: value for name, value in question.fitted.sent.items() if name == "tool_choice"}
    body = openai_body(replace(question.request, messages=(), parameters=choice))
    return {name: body[name] for name in ("tools", "tool_choice") if name in body}


def _timeout(handover: Handover) -> dict[str, Any]:
    return {name: value for name, value in handover.content.parameters.items() if name == "timeout"}


def _arguments(
    handover: Handover, question: _Question, given: dict[str, Any], *, carried: Collection[str] = ()
) -> Arguments:
    ours = (OURS & handover.content.parameters.keys()) - set(carried)
    fitted = question.fitted
    return Arguments(given, question.addition, sorted({*fitted.dropped, *ours}), fitted.reasons)
