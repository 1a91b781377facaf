"""Requests to OpenAI as people copy them (either API; JSON, curl or Python), its prompt objects, and requests to us.

Anthropic's requests and those of everybody who speaks as OpenAI does have the same members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from foundation.problems import Problem
from templates_app.exchange.dialects.openai_code import Pasted, is_code, request_of
from templates_app.exchange.dialects.service_call import reference_of
from templates_app.exchange.dialects.service_code import service_code
from templates_app.exchange.dialects.service_code_draft import draft_of
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces
from templates_app.exchange.mapping.calls import call_of, config_of
from templates_app.exchange.mapping.naming import beginning_of, name_of, tags_of
from templates_app.exchange.mapping.turns import texts_of
from templates_app.exchange.source import Source

_TEXTS: Final = ("messages", "input", "instructions", "system")
_CALLS: Final = frozenset({"model", "messages", "input", "instructions", "temperature", "tools", "max_output_tokens"})
_OURS: Final = frozenset({"template_id", "model_id", "session_id"})
_WRAPPERS: Final = ("body", "request", "data", "prompt", "json")
"""Where the request stands in what people copy: a line of a batch file, a log, the prompt of a response."""
_NAMES: Final = ("name", "title", "custom_id")
_BOOKKEEPING: Final = frozenset(
    {
        "id",
        "object",
        "version",
        "variables",
        "created_at",
        "updated_at",
        "created_by",
        "description",
        "tags",
        "metadata",
    }
    | {"is_default", "user", "store", "url", "method", *_NAMES}
)
_TURN: Final = frozenset({"role", "content"})


def recognises(source: Source) -> bool:
    """JSON, curl or Python with a model and messages, a prompt's id, or what a request to us has."""
    try:
        if service_code(source.text):
            return True
        found = _request(source)
    except Problem:
        return False
    return found is not None and _is_one(_unwrapped(found.request)[0])


def _is_one(found: Mapping[str, Any]) -> bool:
    if ("format" in found and "templates" in found) or {"lc", "_type", "prompts"} & found.keys():
        return False
    has_text = any(isinstance(found.get(name), (str, list)) for name in _TEXTS)
    is_call = (has_text and "model" in found) or {"input", "instructions"} <= found.keys()
    is_prompt = isinstance(found.get("id"), str) and found["id"].startswith("pmpt_")
    has_prompt = isinstance(found.get("prompt"), Mapping) and str(found["prompt"].get("id", "")).startswith("pmpt_")
    is_ours = bool(_OURS & found.keys()) and bool({"variables", "prompt", "messages"} & found.keys())
    is_chat = isinstance(found.get("messages"), list) and not found.keys() - _CALLS - {"system", "name"}
    return is_call or is_prompt or has_prompt or is_ours or is_chat


def read(source: Source, choices: Choices) -> Drafts:
    """The call as one template; raises Problem where it holds no text, with what to copy instead."""
    if code := service_code(source.text):
        draft = draft_of(code)
        draft.entry["name"] = name_of(choices.name, code.name, f"Template {code.reference.template_id}")
        return Drafts([draft])
    found = _request(source)
    if found is None:
        raise refused("", "invalid", "A request as JSON, curl or Python is expected.")
    request, place = _unwrapped(found.request)
    draft = Draft({}, place)
    if found.left_out:
        draft.note(f"Not written out in the code, and so not carried over: {', '.join(found.left_out)[:300]}.")
    entry = draft.entry
    if _refers(request):
        draft.reference = reference_of(request, place, found.address)
        entry["name"] = name_of(choices.name) or f"Template {draft.reference.template_id}"
        return Drafts([draft])
    version = _ours(request, draft, place) if _OURS & request.keys() else _call(request, draft, place)
    text = version.get("prompt") or " ".join(texts_of(version.get("messages", [])))
    entry["name"] = (
        name_of(*(request.get(name) for name in _NAMES), choices.name)
        or name_of(source.stem if source.stem.lower() not in ("request", "prompt", "body", "call") else "")
        or beginning_of(text)
    )
    if isinstance(description := request.get("description"), str) and description.strip():
        entry["description"] = description[:10_000]
    if tags := tags_of(request.get("tags"), draft):
        entry["tags"] = tags
    entry["versions"] = [version]
    if isinstance(request.get("id"), str):
        draft.key = request["id"]
    return Drafts([draft])


