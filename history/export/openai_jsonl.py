"""OpenAI's fine-tuning format: `{"messages": [...]}` a line, the last message being the assistant's.

https://platform.openai.com/docs/guides/supervised-fine-tuning#formatting-your-data. Only completed executions
that have an answer are examples of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from foundation.rest.rendering import dumps
from history.export.format import Format, Row
from providers.parts.shapes import OURS


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """An example for each completed execution."""
    for row in rows:
        is_example = row["status"] == "completed" and row["response"]
        yield dumps({"messages": _messages(row)}) + b"\n" if is_example else b""


def _messages(row: Row) -> list[dict[str, Any]]:
    """What the model was sent, earlier turns included, and what it answered."""
    messages: list[dict[str, Any]] = []
    if system := _system(row):
        messages.append({"role": "system", "content": system})
    messages += [{**turn, "content": _content(turn.get("content"))} for turn in row.get("messages") or []]
    if row["prompt"]:
        messages.append({"role": "user", "content": _content(row["prompt"])})
    return [*messages, {"role": "assistant", "content": row["response"]}]


def _content(content: Any) -> Any:
    """Text, or parts in OpenAI's shape; what stands here by reference is named in words."""
    if not isinstance(content, list):
        return content
    return [part if part["type"] not in OURS else {"type": "text", "text": _named(part)} for part in content]


def _named(part: dict[str, Any]) -> str:
    return f"[{part['type']}: {part.get('alt') or part.get('name') or part.get('artifact_id') or part.get('url')}]"


def _system(row: Row) -> str:
    """The system prompt as it was sent: the context stands behind it."""
    system = row.get("system_prompt") or ""
    if not row.get("context"):
        return system
    facts = orjson.dumps(row["context"], option=orjson.OPT_INDENT_2).decode()
    return f"{system}\n\nContext:\n{facts}".strip()


OPENAI_JSONL: Final = Format("openai-jsonl", "application/jsonl", ".jsonl", write)
