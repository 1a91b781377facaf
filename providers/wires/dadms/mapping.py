"""Our request as the body of `POST /llm/generate`, and the service's listing as ours.

The service takes one `prompt` and no messages. One message of a user is the prompt as it stands. A system prompt stands
before it, parted by an empty line. A conversation is told turn by turn, each beginning with who speaks (`User:`,
`Assistant:`, `Tool NAME:`), and ends with `Assistant:`, whose turn it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from providers.base import ListedModel, Message, ProviderRequest
from providers.errors import Code, ProviderFailure
from providers.wires import structure
from providers.wires.json_shapes import as_list, count
from providers.wires.openai.mapping import json_schema_of
from providers.wires.parts import texts_inlined
from providers.wires.tools import parameters_of

SAME_NAME: Final = ("temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty")
BY_WORDS: Final = "Answer with one JSON object and nothing else."
SPEAKERS: Final = {"user": "User", "assistant": "Assistant"}


def body_of(request: ProviderRequest) -> dict[str, Any]:
    """The JSON body; raises ProviderFailure(PROVIDER_REFUSED) for pictures and PDFs."""
    given = request.parameters
    body: dict[str, Any] = {"model": request.model, "stream": request.is_streamed}
    body["prompt"] = prompt_of(request.messages, beside=_format_in_words(given.get("response_format") or {}))
    body |= {name: given[name] for name in SAME_NAME if given.get(name) is not None}
    if given.get("stop_sequences"):
        body["stop"] = list(given["stop_sequences"])
    if request.tools:
        body["tools"] = [{**tool, "parameters": parameters_of(tool)} for tool in request.tools]
    return body


def prompt_of(messages: Sequence[Message], *, beside: str = "") -> str:
    """The messages as one text; `beside` stands with the system prompt."""
    system = [_text(message) for message in messages if message["role"] in ("system", "developer")]
    turns = [message for message in messages if message["role"] not in ("system", "developer")]
    before = [text for text in (*system, beside) if text]
    if len(turns) == 1 and turns[0]["role"] == "user":
        return "\n\n".join([*before, _text(turns[0])])
    names = {call["id"]: call["function"]["name"] for turn in turns for call in turn.get("tool_calls") or ()}
    return "\n\n".join([*before, *(_turn(turn, names) for turn in turns), "Assistant:"])


def _turn(message: Message, names: dict[str, str]) -> str:
    if message["role"] == "tool":
        name = names.get(message.get("tool_call_id", ""), "")
        return f"{f'Tool {name}'.strip()}: {_text(message)}"
    called = [
        f"[calls {call['function']['name']} with {call['function']['arguments']}]"
        for call in message.get("tool_calls") or ()
    ]
    said = "\n".join(part for part in (_text(message), *called) if part)
    return f"{SPEAKERS.get(message['role'], 'User')}: {said}"


def _text(message: Message) -> str:
    content = texts_inlined(message).get("content") or ""
    if isinstance(content, str):
        return content
    if any(part.get("type") != "text" for part in content):
        raise ProviderFailure(Code.PROVIDER_REFUSED, "The LLM Service takes text only.")
    return "".join(part["text"] for part in content)


def _format_in_words(response_format: dict[str, Any]) -> str:
    if (schema := json_schema_of(response_format)) is not None:
        return structure.in_words(schema)
    return BY_WORDS if response_format.get("type") == "json_object" else ""


def listed(page: Any) -> list[ListedModel]:
    """`GET /llm/models`: a list of names or of rows, bare or below `models` or `data`."""
    rows = page
    if isinstance(page, dict):
        rows = next((page[name] for name in ("models", "data") if name in page), 0)
        rows = rows.get("models", 0) if isinstance(rows, dict) else rows
    return [model for row in as_list(rows, "models") if (model := _listed(row))]


def _listed(row: Any) -> ListedModel | None:
    if isinstance(row, str):
        return ListedModel(row) if row else None
    if not isinstance(row, dict):
        return None
    name = next((row[key] for key in ("id", "model", "name") if isinstance(row.get(key), str) and row[key]), None)
    if name is None:
        return None
    details: dict[str, Any] = {}
    if isinstance(row.get("name"), str) and row["name"] != name:
        details["name"] = row["name"]
    for field, names in (
        ("context_window", ("contextWindow", "context_window", "context_length")),
        ("max_output_tokens", ("maxTokens", "max_tokens", "max_output_tokens")),
    ):
        if value := next(filter(None, (count(row.get(each)) for each in names)), None):
            details[field] = value
    return ListedModel(name, details)
