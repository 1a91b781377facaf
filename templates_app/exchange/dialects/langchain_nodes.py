"""Where prompts and their models stand in a file of LangChain: `dumps`, a commit of the hub, older files, chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from templates_app.exchange.dialects.langchain_texts import FORMATS
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.calls import config_of, model_id_of

PROMPTS: Final[Mapping[str, str]] = {
    "PromptTemplate": "prompt",
    "ChatPromptTemplate": "chat",
    "StructuredPrompt": "chat",
    "FewShotPromptTemplate": "few_shot",
    "FewShotChatMessagePromptTemplate": "few_shot_chat",
}
"""Classes by what their older files call them."""
_TYPES: Final = frozenset({*PROMPTS.values(), "chat_prompt", "few_shot_chat_message"})
_PROVIDERS: Final[Mapping[str, str]] = {
    "ChatOpenAI": "openai", "OpenAI": "openai", "ChatAnthropic": "anthropic", "ChatOllama": "ollama",
    "Ollama": "ollama", "AzureChatOpenAI": "azure", "ChatGoogleGenerativeAI": "gemini", "ChatVertexAI": "vertex_ai",
    "ChatMistralAI": "mistral", "ChatGroq": "groq", "ChatCohere": "cohere", "ChatDeepSeek": "deepseek",
    "ChatXAI": "xai", "ChatFireworks": "fireworks_ai", "ChatTogether": "together_ai", "ChatBedrock": "bedrock",
    "ChatBedrockConverse": "bedrock", "openai": "openai", "openai-chat": "openai", "anthropic": "anthropic",
    "anthropic-chat": "anthropic", "ollama": "ollama",
}  # fmt: skip
_MODEL_NAMES: Final = ("model", "model_name", "modelName", "model_id", "deployment_name", "azure_deployment")
_USUAL: Final[Mapping[str, Any]] = {
    "n": 1,
    "best_of": 1,
    "streaming": False,
    "verbose": False,
    "max_retries": 2,
    "cache": None,
}
"""What says nothing, since it is so everywhere."""


class Node(NamedTuple):
    """A prompt, with the model that it is asked on where the file has one."""

    kind: str
    members: Mapping[str, Any]
    place: str
    model: Mapping[str, Any] | None


def class_of(value: Any) -> str:
    """The class of an object that `dumps` wrote; empty for anything else."""
    if not isinstance(value, Mapping) or "kwargs" not in value or not isinstance(value.get("id"), list):
        return ""
    return str(value["id"][-1]) if value["id"] else ""


def members_of(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its members, however it is written."""
    members = value.get("kwargs", value) if class_of(value) else value
    return members if isinstance(members, Mapping) else {}


def kind_of(value: Any) -> str:
    """Which kind of prompt it is; empty for none."""
    if not isinstance(value, Mapping):
        return ""
    if name := class_of(value):
        return PROMPTS.get(name, "")
    kind = value.get("_type")
    if isinstance(kind, str) and kind in _TYPES:
        return {"chat_prompt": "chat", "few_shot_chat_message": "few_shot_chat"}.get(kind, kind)
    names, form = value.get("input_variables"), value.get("template_format", "f-string")
    # Other systems have an `input_variables` and a `template_format` of their own.
    if isinstance(names, list) and all(isinstance(name, str) for name in names) and form in FORMATS:
        if {"template", "template_path"} & value.keys():
            return "prompt"
        return "few_shot" if "example_prompt" in value else "chat" if "messages" in value else ""
    return ""


def prompts_in(value: Any, place: str = "", model: Mapping[str, Any] | None = None) -> Iterator[Node]:
    """Every prompt in it, not those that others are made of."""
    if kind := kind_of(value):
        inner = "kwargs" if class_of(value) else ""
        yield Node(kind, members_of(value), ".".join(filter(None, (place, inner))), model)
    elif isinstance(value, Mapping):
        here = _model_in(value) or model
        for name, inner in value.items():
            yield from prompts_in(inner, f"{place}.{name}".lstrip("."), here)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from prompts_in(inner, f"{place}.{at}".lstrip("."), model)


def _model_in(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model of a chain: one of its direct members."""
    members = members_of(value)
    middle = members.get("middle")
    listed = [
        members.get("llm"),
        members.get("last"),
        *(middle if isinstance(middle, list) else []),
        members.get("bound"),
    ]
    return next((found for each in listed if (found := _model(each))), None)


def _model(value: Any) -> Mapping[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    members = members_of(value)
    if class_of(value) == "RunnableBinding":
        bound, more = _model(members.get("bound")), members.get("kwargs")
        return {**bound, **more} if bound and isinstance(more, Mapping) else bound
    name = class_of(value) or value.get("_type")
    is_model = isinstance(name, str) and (name in _PROVIDERS or (name.startswith("Chat") and "Prompt" not in name))
    is_named = any(isinstance(members.get(each), str) for each in _MODEL_NAMES)
    return {**members, "_type": name} if is_model or (is_named and class_of(value)) else None


def settings_of(model: Mapping[str, Any] | None, draft: Draft) -> dict[str, Any]:
    """The fields of a content that the model and its parameters are."""
    if not model:
        return {}
    name = next((model[each] for each in _MODEL_NAMES if isinstance(model.get(each), str)), None)
    kind = model.get("_type")
    given: dict[str, Any] = {}
    for key, value in model.items():
        if key == "model_kwargs" and isinstance(value, Mapping):
            given |= value
        elif key not in (*_MODEL_NAMES, "_type") and value not in (None, {}, []) and not _is_usual(key, value):
            given[str(key)] = value
    made = config_of(given, draft)
    provider = _PROVIDERS.get(kind, "") if isinstance(kind, str) else ""
    found = model_id_of(name, draft, provider=provider)
    return {**made, **({"model_id": found} if found else {})}


def _is_usual(name: Any, value: Any) -> bool:
    return (name in _USUAL and value == _USUAL[name]) or (isinstance(value, Mapping) and value.get("type") == "secret")
