"""What a request asks, read from any of the four wires."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

WIRES = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic", "/api/chat": "ollama", "/llm/generate": "dadms"}

IN_WORDS = re.compile(r"JSON Schema, and with nothing else:\n(.+)")


@dataclass(frozen=True, slots=True)
class Question:
    """`model` is without its nonce ("fault-503-twice@42" asks "fault-503-twice")."""

    wire: str
    name: str
    model: str
    is_streamed: bool
    wants_usage: bool
    body: dict[str, Any]

    @classmethod
    def read(cls, wire: str, raw: bytes) -> Question:
        body = orjson.loads(raw)
        name = body["model"]
        return cls(
            wire=wire,
            name=name,
            model=name.partition("@")[0],
            is_streamed=body.get("stream", wire == "ollama"),
            wants_usage=wire != "openai" or bool((body.get("stream_options") or {}).get("include_usage")),
            body=body,
        )

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages; of DADMS's prompt the last paragraph, which is what the user said last."""
        said = self.body.get("prompt", "").rpartition("\n\n")[2]
        return self.body.get("messages") or [{"role": "user", "content": said}]

    @property
    def last_text(self) -> str:
        """The last message's text; of a tool's result, too."""
        return _text(self.messages[-1]["content"])

    @property
    def answers_a_tool(self) -> bool:
        last = self.messages[-1]
        parts = last["content"] if isinstance(last["content"], list) else []
        return last["role"] == "tool" or any(part.get("type") == "tool_result" for part in parts)

    @property
    def first_text(self) -> str:
        """The first words of the user."""
        return _text(next(each for each in self.body["messages"] if each["role"] == "user")["content"])

    @property
    def rounds(self) -> int:
        """Answers that called tools so far."""
        return sum(_calls(message) for message in self.body["messages"])

    @property
    def tools(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and JSON Schema of every tool on offer."""
        offered = self.body.get("tools") or []
        if self.wire == "dadms":
            return [(tool["name"], tool["parameters"]) for tool in offered]
        if self.wire == "anthropic":
            return [(tool["name"], tool["input_schema"]) for tool in offered]
        return [(tool["function"]["name"], tool["function"]["parameters"]) for tool in offered]

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON Schema that the answer has to follow."""
        wanted: Any = self.body.get("format")
        if self.wire == "openai":
            wanted = (self.body.get("response_format") or {}).get("json_schema", {}).get("schema")
        elif self.wire == "anthropic":
            wanted = ((self.body.get("output_config") or {}).get("format") or {}).get("schema")
        elif self.wire == "dadms":
            told = IN_WORDS.search(self.body["prompt"])
            wanted = orjson.loads(told[1]) if told else None
        return wanted if isinstance(wanted, dict) else None


def _calls(message: dict[str, Any]) -> bool:
    parts = message["content"] if isinstance(message.get("content"), list) else []
    return bool(message.get("tool_calls")) or any(part.get("type") == "tool_use" for part in parts)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text") or part.get("content") or "") for part in content or [])


def example_of(schema: dict[str, Any]) -> Any:
    """Some value that follows a simple JSON Schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example_of(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [example_of(schema.get("items", {}))]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "null":
            return None
    return "text"
