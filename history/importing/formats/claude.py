"""Claude's export: conversations.json, each conversation a list of `chat_messages`, which may name their parents.

Anthropic documents no schema; the names here are those of its files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from history.importing.formats.conversation import (
    Conversation,
    Turn,
    as_id,
    mappings,
    model_of,
    moment,
    text,
)
from history.importing.formats.conversation_files import ConversationFile, Lost
from history.importing.formats.format import Format, Read

SENDERS: Final = {"human": "user", "user": "user", "assistant": "assistant", "system": "system"}


def recognise(value: Any) -> bool:
    """By the messages of a conversation."""
    return _FILE.holds(value, list)


def read(value: Any) -> Read:
    """Each conversation a session; what of it is not in the file, or has no place here, is counted in the notes."""
    models: list[str] = []
    found = _FILE.read(value, taken=lambda given: models.append(text(given.get("model"))))
    if not all(models):
        found.notes.append("The export does not say which model answered: it is called anthropic/unknown.")
    return found


def _session(given: dict[str, Any], name: str) -> dict[str, Any]:
    session: dict[str, Any] = {"name": name, "metadata": {"source": "claude"}}
    summary = text(given.get("summary")).strip()
    if summary:
        session["description"] = summary[:10_000]
    if text(given.get("uuid")):
        session["id"] = str(as_id(given["uuid"], "claude"))
    if begun := moment(given.get("created_at")):
        session["created_at"] = begun.isoformat()
    return session


def _conversation(given: dict[str, Any], position: int, lost: Lost) -> Conversation:
    messages = mappings(given.get("chat_messages"))
    keys = [text(message.get("uuid")) or f"message {number}" for number, message in enumerate(messages)]
    known, turns = set(keys), list[Turn]()
    has_parents = any(text(message.get("parent_message_uuid")) in known for message in messages)
    for number, message in enumerate(messages):
        before = keys[number - 1] if number else None
        parent = text(message.get("parent_message_uuid")) if has_parents else before
        turns.append(_turn(keys[number], parent if parent in known else None, message, lost))
    current = text(given.get("current_leaf_message_uuid"))
    return Conversation(
        turns=turns,
        model=model_of("anthropic", given.get("model")),
        begun=moment(given.get("created_at")) or datetime.now(UTC),
        current=current if current in known else None,
        seed=f"claude/{given.get('uuid') or position}",
    )


def _turn(key: str, parent: str | None, message: dict[str, Any], lost: Lost) -> Turn:
    role = SENDERS.get(text(message.get("sender")), "")
    if not role:
        lost["messages of an unknown sender are kept as the assistant's"] += 1
    turn = Turn(key, parent, role or "assistant", at=moment(message.get("created_at")))
    if text(message.get("model")):
        turn.model = model_of("anthropic", message["model"])
    said: list[str] = []
    for block in mappings(message.get("content")):
        _take(block, turn, said, lost)
    turn.text = "\n\n".join(filter(None, said)) or ("" if turn.calls or turn.reasoning else text(message.get("text")))
    for file in mappings(message.get("attachments")):
        name, inside = text(file.get("file_name")) or "attachment", text(file.get("extracted_content"))
        if inside:
            turn.text = f"{turn.text}\n\n[{name}]\n{inside}".strip()
        else:
            lost["attached files are not in the export"] += 1
    if files := len(mappings(message.get("files"))):
        lost["attached files are not in the export"] += files
    return turn


def _take(block: dict[str, Any], turn: Turn, said: list[str], lost: Lost) -> None:
    kind = block.get("type")
    if kind == "text":
        said.append(text(block.get("text")))
    elif kind == "thinking":
        turn.reasoning = "\n\n".join(filter(None, (turn.reasoning, text(block.get("thinking")))))
    elif kind == "tool_use":
        given = block.get("input")
        turn.calls.append(
            {"tool_name": text(block.get("name")) or "tool", "arguments": given if isinstance(given, dict) else {}}
        )
    elif kind == "tool_result":
        inside = block.get("content")
        result = "\n".join(text(each.get("text")) for each in mappings(inside)) or text(inside)
        turn.calls.append({"tool_name": text(block.get("name")) or "tool", "result": result})
    elif text(block.get("text")):
        said.append(text(block["text"]))
    elif kind != "token_budget":
        lost[f"contents of the kind {str(kind)[:40]} are left out"] += 1


_FILE: Final = ConversationFile("chat_messages", "name", _conversation, _session)
CLAUDE: Final = Format("claude", "Claude's conversations.json", recognise, read)
