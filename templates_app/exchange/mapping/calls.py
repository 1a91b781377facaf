"""What others call models, parameters, tools and formats of answers, as we call them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from templates_app.call.checking import format_faults, tool_faults
from templates_app.exchange.formats.format import Draft, refused
from templates_app.exchange.mapping.braces import Names
from templates_app.exchange.mapping.turns import Text, content_of, said, turns_of
from templates_app.parameters import ParametersSerializer

_MODEL_ID: Final = re.compile(r"[^/\s]+/\S+")
LONGEST_MODEL: Final = 255
_VENDORS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("openai", re.compile(r"(?:ft:)?(?:gpt|chatgpt|o\d(?!\w)|davinci|babbage|text-davinci|codex|computer-use)")),
    ("anthropic", re.compile(r"claude")),
    ("gemini", re.compile(r"(?:gemini|gemma|palm)")),
    ("mistral", re.compile(r"(?:mistral|mixtral|ministral|codestral|pixtral|magistral)")),
    ("deepseek", re.compile(r"deepseek")),
    ("xai", re.compile(r"grok")),
    ("cohere", re.compile(r"command")),
)
"""Whose a model is that is named without its provider."""
_PROVIDERS: Final[Mapping[str, str]] = {
    "anthropic": "anthropic",
    "azure": "azure",
    "azure_openai": "azure",
    "azureopenai": "azure",
    "google": "gemini",
    "googleai": "gemini",
    "vertex": "vertex_ai",
    "vertexai": "vertex_ai",
    "mistralai": "mistral",
    "x-ai": "xai",
}
"""Providers that others call otherwise."""
_NAMES: Final[Mapping[str, str]] = {
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "num_predict": "max_tokens",
    "stop": "stop_sequences",
    "response_mime_type": "response_format",
    "format": "response_format",
}
_OURS: Final = frozenset(ParametersSerializer().fields) - {"fallback_models", "max_cost", "cache"}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_REASONING: Final[Mapping[str, str]] = {"none": "minimal", "xhigh": "high", "max": "high"}
NO_PARAMETERS: Final = frozenset({"stream", "stream_options"})
"""How an answer travels; no one misses it."""


def model_id_of(name: Any, draft: Draft, *, provider: Any = "") -> str:
    """`provider/model`; empty, with a note, where it cannot be told whose model it is."""
    if name in (None, ""):
        return ""
    if not isinstance(name, str):
        draft.note("The model is no text: choose one after the import.")
        return ""
    said = provider.strip().lower() if isinstance(provider, str) else ""
    found = _PROVIDERS.get(said, said) if said else _vendor_of(name)
    made = name if "/" in name and not said else f"{found}/{name}"
    if not found and "/" not in name:
        draft.note(
            f"It is written for the model {name[:100]}, whose provider is not said: choose one after the import."
        )
        return ""
    if len(made) > LONGEST_MODEL or not _MODEL_ID.fullmatch(made):
        draft.note(f"{made[:100]!r} is no name of a model: choose one after the import.")
        return ""
    return made


def _vendor_of(name: str) -> str:
    plain = name.lower()
    return next((vendor for vendor, pattern in _VENDORS if pattern.match(plain)), "")


def parameters_of(given: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """Our parameters by any vendor's names; what is none of ours, or no value of it, is noted."""
    made: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in _flat(given).items():
        plain = _CAMEL.sub("_", str(name)).lower()
        ours = _NAMES.get(plain, plain)
        if value is None or plain in NO_PARAMETERS:
            continue
        if ours not in _OURS:
            unknown.append(str(name)[:60])
        elif ours in made:
            draft.note(f"{name}: it is said twice, and taken once.")
        else:
            _take(made, ours, name, value, draft)
    if unknown:
        draft.note(f"Not carried over: {', '.join(sorted(unknown))[:500]}.")
    return made


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """`reasoning: {effort}` and `text: {format}` of the Responses API as parameters of their own."""
    flat: dict[str, Any] = {}
    for name, value in given.items():
        if name == "reasoning" and isinstance(value, Mapping):
            flat |= {f"reasoning_{each}": inner for each, inner in value.items()}
        elif name == "text" and isinstance(value, Mapping):
            flat |= {"response_format" if each == "format" else f"text.{each}": one for each, one in value.items()}
        else:
            flat[str(name)] = value
    return flat


def _take(made: dict[str, Any], ours: str, name: Any, value: Any, draft: Draft) -> None:
    change = _CHANGES.get(ours)
    changed = change(value) if change else value
    if isinstance(value, bool) and ours != "response_format":
        changed = ""
    checked = ParametersSerializer(data={ours: changed})
    is_sound = checked.is_valid()
    if is_sound and ours == "response_format":
        is_sound = not any(format_faults(checked.validated_data[ours]))
    if not is_sound:
        draft.note(f"{str(name)[:60]}: {str(value)[:60]!r} is no value of it here, so it is left out.")
        return
    made[ours] = checked.validated_data[ours]
    if ours == "reasoning_effort" and changed != value:
        draft.note(f"{name}: {value} is not known here, {changed} is taken.")


