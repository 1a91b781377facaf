"""A request of the Responses API as the body of an execution."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.problems import Problem, not_found
from playground.gateway.chat.request import choice_of, function_of, part_of, put_last
from playground.gateway.efforts import effort_of
from playground.gateway.fields import Fields, given, wrong
from playground.gateway.leave import refusal_of
from playground.gateway.places import Placed
from playground.gateway.running import OUR_PARAMETERS, OURS, Wanted
from playground.gateway.targets import names_of, sticky, target_of
from playground.models import PromptExecution, Status
from playground.tools.turns import turns_of_answer

PREFIX: Final = "resp_"
IGNORED: Final = (
    "client_metadata", "context_management", "include", "max_tool_calls", "metadata", "parallel_tool_calls",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "service_tier",
    "store", "stream_options", "truncation", "user",
)  # fmt: skip
REFUSED: Final = {
    "background": "Runs outlive their callers here anyway: leave it out, and read the response by its id.",
    "conversation": "Go on from an earlier response by previous_response_id.",
    "top_logprobs": "They are not told.",
}
NAMES: Final = {
    "parameters": "",
    "parameters.max_tokens": "max_output_tokens",
    "parameters.reasoning_effort": "reasoning.effort",
    "parameters.response_format": "text.format",
    "system_prompt": "instructions",
    "metadata.client": "metadata",
}
"""Our fields by OpenAI's names; those that stand in no line here have one name."""
LEFT_OUT: Final = ("reasoning", "item_reference")
"""Items that answers carry and clients send back; no provider takes another's thoughts."""


def wanted_of(user: User, body: dict[str, Any]) -> Wanted:
    """What a request asks for; asks the database for a template and an earlier response. Raises Problem."""
    fields = Fields(body)
    prompt, variables = fields.take("prompt"), fields.take("variables", dict)
    target = target_of(user, fields.take("model", str), prompt, vendor="openai", variables=variables)
    earlier = fields.take("previous_response_id", str)
    parent = execution_of(user, earlier, "previous_response_id") if earlier else None
    if parent is not None and not Status(parent.status).is_final:
        raise Problem(400, "previous_response_running", "The response before this one has not ended yet.")
    messages = [*(turns_of(parent) if parent else ()), *messages_of(fields.take("input", str, list))]
    if not messages and "template_id" not in target:
        raise wrong("input", "required", "Text, or a list of items, is expected.")
    instructions = fields.take("instructions", str)
    if instructions and "template_id" in target:
        messages.insert(0, {"role": "system", "content": instructions})
        instructions = None
    tools = [_tool(each, f"tools.{at}") for at, each in enumerate(fields.take("tools", list) or ())]
    reasoning = fields.take("reasoning", dict) or {}
    parameters = given(
        **{name: fields.take(name) for name in ("temperature", "top_p", *OUR_PARAMETERS)},
        max_tokens=fields.take("max_output_tokens", int),
        reasoning_effort=effort_of(reasoning.get("effort")),
        response_format=_format(fields.take("text", dict)),
        tool_choice=choice_of(fields.take("tool_choice", str, dict)),
    )
    target |= sticky(target, body.get("safety_identifier"), body.get("user"))
    made = {**target, "parameters": parameters, **put_last(messages, has_template="template_id" in target)}
    made |= given(tools=tools or None, system_prompt=instructions, **{name: fields.take(name) for name in OURS})
    if parent is not None:
        made["session_id"] = str(parent.session_id)
    if notes := body.get("metadata"):
        made["metadata"] = {"client": notes}
    is_streamed = fields.take("stream", bool) or False
    fields.refuse(REFUSED)
    ignored = [name for name in fields.ignore(*IGNORED) if name != "metadata"]
    fields.end()
    parent_id = parent.id if parent else None
    return Wanted(made, is_streamed, ignored, parent_id=parent_id, turns=messages, names=NAMES | names_of(prompt))


def execution_of(user: User, response_id: str, field: str) -> PromptExecution:
    """The run of a response: one of the person's own that they may still read. A 404 problem else."""
    try:
        found = PromptExecution.objects.visible_to(user).filter(user=user, id=UUID(response_id.removeprefix(PREFIX)))
    except ValueError:
        raise not_found(f"The response of {field}") from None
    execution = found.first()
    if execution is None:
        raise not_found(f"The response of {field}")
    return execution


def turns_of(execution: PromptExecution) -> list[dict[str, Any]]:
    """The conversation up to and with this answer, its calls of tools too; without its instructions, as OpenAI does."""
    asked, answer = execution.request, execution.answer or {}
    turns = list(asked.get("messages", []))
    if prompt := asked.get("parts") or asked.get("prompt"):
        turns.append({"role": "user", "content": prompt})
    turns += turns_of_answer(answer, with_requested=True)
    if refusal := refusal_of(execution.id, answer):
        turns.append({"role": "assistant", "content": refusal})
    return turns


def messages_of(value: Any) -> list[dict[str, Any]]:
    """`input` as messages; calls that follow each other are one message's."""
    if isinstance(value, str):
        return [Placed({"role": "user", "content": value}, "input", {"content": ""})]
    messages: list[dict[str, Any]] = []
    for at, each in enumerate(value or ()):
        fields = Fields(each, f"input.{at}")
        kind = fields.take("type", str) or "message"
        if kind == "message":
            messages.append(_message(fields))
        elif kind == "function_call":
            call = _call(fields.need("call_id", str), fields.need("name", str), fields.need("arguments", str))
            if not messages or messages[-1]["role"] != "assistant":
                messages.append(Placed({"role": "assistant", "content": None}, f"input.{at}"))
            messages[-1].setdefault("tool_calls", []).append(call)
        elif kind == "function_call_output":
            output = fields.need("output", str, list)
            if isinstance(output, list):
                output = "\n".join(part_of(part, f"input.{at}.output").get("text", "") for part in output)
            result = {"role": "tool", "tool_call_id": fields.need("call_id", str), "content": output}
            messages.append(Placed(result, f"input.{at}", {"tool_call_id": "call_id", "content": "output"}))
        elif kind not in LEFT_OUT:
            raise wrong(f"input.{at}.type", "unsupported_parameter", f"Items of the type {kind[:40]!r} are not taken.")
    return messages


def _message(fields: Fields) -> dict[str, Any]:
    role, content = fields.need("role", str), fields.need("content", str, list)
    if isinstance(content, list):
        content = [part_of(part, f"{fields.place}.content.{at}") for at, part in enumerate(content)]
        if all(part["type"] == "text" for part in content):
            content = "\n".join(part["text"] for part in content)
    return Placed({"role": {"developer": "system"}.get(role, role), "content": content}, fields.place)


def _call(id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _tool(value: Any, place: str) -> dict[str, Any]:
    fields = Fields(value, place)
    kind = fields.need("type", str)
    if kind != "function":
        message = f"Functions are taken; {kind[:40]!r} is the vendor's own and not offered here."
        raise wrong(f"{place}.type", "unsupported_parameter", message)
    return Placed(function_of(fields), place)


def _format(text: Any) -> Any:
    form = (text or {}).get("format")
    if form is None:
        return None
    fields = Fields(form, "text.format")
    kind = fields.need("type", str)
    if kind != "json_schema":
        return {"type": kind}
    inner = {name: fields.take(name) for name in ("name", "description", "schema", "strict")}
    return {"type": kind, "json_schema": given(**inner)}
