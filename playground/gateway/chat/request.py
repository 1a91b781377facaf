"""A chat completion's request as the body of an execution."""

from __future__ import annotations

from typing import Any, Final

from accounts.models import User
from playground.gateway.efforts import effort_of
from playground.gateway.fields import Fields, given, wrong
from playground.gateway.places import Placed
from playground.gateway.running import OUR_PARAMETERS, OURS, Wanted
from playground.gateway.targets import names_of, sticky, target_of

IGNORED: Final = (
    "metadata", "parallel_tool_calls", "prediction", "prompt_cache_key", "prompt_cache_retention",
    "prompt_cache_options", "safety_identifier", "service_tier", "store", "stream_options", "user", "verbosity",
)  # fmt: skip
FILES: Final = {"file_data": "data_url", "file_id": "artifact_id", "file_url": "url"}
"""Where a file comes from, and our own name of it."""
REFUSED: Final = {
    "audio": "Answers are text.",
    "best_of": "One answer is given: ask several times, or compare.",
    "function_call": "Functions are called by tools and tool_choice.",
    "functions": "Functions are called by tools and tool_choice.",
    "logit_bias": "It is not passed on.",
    "logprobs": "They are not told.",
    "top_logprobs": "They are not told.",
    "web_search_options": "Tools that a vendor runs are not offered here.",
}
NAMES: Final = {
    "parameters": "",
    "parameters.stop_sequences": "stop",
    "metadata.client": "metadata",
}
"""Our fields by OpenAI's names; those that stand in no line here have one name."""
TEXTS: Final = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
"""Parts that are text, and the field it stands in."""


