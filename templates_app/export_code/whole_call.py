"""Code for calls of several turns: messages with places for values, pictures and files, and tools."""

from __future__ import annotations

from typing import Any, Final

from templates_app.content import PART_TYPES, Content
from templates_app.export_code.python_code import literal

NAMES: Final = frozenset({"conversation", "content_of", "part", "secrets"})
"""Of the functions and modules below."""
OPENAI_PART: Final = '''
def part(kind: str, value: dict[str, str]) -> dict[str, Any]:
    """A picture or a file, given as a data URL."""
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": value["data_url"]}}
    return {"type": "file", "file": {"filename": "file", "file_data": value["data_url"]}}
'''
ANTHROPIC_PART: Final = '''
def part(kind: str, value: dict[str, str]) -> dict[str, Any]:
    """A picture or a file, given as a data URL."""
    head, _, data = value["data_url"].partition(",")
    source = {"type": "base64", "media_type": head.removeprefix("data:").partition(";")[0], "data": data}
    return {"type": "image" if kind == "image" else "document", "source": source}
'''
_CONVERSATION: Final = '''
def content_of(given: Any, values: dict[str, Any]) -> Any:
    """A text with its values, or parts where pictures and files stand in it."""
    if isinstance(given, list):
        inner = [content_of(each["text"], values) if each["type"] == "text" else [SOURCE] for each in given]
        parts = [held if isinstance(held, list) else [{"type": "text", "text": held}] for held in inner]
        return [each for held in parts for each in held]
    mark = secrets.token_hex(16)
    marks = {name: f"[[{name} {mark}]]" for name in PART_VARIABLES if name in values}
    pieces = re.split(rf"\\[\\[(\\w+) {mark}\\]\\]", fill(given, {**values, **marks}))
    if len(pieces) == 1:
        return pieces[0]
    texts = [[{"type": "text", "text": text}] if text.strip() else [] for text in pieces[::2]]
    held = [[part(PART_VARIABLES[name], values[name])] for name in pieces[1::2]] + [[]]
    return [each for pair in zip(texts, held) for some in pair for each in some]


def conversation(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages with these values; those of a placeholder come as they are."""
    messages: list[dict[str, Any]] = []
    for each in MESSAGES:
        if "placeholder" in each:
            messages += values.get(each["placeholder"]) or []
        else:
            messages.append({"role": each["role"], "content": content_of(each["content"], values)})
    return messages
'''


def is_whole(content: Content) -> bool:
    """Whether the call is more than a prompt and a system prompt of text."""
    return bool(content.messages) or any(each.type in PART_TYPES for each in content.variables)


def constants(content: Content) -> dict[str, str]:
    """The sources of what the functions above read."""
    lines = "".join(f"    {literal(turn.as_json())},\n" for turn in content.turns)
    kinds = {each.name: each.type.value for each in content.variables if each.type in PART_TYPES}
    return {
        "MESSAGES: list[dict[str, Any]]": f"[\n{lines}]",
        "PART_VARIABLES: dict[str, str]": literal(kinds),
    }


def functions(part: str) -> str:
    """The source of `conversation(values)`; `part` is that of the SDK's parts."""
    given = 'each if each["type"] == "image_url" else part(each["type"], each)'
    return f"{part.strip()}\n\n\n{_CONVERSATION.strip()}\n\n\n".replace("SOURCE", given)


def openai_tools(content: Content) -> dict[str, Any]:
    """`tools` as OpenAI has them; nothing without any."""
    tools = [{"type": "function", "function": dict(tool)} for tool in content.tools]
    return {"tools": tools} if tools else {}


def anthropic_tools(content: Content) -> dict[str, Any]:
    """`tools` as Anthropic has them; nothing without any."""
    tools = [
        {
            "name": tool["name"],
            "description": tool.get("description", ""),
            "input_schema": tool.get("parameters") or {"type": "object", "properties": {}},
        }
        for tool in content.tools
    ]
    return {"tools": tools} if tools else {}


def notes(content: Content) -> list[str]:
    """What a reader should know of tools."""
    return (
        ["The model may answer with calls of tools, which this function does not carry out."] if content.tools else []
    )
