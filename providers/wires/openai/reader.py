"""OpenAI's chunks and whole completions as our answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.wires.answer import Answer
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_list, as_object, as_text, count, load_object
from providers.wires.openai.errors import failure_in_stream

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""DeepSeek's and vLLM's name, then OpenRouter's and Groq's; servers that send both say the same twice."""


class OpenAIReader:
    """Reads `chat.completion.chunk` and `chat.completion`; only the first choice counts."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self.is_over = False

    def accept(self, data: bytes) -> None:
        if data == b"[DONE]":
            self.is_over = True
            return
        frame = load_object(data)
        choices = frame.get("choices")
        if not choices or "usage" in frame or "error" in frame or self._answer.model is None:
            self._frame(frame)
        for one in as_list(choices, "choices"):
            choice = as_object(one, "choice")
            if choice.get("index", 0) == 0:
                self._part(choice, as_object(choice.get("delta"), "delta"))

    def accept_whole(self, data: bytes) -> None:
        frame = load_object(data)
        self._frame(frame)
        choices = as_list(frame.get("choices"), "choices")
        if not choices:
            raise malformed("The answer has no choices")
        choice = as_object(choices[0], "choice")
        self._part(choice, as_object(choice.get("message"), "message"))

    def _frame(self, frame: dict[str, Any]) -> None:
        """What stands beside the choices; an error, too: relatives of OpenAI send it inside a 200."""
        if frame.get("error"):
            raise failure_in_stream(frame["error"], secrets=self._secrets)
        if "choices" not in frame and "usage" not in frame and "id" not in frame:
            raise malformed("This is no part of a chat completion", str(frame))
        if isinstance(frame.get("model"), str):
            self._answer.model = frame["model"] or None
        usage = frame.get("usage")
        if isinstance(usage, dict):
            prompt, completion = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
            if prompt is not None and completion is not None:
                self._answer.prompt_tokens, self._answer.completion_tokens = prompt, completion

    def _part(self, choice: dict[str, Any], said: dict[str, Any]) -> None:
        """A delta or a whole message."""
        content = said.get("content")
        if len(said) > 1 or content is None:
            self._beside_text(said)
        if type(content) is str:
            self._answer.add_text(content)
        elif content is not None:
            self._parts(as_list(content, "content"))
        reason = choice.get("finish_reason")
        if reason is not None:
            text = as_text(reason, "finish_reason")
            self._answer.reason = "tool_calls" if text == "function_call" else text or "stop"

    def _beside_text(self, said: dict[str, Any]) -> None:
        for name in REASONING_FIELDS:
            if said.get(name):
                self._answer.add_reasoning(as_text(said[name], name))
                break
        if said.get("refusal"):
            self._answer.add_text(as_text(said["refusal"], "refusal"))
        for position, call in enumerate(as_list(said.get("tool_calls"), "tool_calls")):
            self._tool_call(position, as_object(call, "tool_call"))

    def _parts(self, parts: list[Any]) -> None:
        """Content in parts, as Mistral's reasoning models send it."""
        for part in parts:
            part = as_object(part, "content part")
            if part.get("type") == "thinking":
                for thought in as_list(part.get("thinking"), "thinking"):
                    self._answer.add_reasoning(as_text(as_object(thought, "thought").get("text"), "text"))
            else:
                self._answer.add_text(as_text(part.get("text"), "text"))

    def _tool_call(self, position: int, call: dict[str, Any]) -> None:
        """Parts of a call share its index; servers that send none send whole calls, each with an id."""
        function = as_object(call.get("function"), "function")
        index = call.get("index")
        key: object = index if type(index) is int else as_text(call.get("id"), "id") or position
        self._answer.add_tool_call(
            key,
            id=as_text(call.get("id"), "id"),
            name=as_text(function.get("name"), "name"),
            arguments=as_text(function.get("arguments"), "arguments"),
        )
