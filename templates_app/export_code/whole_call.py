"""Code for calls of several turns: messages with places for values, pictures and files, and tools."""

from __future__ import annotations

from typing import Final

from templates_app.call.artifacts import artifacts
from templates_app.content import PART_TYPES, Content
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.python_code import literal

NAMES: Final = frozenset({"conversation", "content_of", "part", "secrets"})
"""Of the functions and modules below."""
OPENAI_PART: Final = '''
def part(kind: str, value: dict[str, str]) -> dict[str, Any]:
    """A picture or a file, given as a data URL or by its address; a text file is sent as text."""
    url = value.get("data_url") or value["url"]
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    if url.startswith("data:text/plain"):
        text = base64.b64decode(url.partition(",")[2]).decode("utf-8-sig", "replace")
        return {"type": "text", "text": f"File {value.get('name') or 'file.txt'}:\\n\\n{text}\\n\\n"}
    return {"type": "file", "file": {"filename": value.get("name") or "document.pdf", "file_data": url}}
'''
ANTHROPIC_PART: Final = '''
def part(kind: str, value: dict[str, str]) -> dict[str, Any]:
    """A picture or a file, given as a data URL or by its address."""
    head, _, data = value.get("data_url", "").partition(",")
    media_type = head.removeprefix("data:").partition(";")[0]
    source = {"type": "base64", "media_type": media_type, "data": data}
    if not data:
        source = {"type": "url", "url": value["url"]}
    if kind == "image":
        return {"type": "image", "source": source}
    name = value.get("name") or "document.pdf"
    if media_type == "text/plain":
        name = value.get("name") or "file.txt"
        text = base64.b64decode(data).decode("utf-8-sig", "replace")
        source = {"type": "text", "media_type": media_type, "data": text}
    return {"type": "document", "source": source, "title": name}
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


def notes(handover: Handover) -> list[str]:
    """What a reader should know of the call."""
    content = handover.content
    told = [f"Files that stay in the service: put data_url in the place of {place}." for place in artifacts(content)]
    if content.tools:
        told.append("The model may answer with calls of tools, which this function does not carry out.")
    if handover.partials:
        told.append(f"Partials stand in it as text: {', '.join(handover.partials)}.")
    return [one_line(each) for each in told]
