"""OpenAI's chunks and whole completions as our answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.wires.answer import Answer, Calling
from providers.wires.error_words import error_in, words_of
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, load_object
from providers.wires.openai.errors import failure_from, failure_in_stream
from providers.wires.openai.tool_calls import MARK, ToolCalls, is_by_provider, said_in
from providers.wires.openai.usage import usage_of

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks")
"""DeepSeek's and vLLM's name, OpenRouter's and Groq's, others'; servers that send two say the same twice."""
LAST_WORDS = frozenset({b"[DONE]", b"[done]", b'"[DONE]"', b"DONE"})
LONGEST_LAST_WORD = 32


class OpenAIReader:
    """Reads `chat.completion.chunk` and `chat.completion`, by what a frame is; only the first choice counts."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._calls = ToolCalls(answer)
        self._results: set[str] = set()
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        if len(data) < LONGEST_LAST_WORD and data.strip() in LAST_WORDS:
            self._answer.end_unsaid()
            self.is_over = True
            return
        frame = load_object(data)
        choices = frame.get("choices")
        if self._answer.model is not None and (text := _plain_text(frame, choices)) is not None:
            self._answer.add_text(text)
            return
        if not choices or self._answer.model is None or frame.get("usage") or "error" in frame or "x_groq" in frame:
            self._frame(frame, choices, data)
        for position, one in enumerate(as_list(choices, "choices")):
            choice = as_object(one, "choice")
            # A server that numbers nothing has one choice.
            if not (choice.get("index") or 0) and (not position or choice.get("index") == 0):
                self._choice(choice)
        if frame.get("error"):
            raise failure_in_stream(frame["error"], secrets=self._secrets)

    def accept_whole(self, data: bytes) -> None:
        frame = load_object(data)
        choices = frame.get("choices")
        if not choices and error_in(frame) is None:
            self._frame(frame, choices, data)
            raise malformed("The answer has no choices", data, secrets=self._secrets)
        self.accept(data)
        self._answer.end_unsaid()

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _frame(self, frame: dict[str, Any], choices: Any, data: bytes) -> None:
        """What stands beside the choices; an error, too: relatives of OpenAI send it inside a 200."""
        answer = self._answer
        if answer.model is None and isinstance(frame.get("model"), str):
            answer.model = frame["model"] or None
        answer.serve_in(frame.get("service_tier"))
        self._usage(frame.get("usage"))
        groq = frame.get("x_groq")
        if isinstance(groq, dict):
            self._usage(groq.get("usage"))
            if groq.get("error"):
                raise failure_in_stream(groq["error"], secrets=self._secrets)
        if choices:
            return
        if (error := error_in(frame)) is not None:
            raise failure_in_stream(error, secrets=self._secrets)
        if "choices" not in frame and "usage" not in frame and "id" not in frame and not self.unread:
            self.unread = data

    def _usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._answer.count(usage_of(usage))

    def _choice(self, choice: dict[str, Any]) -> None:
        if choice.get("error"):
            raise failure_in_stream(choice["error"], secrets=self._secrets)
        said = choice.get("delta")
        is_whole = not said and choice.get("message") is not None
        if is_whole and self._answer.has_begun:
            said = None  # MiniMax repeats the whole answer at its stream's end.
        elif is_whole:
            said = choice["message"]
        self._part(as_object(said, "message" if is_whole else "delta"), is_whole=is_whole)
        reason = choice.get("finish_reason")
        if reason is not None:
            self._usage(choice.get("usage"))  # Moonshot's place
            self._answer.end(reason, words_of(choice.get("finish_message") or choice.get("finish_details")))
        if is_whole:
            self._answer.end_unsaid()
        if self._answer.running and self._answer.reason is not None:
            self._close_running()

    def _part(self, said: dict[str, Any], *, is_whole: bool) -> None:
        """A delta or a whole message."""
        content = said.get("content")
        if len(said) > 1 or content is None:
            self._beside_text(said, is_whole=is_whole)
        if type(content) is str:
            self._answer.add_text(content)
        elif type(content) is dict:
            self._parts([content])
        elif content is not None:
            self._parts(as_list(content, "content"))

    def _beside_text(self, said: dict[str, Any], *, is_whole: bool) -> None:
        for name in REASONING_FIELDS:
            if said.get(name) and (thought := _thought(said[name])):
                self._answer.add_reasoning(thought)
                break
        if said.get("refusal"):
            self._answer.refuse()
            self._answer.add_text(as_text(said["refusal"], "refusal"))
        audio = said.get("audio")
        if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
            self._answer.add_text(audio["transcript"])
        self._tools(said, is_whole=is_whole)

    def _tools(self, said: dict[str, Any], *, is_whole: bool) -> None:
        calls = said.get("tool_calls")
        if calls:
            entries = [calls] if type(calls) is dict else as_list(calls, "tool_calls")
            ours = [entry for entry in entries if not self._is_of_running(entry)]
            (self._calls.take_whole if is_whole else self._calls.take_parts)(ours)
        if said.get("function_call"):
            self._calls.take_old(said["function_call"])
        for entry in as_list(said.get("executed_tools"), "executed_tools"):  # Groq's
            self._ran(as_object(entry, "executed tool"))
        if isinstance(beside := said.get("provider_specific_fields"), dict):  # LiteLLM's
            for name in ("web_search_results", "tool_results"):
                for block in as_list(beside.get(name), name):
                    self._result(as_object(block, "tool result"))

    def _is_of_running(self, entry: Any) -> bool:
        """Whether the entry is, or goes on with, a tool that the provider runs; then it is taken."""
        if is_by_provider(entry):
            name, arguments = said_in(entry)
            call = Calling(as_id(entry.get("id")).removeprefix(MARK), name or as_id(entry.get("type")))
            call.parts.append(self._answer.fit(arguments))
            self._answer.running[entry.get("index")] = call
        elif not isinstance(entry, dict) or entry.get("id") or entry.get("index") not in self._answer.running:
            return False
        else:
            self._answer.running[entry.get("index")].parts.append(self._answer.fit(said_in(entry)[1]))
        return True

    def _close_running(self) -> None:
        for index in list(self._answer.running):
            self._answer.end_running(index)

    def _result(self, block: dict[str, Any]) -> None:
        """What a tool brought; LiteLLM repeats the earlier ones with each."""
        id = as_id(block.get("tool_use_id")).removeprefix(MARK)
        if id not in self._results:
            self._close_running()
            self._results.add(id)
            self._answer.add_provider_tool(id=id, result=as_json_text(block.get("content")) or "null")

    def _ran(self, entry: dict[str, Any]) -> None:
        """A tool that the provider ran."""
        function = as_object(entry.get("function") or entry, "function")
        result = next((entry[name] for name in ("result", "output", "search_results") if entry.get(name)), None)
        id = as_id(entry.get("id")) or f"executed_{as_id(entry.get('index')) or 0}"
        name = as_id(function.get("name")) or as_id(entry.get("type"))
        arguments = as_json_text(function.get("arguments"))
        told = None if result is None else as_json_text(result)
        self._answer.add_provider_tool(id=id, name=name, arguments=arguments, result=told)

    def _parts(self, parts: list[Any]) -> None:
        """Content in parts, as Mistral's reasoning models send it."""
        for part in parts:
            if type(part) is str:
                self._answer.add_text(part)
                continue
            part = as_object(part, "content part")
            if part.get("type") in ("thinking", "reasoning", "reasoning_text"):
                held = next((part[name] for name in ("thinking", "reasoning", "text", "content") if part.get(name)), "")
                self._answer.add_reasoning(_thought(held))
            elif part.get("type") == "refusal":
                self._answer.refuse()
                self._answer.add_text(as_text(part.get("refusal"), "refusal"))
            else:
                self._answer.add_text(as_text(part.get("text"), "text"))


def _plain_text(frame: dict[str, Any], choices: Any) -> str | None:
    """The text of a chunk that brings nothing else, as most do."""
    if type(choices) is not list or len(choices) != 1 or "error" in frame or "x_groq" in frame or frame.get("usage"):
        return None
    choice = choices[0]
    if type(choice) is not dict or choice.get("index") or choice.get("finish_reason") is not None or "error" in choice:
        return None
    delta = choice.get("delta")
    content = delta.get("content") if type(delta) is dict and len(delta) == 1 else None
    return content if type(content) is str else None


def _thought(value: Any) -> str:
    """The text of thoughts in any of their forms: text, an object with text, a list of those."""
    if type(value) is str:
        return value
    if type(value) is dict:
        return next(
            (_thought(value[name]) for name in ("text", "summary", "thinking", "content") if value.get(name)), ""
        )
    return "".join(_thought(each) for each in value) if type(value) is list else ""