def _stops(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _effort(value: Any) -> Any:
    return _REASONING.get(value, value) if isinstance(value, str) else value


def _choice(value: Any) -> Any:
    match value:
        case {"type": "function", "function": {"name": name}} | {"type": "function" | "tool", "name": name}:
            return {"name": name}
        case {"type": "auto" | "none" as kind}:
            return kind
        case "any" | {"type": "any"}:
            return "required"
    return value


def _format(value: Any) -> Any:
    """The two ways of OpenAI to ask for JSON, and those of Gemini and Ollama, in ours."""
    match value:
        case "application/json" | "json":
            return {"type": "json_object"}
        case {"type": "object", "properties": {}}:
            return {"type": "json_schema", "json_schema": {"name": "answer", "schema": value}}
        case {"type": "json_schema", "json_schema": {"schema": {}} as inner}:
            return {"type": "json_schema", "json_schema": dict(inner)}
        case {"type": "json_schema", "schema": {}, **rest} if "json_schema" not in rest:
            return {"type": "json_schema", "json_schema": {"schema": value["schema"], **rest}}
    return value


_CHANGES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "stop_sequences": _stops,
    "reasoning_effort": _effort,
    "tool_choice": _choice,
    "response_format": _format,
}


def tools_of(given: Any, draft: Draft, place: str) -> list[dict[str, Any]]:
    """Our tools by those of OpenAI (both of its ways) or Anthropic; a Problem where it is no list of objects."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise refused(place, "not_a_list", "A list of tools is expected.")
    made: list[dict[str, Any]] = []
    for at, each in enumerate(given):
        if not isinstance(each, Mapping):
            raise refused(f"{place}.{at}", "invalid", "A tool is an object.")
        tool = _tool(each)
        if tool is None:
            draft.note(f"{place}.{at}: the tool {str(each.get('type'))[:60]} is the provider's own, and left out.")
        elif fault := next(tool_faults([*made, tool]), None):
            draft.note(f"{place}.{at}: the tool is left out: {fault.message}")
        else:
            made.append(tool)
    return made


def _tool(given: Mapping[str, Any]) -> dict[str, Any] | None:
    inner = given.get("function", given)
    if given.get("type", "function") not in ("function", "custom") or not isinstance(inner, Mapping):
        return None
    schema = inner.get("parameters", inner.get("input_schema", inner.get("inputSchema")))
    made = {"name": inner.get("name"), "description": inner.get("description") or "", "parameters": schema}
    return {name: value for name, value in made.items() if value not in (None, "")}


_PARTS: Final = frozenset({"model", "messages", "tools", "functions", "system", "instructions", "input"})


def call_of(
    request: Mapping[str, Any], draft: Draft, names: Names, place: str = "", *, text: Text = str
) -> dict[str, Any]:
    """The fields of a content by a request to OpenAI (either API) or Anthropic.

    Raises Problem, each with its place below `place`, where what is asked is no text.
    """
    at = f"{place}." if place else ""
    turns: list[dict[str, Any]] = []
    for name in ("instructions", "system"):
        turns += said("system", request.get(name), draft, f"{at}{name}", text=text)
    for name in ("messages", "input"):
        given = request.get(name)
        if isinstance(given, str):
            turns += said("user", given, draft, f"{at}{name}", text=text)
        elif given is not None:
            turns += turns_of(given, draft, f"{at}{name}", text=text)
    made = content_of(turns, draft, names, place)
    made |= settings_of(
        {name: value for name, value in request.items() if name not in ("messages", "input")}, draft, place
    )
    return made


def settings_of(request: Mapping[str, Any], draft: Draft, place: str = "") -> dict[str, Any]:
    """The fields of a content beside its texts: model, tools, format of the answer, parameters."""
    at = f"{place}." if place else ""
    tools = tools_of(request.get("tools"), draft, f"{at}tools")
    tools += tools_of(request.get("functions"), draft, f"{at}functions") if not tools else []
    is_said = isinstance(request.get("provider"), str)
    taken = _PARTS | {"provider"} if is_said else _PARTS
    parameters = parameters_of({name: value for name, value in request.items() if name not in taken}, draft)
    made = {
        "model_id": model_id_of(request.get("model"), draft, provider=request.get("provider")),
        "tools": tools,
        "response_format": parameters.pop("response_format", None),
        "default_parameters": parameters,
    }
    if not tools and parameters.pop("tool_choice", None):
        draft.note("tool_choice is left out, since no tool is there.")
    return {name: value for name, value in made.items() if value}


def config_of(config: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """As `settings_of`, of a configuration in which anybody may have written anything: what is no call is noted."""
    kept: dict[str, Any] = {}
    for name, value in config.items():
        is_list = isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
        if (name in ("tools", "functions") and not is_list) or name in ("instructions", "system", "messages", "input"):
            kept[f"{name} of the configuration"] = value
        else:
            kept[str(name)] = value
    return settings_of(kept, draft)
