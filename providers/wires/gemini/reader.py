"""Gemini's chunks and whole answers as our answer; both have one shape (https://ai.google.dev/api/generate-content)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from providers.wires.answer import Answer, Calling
from providers.wires.error_words import error_in
from providers.wires.failures import malformed
from providers.wires.gemini.errors import failure_from, failure_in_stream
from providers.wires.gemini.usage import usage_of
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, load_json

SIGNATURE: Final = "__thought__"
"""Between a call's id and the signature that Gemini wants back with it: LiteLLM looks for it there."""
OF_A_FILTER: Final = frozenset({"OTHER", "IMAGE_OTHER", "NO_IMAGE"})
"""Finish reasons that are no end of the model's own, and name nothing."""
KNOWN: Final = frozenset({"candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId"})


class GeminiReader:
    """Reads GenerateContentResponse; only the first candidate counts."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._runs = 0
        """Programs that Gemini ran itself so far."""
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":  # Gateways say it.
            self._answer.end_unsaid()
            self.is_over = True
            return
        for frame in _frames(data):
            self._frame(frame, data)

    def accept_whole(self, data: bytes) -> None:
        self.accept(data)
        if not self._answer.has_begun and self._answer.reason is None:
            raise malformed("The answer has no candidates", data, secrets=self._secrets)
        self._answer.end_unsaid()

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _frame(self, frame: dict[str, Any], data: bytes) -> None:
        answer = self._answer
        if answer.model is None and isinstance(frame.get("modelVersion"), str):
            answer.model = frame["modelVersion"] or None
        if isinstance(usage := frame.get("usageMetadata"), dict):
            answer.count(usage_of(usage))
        for place, one in enumerate(as_list(frame.get("candidates"), "candidates")):
            candidate = as_object(one, "candidate")
            if (candidate.get("index") or 0) == 0 and (not place or candidate.get("index") == 0):
                self._candidate(candidate)
        feedback = frame.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            answer.end(feedback["blockReason"], ours="content_filter")
        if (error := frame.get("error") or (None if frame.keys() & KNOWN else error_in(frame))) is not None:
            raise failure_in_stream(error, secrets=self._secrets)
        if not frame.keys() & KNOWN:
            self.unread = self.unread or data

    def _candidate(self, candidate: dict[str, Any]) -> None:
        content = as_object(candidate.get("content") or {}, "content")
        for part in as_list(content.get("parts"), "parts"):
            self._part(as_object(part, "part"))
        if reason := candidate.get("finishReason"):
            ours = "content_filter" if reason in OF_A_FILTER else None
            message = candidate.get("finishMessage")
            self._answer.end(reason, message if isinstance(message, str) else "", ours=ours)

    def _part(self, part: dict[str, Any]) -> None:
        answer = self._answer
        if part.get("functionCall"):
            self._call(as_object(part["functionCall"], "functionCall"), as_id(part.get("thoughtSignature")))
        elif part.get("executableCode"):
            self._runs += 1
            code = as_object(part["executableCode"], "executableCode")
            answer.add_provider_tool(id=self._run_id(), name="code_execution", arguments=as_json_text(code))
        elif part.get("codeExecutionResult"):
            answer.add_provider_tool(id=self._run_id(), result=as_json_text(part["codeExecutionResult"]))
        elif part.get("thought"):
            answer.add_reasoning(as_text(part.get("text"), "text"))
        else:
            answer.add_text(as_text(part.get("text"), "text"))

    def _run_id(self) -> str:
        return f"code_{max(self._runs, 1)}"

    def _call(self, call: dict[str, Any], signature: str) -> None:
        """Each comes whole; Gemini's ids, where it gives one, are not always apart from each other."""
        calls = self._answer.calls
        id = as_id(call.get("id")) or f"call_{len(calls)}"
        if any(each.id.partition(SIGNATURE)[0] == id for each in calls):
            id = f"{id}_{len(calls)}"
        arguments = self._answer.fit(as_json_text(call.get("args")) or "{}")
        calls.append(
            Calling(f"{id}{SIGNATURE}{signature}" if signature else id, as_id(call.get("name")), parts=[arguments])
        )


def _frames(data: bytes) -> list[dict[str, Any]]:
    """One frame, or a list of them, as it comes without server-sent events."""
    try:
        value = load_json(data)
    except ValueError:
        raise malformed("This is no JSON", data) from None
    return [as_object(each, "frame") for each in value] if type(value) is list else [as_object(value, "frame")]
