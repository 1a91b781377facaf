"""A request of Anthropic's messages as the body of an execution."""

from __future__ import annotations

from typing import Any, Final

import orjson

from accounts.models import User
from playground.gateway.efforts import effort_of
from playground.gateway.fields import Fields, given, wrong
from playground.gateway.places import Placed
from playground.gateway.running import OUR_PARAMETERS, OURS, Wanted
from playground.gateway.targets import names_of, sticky, target_of

IGNORED: Final = ("cache_control", "context_management", "inference_geo", "metadata", "service_tier", "top_k")
"""What is edited out of a context is left out to make room: conversations are sent whole."""
REFUSED: Final = {
    "container": "Tools that a vendor runs are not offered here.",
    "mcp_servers": "Tools that a vendor runs are not offered here.",
}
NAMES: Final = {
    "parameters": "",
    "parameters.reasoning_effort": "output_config.effort",
    "parameters.response_format.json_schema.schema": "output_config.format.schema",
    "parameters.response_format": "output_config.format",
    "system_prompt": "system",
    "metadata.client": "metadata",
}
"""Our fields by Anthropic's names; those that stand in no line here have one name."""
EFFORTS: Final = ((4_096, "low"), (16_384, "medium"))
"""Tokens of a budget for thinking, below which an effort is meant; `high` from there on."""
OURS_OF: Final = {"image": "image", "document": "file"}
CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


def wanted_of(user: User, body: dict[str, Any]) -> Wanted:
    """What a request asks for; asks the database where a template is named. Raises Problem."""
    fields = Fields(body)
    prompt, variables = fields.take("prompt"), fields.take("variables", dict)
    target = target_of(user, fields.take("model", str), prompt, vendor="anthropic", variables=variables)
    turns = [
        turn for at, each in enumerate(fields.take("messages", list) or ()) for turn in turns_of(each, f"messages.{at}")
    ]
    if not turns and "template_id" not in target:
        raise wrong("messages", "required", "At least one message is expected.")
    tools = [_tool(each, f"tools.{at}") for at, each in enumerate(fields.take("tools", list) or ())]
    parameters = given(
        **{name: fields.take(name) for name in ("temperature", "top_p", *OUR_PARAMETERS)},
        max_tokens=fields.need("max_tokens", int),
        stop_sequences=fields.take("stop_sequences", list),
        tool_choice=_choice(fields.take("tool_choice", dict)),
        **_thinking(fields.take("thinking", dict)),
    )
    parameters |= _output(fields.take("output_config", dict), fields.take("output_format", dict))
    who = body.get("metadata")
    target |= sticky(target, who.get("user_id") if isinstance(who, dict) else None)
    made: dict[str, Any] = {**target, "parameters": parameters}
    system = _system(fields.take("system", str, list))
    if "template_id" in target:
        # The template's own words to the model stay: the request's stand behind them.
        turns = [
            *([Placed({"role": "system", "content": system}, "system", {"content": ""})] if system else ()),
            *turns,
        ]
        made["messages"] = turns
    else:
        made |= {**_put_last(turns), **given(system_prompt=system or None)}
    made |= given(tools=tools or None, **{name: fields.take(name) for name in OURS})
    if notes := body.get("metadata"):
        made["metadata"] = {"client": notes}
    is_streamed = fields.take("stream", bool) or False
    fields.refuse(REFUSED)
    ignored = [name for name in fields.ignore(*IGNORED) if name != "metadata"]
    fields.end()
    return Wanted(made, is_streamed, ignored, turns=turns, names=NAMES | names_of(prompt))


def _put_last(turns: list[dict[str, Any]]) -> dict[str, Any]:
    last = turns[-1]
    is_blank = isinstance(last["content"], str) and not last["content"].strip()
    if last["role"] != "user" or is_blank:
        return {"messages": turns}
    return {"prompt": last["content"], "messages": turns[:-1]}


def _system(value: Any) -> str:
    if not isinstance(value, list):
        return value or ""
    return "\n\n".join(Fields(each, f"system.{at}").need("text", str) for at, each in enumerate(value))


def turns_of(value: Any, place: str) -> list[dict[str, Any]]:
    """A message as ours: results of tools are messages of their own, thought that is sent back is left out."""
    fields = Fields(value, place)
    role, content = fields.need("role", str), fields.need("content", str, list)
    if isinstance(content, str):
        return [Placed({"role": role, "content": content}, place)]
    blocks = [(Fields(each, f"{place}.content.{at}"), f"{place}.content.{at}") for at, each in enumerate(content)]
    results: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for block, at in blocks:
        kind = block.need("type", str)
        if kind == "tool_result":
            result, pictures = _result(block, at)
            results.append(Placed(result, at, {"tool_call_id": "tool_use_id"}))
            parts += pictures
        elif kind == "tool_use":
            function = {"name": block.need("name", str), "arguments": orjson.dumps(block.need("input", dict)).decode()}
            calls.append({"id": block.need("id", str), "type": "function", "function": function})
        elif kind not in ("thinking", "redacted_thinking"):
            parts.append(_part(kind, block, at))
    if role == "assistant":
        return [Placed({"role": role, "content": _words(parts) or None, **given(tool_calls=calls or None)}, place)]
    is_text = all(part["type"] == "text" for part in parts)
    said = Placed({"role": role, "content": _words(parts) if is_text else parts}, place)
    return [*results, *([said] if parts else ())]