def _request(source: Source) -> Pasted | None:
    """The JSON object in the file, or its bare list of messages; YAML is none."""
    text = source.text
    if is_code(text):
        return request_of(text)
    if text.lstrip()[:1] not in ("{", "[") or source.lines is not None:
        return None
    value = source.value
    is_chat = isinstance(value, list) and all(isinstance(each, Mapping) and each.keys() >= _TURN for each in value)
    if is_chat and value:
        return Pasted({"messages": value}, [])
    return Pasted(value, []) if isinstance(value, Mapping) else None


def _unwrapped(found: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The request itself, and its place."""
    for name in _WRAPPERS:
        inner = found.get(name)
        if isinstance(inner, Mapping) and not any(found.get(each) for each in _TEXTS) and _CALLS & inner.keys():
            said = {each: found[each] for each in (*_NAMES, "description", "tags") if each in found}
            return {**said, **inner}, name
    return found, ""


def _call(request: Mapping[str, Any], draft: Draft, place: str) -> dict[str, Any]:
    at = f"{place}." if place else ""
    if not any(request.get(name) for name in _TEXTS):
        named = request.get("prompt", request)
        key = named.get("id", "") if isinstance(named, Mapping) else ""
        message = (
            f"It names a prompt of OpenAI ({str(key)[:100]}) and does not hold its text: "
            "copy the messages from the prompt's page, or the request that it makes."
        )
        raise refused(f"{at}messages", "no_text", message)
    names = Names(draft)
    parts = {name: value for name, value in request.items() if name not in _BOOKKEEPING and name != "prompt"}
    version = call_of(parts, draft, names, place, text=lambda text: from_double_braces(text, names))
    variables = request.get("variables")
    if not isinstance(variables, Mapping) and isinstance(request.get("prompt"), Mapping):
        variables = request["prompt"].get("variables")
    version |= _variables(variables, names, draft)
    if isinstance(request.get("prompt"), Mapping):
        draft.note("The prompt that it names is not in it: only what stands beside it is carried over.")
    return version


def _variables(given: Any, names: Names, draft: Draft) -> dict[str, Any]:
    """Values of variables as their defaults; a list of names says nothing that the text does not."""
    if not isinstance(given, Mapping):
        return {}
    texts = {
        names.of(str(name)): value for name, value in given.items() if isinstance(value, str) and str(name) in names
    }
    if others := [str(name)[:60] for name in given if str(name) not in names or not isinstance(given[name], str)]:
        draft.note(f"Values that are not carried over: {', '.join(others)[:300]}.")
    if not texts:
        return {}
    defaults = {name: {"default_value": value, "required": False} for name, value in texts.items()}
    return {"variables": [{"name": name, **defaults.get(name, {})} for name in names.ours[:100]]}


def _refers(request: Mapping[str, Any]) -> bool:
    """Whether it is the body of POST /api/prompts/execute that names a template in the place of a text."""
    return bool(request.get("template_id")) and not request.get("prompt") and not request.get("messages")


def _ours(request: Mapping[str, Any], draft: Draft, place: str) -> dict[str, Any]:
    """The body of POST /api/prompts/execute, where it holds the texts themselves."""
    at = f"{place}." if place else ""
    if not request.get("prompt") and not request.get("messages"):
        raise refused(f"{at}prompt", "no_text", "It holds no text, and names no template by its template_id.")
    names = Names(draft)
    said = {name: value for name, value in request.items() if name in ("messages", "tools")}
    if not request.get("messages"):
        said["input"] = request["prompt"]
    if request.get("system_prompt"):
        said["instructions"] = request["system_prompt"]
    parameters = request.get("parameters")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise refused(f"{at}parameters", "invalid", "An object is expected.")
    said["model"] = request.get("model_id")
    if request.get("response_format"):
        said["response_format"] = request["response_format"]
    version = call_of(said, draft, names, place, text=str)
    asked = config_of(parameters or {}, draft).get("default_parameters", {})
    if asked:
        version["default_parameters"] = asked
    return version


OPENAI_PROMPT: Final = Format("openai-prompt", "OpenAI request or prompt", recognises, read)
