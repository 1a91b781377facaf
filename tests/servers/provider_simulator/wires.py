"""An answer in the bytes of each wire: OpenAI's, Anthropic's, Ollama's, DADMS's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Tool:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says; token by token."""

    model: str
    text: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    finish: str = "stop"
    """In OpenAI's words; the other wires translate."""
    usage: tuple[Any, Any] | None = None
    """Prompt and completion tokens; whatever is given is sent, also what makes no sense."""
    choices: int = 1


@dataclass(slots=True)
class Pieces:
    """A stream in parts, so that a fault can cut between them."""

    opening: list[bytes] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    finish: list[bytes] = field(default_factory=list)
    usage: list[bytes] = field(default_factory=list)
    done: list[bytes] = field(default_factory=list)

    def all(self) -> list[bytes]:
        return [*self.opening, *self.tokens, *self.finish, *self.usage, *self.done]


def _data(value: object) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


class OpenAI:
    """https://platform.openai.com/docs/api-reference/chat/streaming, with DeepSeek's `reasoning_content`."""

    content_type = "text/event-stream; charset=utf-8"

    def stream(self, answer: Answer, wants_usage: bool) -> Pieces:
        usage = answer.usage and wants_usage
        return Pieces(
            opening=[self._chunk(answer, {"role": "assistant", "content": ""})],
            tokens=[
                *(self._chunk(answer, {"reasoning_content": token}) for token in answer.reasoning),
                *(self._chunk(answer, {"content": token}) for token in answer.text),
                *(self._chunk(answer, delta) for tool in enumerate(answer.tools) for delta in self._parts(*tool)),
            ],
            finish=[self._chunk(answer, {}, finish=answer.finish)],
            usage=[_data(self._frame(answer, []) | {"usage": self._usage(answer)})] if usage else [],
            done=[b"data: [DONE]\n\n"],
        )

    def body(self, answer: Answer) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.text) or None}
        if answer.reasoning:
            message["reasoning_content"] = "".join(answer.reasoning)
        if answer.tools:
            message["tool_calls"] = [self._call(tool) for tool in answer.tools]
        choices = [
            {"index": index, "message": message, "finish_reason": answer.finish} for index in range(answer.choices)
        ]
        whole = self._frame(answer, choices) | {"object": "chat.completion"}
        return orjson.dumps(whole | ({"usage": self._usage(answer)} if answer.usage else {}))

    def _frame(self, answer: Answer, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-simulated",
            "object": "chat.completion.chunk",
            "created": 1764000000,
            "model": answer.model,
            "system_fingerprint": "fp_simulated",
            "choices": choices,
        }

    def _chunk(self, answer: Answer, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choices = [
            {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
            for index in reversed(range(answer.choices))
        ]
        return _data(self._frame(answer, choices))

    def _call(self, tool: Tool) -> dict[str, Any]:
        return {"id": tool.id, "type": "function", "function": {"name": tool.name, "arguments": tool.arguments}}

    def _parts(self, index: int, tool: Tool) -> list[dict[str, Any]]:
        """The call's opening, then its arguments in two halves, as OpenAI sends them."""
        middle = len(tool.arguments) // 2
        opening = self._call(Tool(tool.id, tool.name, "")) | {"index": index}
        halves = [tool.arguments[:middle], tool.arguments[middle:]]
        return [{"tool_calls": [opening]}] + [
            {"tool_calls": [{"index": index, "function": {"arguments": half}}]} for half in halves
        ]

    def _usage(self, answer: Answer) -> dict[str, Any]:
        assert answer.usage is not None
        prompt, completion = answer.usage
        total = prompt + completion if isinstance(prompt, int) else "many"
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


class Anthropic:
    """https://docs.anthropic.com/en/docs/build-with-claude/streaming"""

    content_type = "text/event-stream; charset=utf-8"

    def stream(self, answer: Answer, wants_usage: bool) -> Pieces:
        prompt, completion = answer.usage or (None, None)
        message = self._message(answer, []) | {"usage": {"input_tokens": prompt, "output_tokens": 1}}
        if answer.usage is None:
            del message["usage"]
        delta: dict[str, Any] = {"delta": {"stop_reason": STOP_REASONS[answer.finish], "stop_sequence": None}}
        if answer.usage:
            delta["usage"] = {"output_tokens": completion}
        tokens: list[bytes] = []
        for index, (block, parts) in enumerate(self._blocks(answer)):
            tokens.extend(self._block(index, block, parts))
        return Pieces(
            opening=[self._event("message_start", {"message": message}), self._event("ping", {})],
            tokens=tokens,
            finish=[self._event("message_delta", delta)],
            done=[self._event("message_stop", {})],
        )

    def body(self, answer: Answer) -> bytes:
        content = []
        for block, parts in self._blocks(answer):
            field_name, joined = next(iter(parts[0].values())), "".join(list(part.values())[1] for part in parts)
            content.append(self._filled(block, field_name, joined))
        message = self._message(answer, content) | {"stop_reason": STOP_REASONS[answer.finish]}
        if answer.usage:
            message["usage"] = {"input_tokens": answer.usage[0], "output_tokens": answer.usage[1]}
        return orjson.dumps(message)

    def _message(self, answer: Answer, content: list[Any]) -> dict[str, Any]:
        return {"id": "msg_simulated", "type": "message", "role": "assistant", "model": answer.model} | {
            "content": content,
            "stop_reason": None,
            "stop_sequence": None,
        }

    def _blocks(self, answer: Answer) -> list[tuple[dict[str, Any], list[dict[str, str]]]]:
        """Each content block as it opens, with the deltas that fill it."""
        blocks: list[tuple[dict[str, Any], list[dict[str, str]]]] = []
        if answer.reasoning:
            deltas = [{"type": "thinking_delta", "thinking": token} for token in answer.reasoning]
            blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
        if answer.text:
            blocks.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": t} for t in answer.text]))
        for tool in answer.tools:
            middle = len(tool.arguments) // 2
            halves = [tool.arguments[:middle], tool.arguments[middle:]]
            deltas = [{"type": "input_json_delta", "partial_json": half} for half in halves]
            blocks.append(({"type": "tool_use", "id": tool.id, "name": tool.name, "input": {}}, deltas))
        return blocks

    def _filled(self, block: dict[str, Any], kind: str, value: str) -> dict[str, Any]:
        if kind == "input_json_delta":
            return block | {"input": orjson.loads(value)}
        return block | {"thinking" if kind == "thinking_delta" else "text": value}

    def _block(self, index: int, block: dict[str, Any], parts: list[dict[str, str]]) -> list[bytes]:
        events = [self._event("content_block_delta", {"index": index, "delta": part}) for part in parts]
        # The first delta travels with the block's opening: a piece is a token.
        events[0] = self._event("content_block_start", {"index": index, "content_block": block}) + events[0]
        events[-1] += self._event("content_block_stop", {"index": index})
        return events

    def _event(self, kind: str, value: dict[str, Any]) -> bytes:
        return b"event: " + kind.encode() + b"\n" + _data({"type": kind} | value)


class Ollama:
    """https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion"""

    content_type = "application/x-ndjson"

    def stream(self, answer: Answer, wants_usage: bool) -> Pieces:
        return Pieces(
            tokens=[
                *(self._line(answer, {"content": "", "thinking": token}) for token in answer.reasoning),
                *(self._line(answer, {"content": token}) for token in answer.text),
                *(self._line(answer, {"content": "", "tool_calls": [self._call(tool)]}) for tool in answer.tools),
            ],
            finish=[self._line(answer, {"content": ""}, last=True)],
        )

    def body(self, answer: Answer) -> bytes:
        message: dict[str, Any] = {"content": "".join(answer.text)}
        if answer.reasoning:
            message["thinking"] = "".join(answer.reasoning)
        if answer.tools:
            message["tool_calls"] = [self._call(tool) for tool in answer.tools]
        return self._line(answer, message, last=True)

    def _call(self, tool: Tool) -> dict[str, Any]:
        try:
            arguments: Any = orjson.loads(tool.arguments)
        except orjson.JSONDecodeError:
            arguments = tool.arguments
        return {"function": {"name": tool.name, "arguments": arguments}}

    def _line(self, answer: Answer, message: dict[str, Any], *, last: bool = False) -> bytes:
        value: dict[str, Any] = {"model": answer.model, "created_at": "2026-11-24T12:00:00.000000Z"}
        value |= {"message": {"role": "assistant"} | message, "done": last}
        if last:
            value |= {"done_reason": "length" if answer.finish == "length" else "stop", "total_duration": 1_000_000}
        if last and answer.usage:
            value |= {"prompt_eval_count": answer.usage[0], "eval_count": answer.usage[1]}
        return orjson.dumps(value) + b"\n"


class DADMS:
    """The LLM Service of DADMS: `{completion, model, persona, usage}`, streamed in pieces as events."""

    content_type = "text/event-stream; charset=utf-8"

    def stream(self, answer: Answer, wants_usage: bool) -> Pieces:
        return Pieces(
            tokens=[
                *(_data({"completion": token, "model": answer.model}) for token in self._texts(answer)),
                *(_data({"tool_calls": [self._call(tool)]}) for tool in answer.tools),
            ],
            finish=[_data({"finish_reason": answer.finish, "model": answer.model})],
            usage=[_data({"usage": self._usage(answer)})] if answer.usage else [],
            done=[b"data: [DONE]\n\n"],
        )

    def body(self, answer: Answer) -> bytes:
        whole: dict[str, Any] = {"completion": "".join(self._texts(answer)), "model": answer.model, "persona": None}
        if answer.tools:
            whole["tool_calls"] = [self._call(tool) for tool in answer.tools]
        if answer.usage:
            whole["usage"] = self._usage(answer)
        return orjson.dumps(whole | {"finish_reason": answer.finish})

    def _texts(self, answer: Answer) -> list[str]:
        """A gateway leaves its models' thoughts where they stood."""
        thoughts = ["<think>", *answer.reasoning, "</think>\n\n"] if answer.reasoning else []
        return [*thoughts, *answer.text]

    def _call(self, tool: Tool) -> dict[str, Any]:
        return {"id": tool.id, "name": tool.name, "arguments": tool.arguments}

    def _usage(self, answer: Answer) -> dict[str, Any]:
        assert answer.usage is not None
        prompt, completion = answer.usage
        total = prompt + completion if isinstance(prompt, int) else "many"
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total, "cost": 0.0001}


WIRE: dict[str, OpenAI | Anthropic | Ollama | DADMS] = {
    "openai": OpenAI(),
    "anthropic": Anthropic(),
    "ollama": Ollama(),
    "dadms": DADMS(),
}
