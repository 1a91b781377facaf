"""A request of Anthropic's messages as the body of an execution."""

from __future__ import annotations

from typing import Any, Final

import orjson

from accounts.models import User
from playground.gateway.efforts import effort_of
from playground.gateway.fields import Fields, given, wrong
from playground.gateway.running import OUR_PARAMETERS, OURS, Wanted
from playground.gateway.targets import sticky, target_of

IGNORED: Final = ("cache_control", "context_management", "inference_geo", "metadata", "service_tier", "top_k")
"""What is edited out of a context is left out to make room: conversations are sent whole."""
REFUSED: Final = {
    "container": "Tools that a vendor runs are not offered here.",
    "mcp_servers": "Tools that a vendor runs are not offered here.",
}
EFFORTS: Final = ((4_096, "low"), (16_384, "medium"))
"""Tokens of a budget for thinking, below which an effort is meant; `high` from there on."""
CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


def wanted_of(user: User, body: dict[str, Any]) -> Wanted:
    """What a request asks for; asks the database where a template is named. Raises Problem."""
    fields = Fields(body)
    target = target_of(user, fields.take("model", str), fields.take("prompt"), vendor="anthropic")
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
        made["messages"] = [*([{"role": "system", "content": system}] if system else ()), *turns]
    else:
        made |= {**_put_last(turns), **given(system_prompt=system or None)}
    made |= given(tools=tools or None, **{name: fields.take(name) for name in OURS})
    if notes := body.get("metadata"):
        made["metadata"] = {"client": notes}
    is_streamed = fields.take("stream", bool) or False
    fields.refuse(REFUSED)
    ignored = [name for name in fields.ignore(*IGNORED) if name != "metadata"]
    fields.end()
    return Wanted(made, is_streamed, ignored)


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
        return [{"role": role, "content": content}]
    blocks = [(Fields(each, f"{place}.content.{at}"), f"{place}.content.{at}") for at, each in enumerate(content)]
    results: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for block, at in blocks:
        kind = block.need("type", str)
        if kind == "tool_result":
            result, pictures = _result(block, at)
            results.append(result)
            parts += pictures
        elif kind == "tool_use":
            function = {"name": block.need("name", str), "arguments": orjson.dumps(block.need("input", dict)).decode()}
            calls.append({"id": block.need("id", str), "type": "function", "function": function})
        elif kind not in ("thinking", "redacted_thinking"):
            parts.append(_part(kind, block, at))
    if role == "assistant":
        return [{"role": role, "content": _words(parts) or None, **given(tool_calls=calls or None)}]
    is_text = all(part["type"] == "text" for part in parts)
    return [*results, *([{"role": role, "content": _words(parts) if is_text else parts}] if parts else ())]


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
    if told == "url" and kind == "image":
        return {"type": "image_url", "image_url": {"url": source.need("url", str)}}
    if told != "base64":
        raise wrong(f"{place}.source.type", "unsupported_parameter", "Files come in the request: send base64.")
    url = f"data:{source.need('media_type', str)};base64,{source.need('data', str)}"
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "data_url": url, **given(name=block.take("title", str))}


def _tool(value: Any, place: str) -> dict[str, Any]:
    fields = Fields(value, place)
    kind = fields.take("type", str) or "custom"
    if kind != "custom":
        raise wrong(f"{place}.type", "unsupported_parameter", f"{kind[:40]!r} is not offered here: define the tool.")
    schema = fields.need("input_schema", dict)
    described = given(description=fields.take("description", str))
    return {"name": fields.need("name", str), "parameters": schema, **described}


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
