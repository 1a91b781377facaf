"""Files in messages as the wires have them; a text file is told as text where a wire has no part for one."""

from __future__ import annotations

import base64
from typing import Any, Final

from providers.base import Message
from providers.errors import Code, ProviderFailure

PDF: Final = "data:application/pdf;base64,"
TEXT: Final = "data:text/plain;base64,"

Part = dict[str, Any]


def texts_inlined(message: Message) -> Message:
    """The message with its text files as text; OpenAI's file parts hold PDFs."""
    content = message.get("content")
    if not isinstance(content, list) or all(part.get("type") != "file" for part in content):
        return message
    return {**message, "content": [as_text(part) if is_text(part) else part for part in content]}


def is_text(part: Part) -> bool:
    """Whether the part is a text file."""
    return part.get("type") == "file" and str(part["file"]["file_data"]).startswith(TEXT)


def as_text(part: Part) -> Part:
    """A text file as a text part: its name, then what it holds."""
    return {"type": "text", "text": f"File {part['file']['filename']}:\n\n{words_of(part)}\n\n"}


def words_of(part: Part) -> str:
    """What a text file holds."""
    data = base64.b64decode(part["file"]["file_data"].removeprefix(TEXT))
    return data.decode("utf-8-sig", "replace")


def document_of(part: Part) -> Part:
    """A file as Anthropic's document block; ProviderFailure for one that is neither PDF nor text."""
    given, url = part["file"], str(part["file"]["file_data"])
    source: dict[str, str]
    if is_text(part):
        source = {"type": "text", "media_type": "text/plain", "data": words_of(part)}
    elif url.startswith(PDF):
        source = {"type": "base64", "media_type": "application/pdf", "data": url.removeprefix(PDF)}
    elif url.startswith("https://"):
        source = {"type": "url", "url": url}
    else:
        raise ProviderFailure(Code.PROVIDER_REFUSED, "It takes PDFs and text files only.")
    return {"type": "document", "source": source, "title": given["filename"]}
