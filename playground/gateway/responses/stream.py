"""A run as the typed events of a response, numbered from 0."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from playground.gateway.calls import Calls, arguments_text
from playground.gateway.errors import as_openai
from playground.gateway.leave import refusal_of
from playground.gateway.responses.answer import (
    call_item,
    head_of,
    message_item,
    reasoning_item,
    refusal_item,
    refusal_part,
    text_part,
    told_of,
)
from playground.gateway.running import Said, failure


class Item:
    """An item of the output while it grows."""

    def __init__(self, kind: str, id: str, at: int, **facts: str) -> None:
        self.kind, self.id, self.at, self.facts, self.text = kind, id, at, facts, ""

    def as_json(self, status: str) -> dict[str, Any]:
        """The item as it stands."""
        if self.kind == "call":
            return call_item(self.id, self.facts["call_id"], self.facts["name"], self.text, status)
        if self.kind == "reasoning":
            return reasoning_item(self.id, self.text)
        if self.kind == "refusal":
            return refusal_item(self.id, self.text, status)
        return message_item(self.id, self.text, status)


class ResponseEvents:
    """The events of one stream."""

    def __init__(self, parameters: dict[str, Any], tools: list[Any]) -> None:
        self._parameters, self._tools = parameters, tools
        self._calls = Calls()
        self._number = 0
        self._items: list[Item] = []
        self._open: dict[str, Item] = {}
        """By `message`, `reasoning` or the call's index."""
        self._id, self._created = "", 0

    def tell(self, kind: str, said: Said) -> bytes:
        """The events that one of ours becomes. What was told as text and turns out to be thought stays told."""
        match kind:
            case "started":
                return self._started(said)
            case "token":
                return self._words(said["text"])
            case "reasoning":
                return self._thought(said["text"])
            case "tool_call_part":
                return self._call(self._calls.part(said["position"])[0], said, said["arguments"])
            case "tool_call":
                at = self._calls.whole()
                return b"" if at is None else self._call(at, said, arguments_text(said["arguments"]))
            case "completed" | "failed" | "cancelled":
                return self._over(kind, said)
        return b""

    def _started(self, said: Said) -> bytes:
        self._id = said["execution_id"]
        self._created = int(datetime.fromisoformat(said["timestamp"]).timestamp())
        response = head_of(self._id, said["model_id"], self._created, self._parameters, self._tools)
        told = self._event("response.created", response=response)
        return told + self._event("response.in_progress", response=response)

    def _words(self, text: str) -> bytes:
        told = b""
        if "message" not in self._open:
            told = self._end("reasoning") + self._begin("message", Item("message", f"msg_{self._id}", len(self._items)))
            item = self._open["message"]
            told += self._of(item, "response.content_part.added", content_index=0, part=text_part(""))
        item = self._open["message"]
        item.text += text
        return told + self._of(item, "response.output_text.delta", content_index=0, delta=text, logprobs=[])

    def _thought(self, text: str) -> bytes:
        told = b""
        if "reasoning" not in self._open:
            told = self._begin("reasoning", Item("reasoning", f"rs_{self._id}", len(self._items)))
        item = self._open["reasoning"]
        item.text += text
        return told + self._of(item, "response.reasoning_text.delta", content_index=0, delta=text)

    def _call(self, index: int, said: Said, arguments: str) -> bytes:
        told, key = b"", str(index)
        if key not in self._open:
            told = self._end("reasoning") + self._end("message")
            facts = {"call_id": said["id"] or f"call_{index}", "name": said["tool_name"]}
            told += self._begin(key, Item("call", f"fc_{self._id}_{index}", len(self._items), **facts))
        item = self._open[key]
        item.text += arguments
        if arguments:
            told += self._of(item, "response.function_call_arguments.delta", delta=arguments)
        return told

    def _refused(self, text: str) -> bytes:
        item = Item("refusal", f"msg_{self._id}_refusal", len(self._items))
        told = self._begin("refusal", item)
        told += self._of(item, "response.content_part.added", content_index=0, part=refusal_part(""))
        item.text = text
        return told + self._of(item, "response.refusal.delta", content_index=0, delta=text) + self._end("refusal")

    def _begin(self, key: str, item: Item) -> bytes:
        self._items.append(item)
        self._open[key] = item
        return self._event("response.output_item.added", output_index=item.at, item=item.as_json("in_progress"))

    def _end(self, key: str) -> bytes:
        item = self._open.pop(key, None)
        if item is None:
            return b""
        told = b""
        if item.kind == "message":
            told = self._of(item, "response.output_text.done", content_index=0, text=item.text, logprobs=[])
            told += self._of(item, "response.content_part.done", content_index=0, part=text_part(item.text))
        elif item.kind == "refusal":
            told = self._of(item, "response.refusal.done", content_index=0, refusal=item.text)
            told += self._of(item, "response.content_part.done", content_index=0, part=refusal_part(item.text))
        elif item.kind == "reasoning":
            told = self._of(item, "response.reasoning_text.done", content_index=0, text=item.text)
        else:
            name, arguments = item.facts["name"], item.text
            told = self._of(item, "response.function_call_arguments.done", name=name, arguments=arguments)
        return told + self._event("response.output_item.done", output_index=item.at, item=item.as_json("completed"))

    def _over(self, kind: str, said: Said) -> bytes:
        told = b"".join(self._end(key) for key in list(self._open))
        if refusal := refusal_of(self._id, said):
            told += self._refused(refusal)
        response = told_of(said, self._created)
        if kind == "completed":
            return told + self._event(f"response.{response['status']}", response=response)
        error = as_openai(failure(kind, said))["error"]
        response |= {"status": "failed", "error": {"code": "server_error", "message": error["message"]}}
        return told + self._event("response.failed", response=response)

    def _of(self, item: Item, kind: str, **facts: Any) -> bytes:
        return self._event(kind, item_id=item.id, output_index=item.at, **facts)

    def _event(self, kind: str, **facts: Any) -> bytes:
        value = {"type": kind, "sequence_number": self._number, **facts}
        self._number += 1
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps(value))