def _words(parts: list[dict[str, Any]]) -> str:
    return "\n\n".join(part.get("text", "") for part in parts)


def _result(block: Fields, place: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a tool said, and the pictures and files that it gave, which stand in the message after it."""
    content, beside = block.take("content", str, list) or "", []
    if isinstance(content, list):
        found = [(Fields(each, f"{place}.content.{at}"), f"{place}.content.{at}") for at, each in enumerate(content)]
        parts = [_part(each.need("type", str), each, at) for each, at in found]
        content = _words([part for part in parts if part["type"] == "text"])
        beside = [part for part in parts if part["type"] != "text"]
    return {"role": "tool", "tool_call_id": block.need("tool_use_id", str), "content": content}, beside


def _part(kind: str, block: Fields, place: str) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": block.need("text", str)}
    if kind not in ("image", "document"):
        raise wrong(f"{place}.type", "unsupported_parameter", f"Blocks of the type {kind[:40]!r} are not taken.")
    source = Fields(block.need("source", dict), f"{place}.source")
    told = source.need("type", str)
    if told == "text":
        return {"type": "text", "text": source.need("data", str)}
    part = {"type": OURS_OF[kind], **given(name=block.take("title", str) if kind == "document" else None)}
    if told == "file":
        id = source.need("file_id", str)
        return Placed(part | {"artifact_id": id}, place, {"artifact_id": "source.file_id", "name": "title"})
    if told == "url":
        return _at_address(part, source.need("url", str), place)
    if told != "base64":
        message = "base64, text, or a file of POST /api/artifacts by its id, is expected."
        raise wrong(f"{place}.source.type", "unsupported_parameter", message)
    url = f"data:{source.need('media_type', str)};base64,{source.need('data', str)}"
    if kind == "image":
        return Placed({"type": "image_url", "image_url": {"url": url}}, place, {"image_url.url": "source.data"})
    return Placed(part | {"data_url": url}, place, {"data_url": "source.data", "name": "title"})


def _at_address(part: dict[str, Any], url: str, place: str) -> dict[str, Any]:
    if part["type"] == "image":
        return Placed({"type": "image_url", "image_url": {"url": url}}, place, {"image_url.url": "source.url"})
    return Placed(part | {"url": url}, place, {"url": "source.url", "name": "title"})


def _tool(value: Any, place: str) -> dict[str, Any]:
    fields = Fields(value, place)
    kind = fields.take("type", str) or "custom"
    if kind != "custom":
        raise wrong(f"{place}.type", "unsupported_parameter", f"{kind[:40]!r} is not offered here: define the tool.")
    schema = fields.need("input_schema", dict)
    described = given(description=fields.take("description", str))
    return Placed(
        {"name": fields.need("name", str), "parameters": schema, **described}, place, {"parameters": "input_schema"}
    )


def _choice(value: Any) -> Any:
    match value:
        case None:
            return None
        case {"type": "tool", "name": str(name)}:
            return {"name": name}
        case {"type": str(kind)} if kind in CHOICES:
            return CHOICES[kind]
    raise wrong("tool_choice", "unsupported_parameter", "auto, any, none or a tool is expected.")


def _thinking(asked: Any) -> dict[str, Any]:
    """A budget as an effort; how much a model thinks by itself (`adaptive`) is its own affair."""
    if asked is None:
        return {}
    thinking = Fields(asked, "thinking")
    match thinking.need("type", str):
        case "enabled":
            budget = thinking.need("budget_tokens", int)
            return {"reasoning_effort": next((effort for below, effort in EFFORTS if budget < below), "high")}
        case "adaptive" | "disabled":
            return {}
    raise wrong("thinking.type", "unsupported_parameter", "enabled, adaptive or disabled is expected.")


def _output(config: Any, older: Any) -> dict[str, Any]:
    told = Fields(config or {}, "output_config")
    form, effort = told.take("format", dict) or older, told.take("effort", str)
    told.ignore("task_budget")
    told.end()
    made: dict[str, Any] = given(reasoning_effort=effort_of(effort))
    if form is not None:
        schema = Fields(form, "output_config.format").need("schema", dict)
        made["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    return made
