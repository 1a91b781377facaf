"""A transcript to read: Markdown in which no text can pass for a part of the transcript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from foundation import words
from foundation.downloads.markdown import fenced, inline
from foundation.rest.rendering import dumps
from history.export.format import Format, Row

PARTS: Final = {
    "cache_read_tokens": "read from the cache",
    "cache_write_tokens": "written to the cache",
    "reasoning_tokens": "of reasoning",
    "input_image_tokens": "of images",
    "input_audio_tokens": "of audio",
}


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """A heading for the session, and a section an execution, oldest first."""
    yield f"# {inline(str(session['name']))}\n\n".encode()
    if session.get("description"):
        yield fenced(session["description"]).encode() + b"\n"
    for number, row in enumerate(rows, start=1):
        yield "\n".join(_section(number, row)).encode() + b"\n"


def _section(number: int, row: Row) -> Iterator[str]:
    yield f"## {number}. {inline(row['model_id'])}\n"
    yield _facts(row)
    yield from _block("System prompt", row.get("system_prompt"))
    for message in row.get("messages") or ():
        yield from _block(f"Earlier turn: {inline(str(message.get('role', '')))}", message.get("content"))
    yield from _block("Prompt", row["prompt"])
    yield from _block("Reasoning", row.get("reasoning"))
    yield from _block("Response", row["response"])
    yield from _block("Tool calls", row.get("tool_executions"))
    yield from _block("Ran by the provider", row.get("provider_tools"))
    if row.get("error"):
        yield from _block("Error", f"{row['error']['code']}: {row['error']['message']}")


def _facts(row: Row) -> str:
    usage = row["usage"]
    facts = [
        row["timestamp"].strftime("%Y-%m-%d %H:%M:%S UTC"),
        row["status"],
        f"{words.number(usage['prompt_tokens'])} + {words.number(usage['completion_tokens'])} tokens",
        *_told_apart(usage.get("details") or {}),
        f"{usage['estimated_cost']:.6f} USD",
    ]
    if row.get("execution_time") is not None:
        facts.append(f"{row['execution_time']:.3f} s")
    return inline(" · ".join(facts)) + "\n"


def _told_apart(details: Mapping[str, Any]) -> list[str]:
    """Parts of the tokens, as far as the provider counted them."""
    return [f"{details[name]} {words}" for name, words in PARTS.items() if details.get(name)]


def _block(title: str, content: Any) -> Iterator[str]:
    if not content:
        return
    is_text = isinstance(content, str)
    yield f"### {title}\n"
    yield fenced(content if is_text else dumps(content).decode(), "text" if is_text else "json")


MARKDOWN: Final = Format("markdown", "text/markdown; charset=utf-8", ".md", write)