def wanted_of(user: User, body: dict[str, Any]) -> Wanted:
    """What a request asks for; asks the database where a template is named. Raises Problem."""
    fields = Fields(body)
    prompt, variables = fields.take("prompt"), fields.take("variables", dict)
    target = target_of(user, fields.take("model", str), prompt, vendor="openai", variables=variables)
    messages = [message_of(each, f"messages.{at}") for at, each in enumerate(fields.take("messages", list) or ())]
    if not messages and "template_id" not in target:
        raise wrong("messages", "required", "At least one message is expected.")
    tools = [tool_of(each, f"tools.{at}") for at, each in enumerate(fields.take("tools", list) or ())]
    stop = fields.take("stop", str, list)
    limit = fields.take("max_completion_tokens", int)
    older_limit = fields.take("max_tokens", int)
    parameters = given(
        **{name: fields.take(name) for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty")},
        **{name: fields.take(name) for name in ("seed", "response_format", *OUR_PARAMETERS)},
        reasoning_effort=effort_of(fields.take("reasoning_effort")),
        max_tokens=older_limit if limit is None else limit,
        stop_sequences=[stop] if isinstance(stop, str) else stop,
        tool_choice=choice_of(fields.take("tool_choice", str, dict)),
    )
    target |= sticky(target, body.get("safety_identifier"), body.get("user"))
    made = {**target, "parameters": parameters, **put_last(messages, has_template="template_id" in target)}
    made |= given(tools=tools or None, **{name: fields.take(name) for name in OURS})
    options = Fields(fields.take("stream_options", dict) or {}, "stream_options")
    wants_usage = options.take("include_usage", bool) or False
    is_streamed = fields.take("stream", bool) or False
    if fields.take("n", int) not in (None, 1):
        raise wrong("n", "unsupported_parameter", "One answer is given: ask several times, or compare.")
    if fields.take("modalities", list) not in (None, ["text"]):
        raise wrong("modalities", "unsupported_parameter", "Answers are text.")
    if notes := body.get("metadata"):
        made["metadata"] = {"client": notes}
    fields.refuse(REFUSED)
    ignored = [name for name in fields.ignore(*IGNORED) if name != "metadata"]
    fields.end()
    names = NAMES | ({} if limit is None else {"parameters.max_tokens": "max_completion_tokens"}) | names_of(prompt)
    return Wanted(made, is_streamed, ignored, options={"wants_usage": wants_usage}, turns=messages, names=names)


def put_last(messages: list[dict[str, Any]], *, has_template: bool) -> dict[str, Any]:
    """The messages as an execution has them: the last word of the user is its prompt, so that histories show it."""
    last = messages[-1] if messages else {}
    is_prompt = last.get("role") == "user" and last.keys() == {"role", "content"} and last["content"]
    if has_template or not is_prompt or (isinstance(last["content"], str) and not last["content"].strip()):
        return {"messages": messages}
    return {"prompt": last["content"], "messages": messages[:-1]}


def message_of(value: Any, place: str) -> dict[str, Any]:
    """A message as ours; reasoning that an answer of ours carried and is sent back with it is left out."""
    fields = Fields(value, place)
    role = fields.need("role", str)
    content = fields.take("content", str, list)
    if isinstance(content, list):
        content = [part_of(part, f"{place}.content.{at}") for at, part in enumerate(content)]
        if role != "user":
            content = "\n".join(part.get("text", "") for part in content)
    refusal = fields.take("refusal", str)
    if not content and refusal:
        content = refusal
    message = given(role={"developer": "system"}.get(role, role), content=content)
    message |= given(name=fields.take("name", str), tool_call_id=fields.take("tool_call_id", str))
    calls = fields.take("tool_calls", list)
    if calls:
        message["tool_calls"] = [_call_of(each, f"{place}.tool_calls.{at}") for at, each in enumerate(calls)]
    return Placed(message, place)


def _call_of(value: Any, place: str) -> dict[str, Any]:
    fields = Fields(value, place)
    if fields.take("type", str) not in (None, "function"):
        raise wrong(f"{place}.type", "unsupported_parameter", "Calls of functions are taken.")
    called = Fields(fields.need("function", dict), f"{place}.function")
    function = {"name": called.need("name", str), "arguments": called.need("arguments", str)}
    return {"id": fields.need("id", str), "type": "function", "function": function}


def part_of(value: Any, place: str) -> dict[str, Any]:
    """A part of a message's content as ours."""
    fields = Fields(value, place)
    kind = fields.need("type", str)
    if kind in TEXTS:
        return {"type": "text", "text": fields.need(TEXTS[kind], str)}
    if kind == "image_url":
        image = Fields(fields.need("image_url", dict), f"{place}.image_url")
        return Placed({"type": "image_url", "image_url": {"url": image.need("url", str)}}, place)
    if kind == "input_image":
        if id := fields.take("file_id", str):
            return Placed({"type": "image", "artifact_id": id}, place, {"artifact_id": "file_id"})
        image_url = {"url": fields.need("image_url", str)}
        return Placed({"type": "image_url", "image_url": image_url}, place, {"image_url.url": "image_url"})
    if kind == "input_file":
        return file_of(fields, place, "")
    if kind == "file":
        return file_of(Fields(fields.need("file", dict), f"{place}.file"), place, "file.")
    raise wrong(f"{place}.type", "unsupported_parameter", f"Parts of the type {kind[:40]!r} are not taken.")


def file_of(fields: Fields, place: str, below: str) -> dict[str, Any]:
    """A file with its data, of `POST /api/artifacts`, or at an address whose host is allowed."""
    known = [name for name in FILES if fields.holds(name)]
    if len(known) != 1:
        message = f"Exactly one of {', '.join(FILES)} is expected."
        raise wrong(fields.at(known[-1] if known else "file_data"), "required", message)
    value = fields.need(known[0], str)
    if known[0] == "file_data" and not value.startswith("data:"):
        value = f"data:;base64,{value}"
    part = {"type": "file", FILES[known[0]]: value, **given(name=fields.take("filename", str))}
    return Placed(part, place, {FILES[known[0]]: below + known[0], "name": f"{below}filename"})


def tool_of(value: Any, place: str) -> dict[str, Any]:
    """A function that the model may call; tools of the vendor's own are refused by name."""
    fields = Fields(value, place)
    kind = fields.need("type", str)
    if kind != "function":
        message = f"Functions are taken; {kind[:40]!r} is not offered here."
        raise wrong(f"{place}.type", "unsupported_parameter", message)
    described = function_of(Fields(fields.need("function", dict), f"{place}.function"))
    return Placed(described, place, {name: f"function.{name}" for name in described})


def function_of(fields: Fields) -> dict[str, Any]:
    """Name, description and schema."""
    name = fields.need("name", str)
    described = given(description=fields.take("description", str), parameters=fields.take("parameters", dict))
    return {"name": name, **described}


def choice_of(value: Any) -> Any:
    """`tool_choice` as ours."""
    match value:
        case {"type": "function", "function": {"name": str(name)}} | {"type": "function", "name": str(name)}:
            return {"name": name}
        case dict():
            raise wrong("tool_choice", "unsupported_parameter", "auto, none, required or a function is expected.")
    return value
