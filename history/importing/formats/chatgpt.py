"""ChatGPT's export: conversations.json, each conversation a tree of messages (`mapping`) with the current branch.

OpenAI documents no schema; the names here are those of its files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from history.importing.formats.conversation import (
    Conversation,
    Turn,
    a_list,
    an_object,
    as_id,
    mappings,
    model_of,
    moment,
    text,
)
from history.importing.formats.conversation_files import ConversationFile, Lost
from history.importing.formats.format import Format, Read

ROLES: Final = ("system", "user", "assistant", "tool")
PICTURE: Final = "[A picture that is not in the export]"


def recognise(value: Any) -> bool:
    """By the tree of a conversation."""
    return _FILE.holds(value, dict)


def read(value: Any) -> Read:
    """Each conversation a session; what of it is not in the file, or has no place here, is counted in the notes."""
    return _FILE.read(value)


def _session(given: dict[str, Any], name: str) -> dict[str, Any]:
    begun, key = moment(given.get("create_time")), given.get("conversation_id") or given.get("id")
    session: dict[str, Any] = {"name": name, "archived": given.get("is_archived") is True, "metadata": {}}
    if isinstance(key, str) and key:
        session["id"] = str(as_id(key, "chatgpt"))
    if begun:
        session["created_at"] = begun.isoformat()
    session["metadata"] = {"source": "chatgpt"}
    return session


def _conversation(given: dict[str, Any], position: int, lost: Lost) -> Conversation:
    nodes = {key: node for key, node in an_object(given.get("mapping")).items() if isinstance(node, dict)}
    parents = _parents(nodes)
    current = given.get("current_node")
    turns = [_turn(key, parents.get(key), nodes[key], lost) for key in _in_order(nodes, parents, text(current))]
    return Conversation(
        turns=turns,
        model=model_of("openai", given.get("default_model_slug")),
        begun=moment(given.get("create_time")) or moment(given.get("update_time")) or datetime.now(UTC),
        current=current if current in nodes else None,
        seed=f"chatgpt/{given.get('conversation_id') or given.get('id') or position}",
    )


def _parents(nodes: dict[str, dict[str, Any]]) -> dict[str, str]:
    """By each node's own word, else by that of the one that names it a child."""
    parents = {
        child: key
        for key, node in nodes.items()
        for child in a_list(node.get("children"))
        if isinstance(child, str) and child in nodes
    }
    own = {key: node["parent"] for key, node in nodes.items() if isinstance(node.get("parent"), str)}
    return {**parents, **{key: parent for key, parent in own.items() if parent in nodes}}


def _in_order(nodes: dict[str, Any], parents: dict[str, str], current: str) -> list[str]:
    """Nodes as the file has them, those of the current branch behind their siblings."""
    path: set[str] = set()
    here = current
    while here in nodes and here not in path:
        path.add(here)
        here = parents.get(here, "")
    return [key for key in nodes if key not in path] + [key for key in nodes if key in path]


def _turn(key: str, parent: str | None, node: dict[str, Any], lost: Lost) -> Turn:
    message = an_object(node.get("message"))
    author = an_object(message.get("author"))
    content = an_object(message.get("content"))
    metadata = an_object(message.get("metadata"))
    role = author.get("role") if author.get("role") in ROLES else "system"
    turn = Turn(key, parent, str(role), at=moment(message.get("create_time")))
    if isinstance(metadata.get("model_slug"), str):
        turn.model = model_of("openai", metadata["model_slug"])
    kind, said = content.get("content_type"), _text(content, lost)
    files = len(mappings(metadata.get("attachments")))
    if files:
        lost["attached files are not in the export"] += files
    if kind in ("user_editable_context", "model_editable_context"):
        turn.role, turn.text = "system", said
    elif kind in ("thoughts", "reasoning_recap"):
        turn.reasoning = said
    elif role == "tool":
        turn.calls = [{"tool_name": text(author.get("name")) or "tool", "result": said}] if said else []
    elif role == "assistant" and text(message.get("recipient")) not in ("", "all"):
        turn.calls = [{"tool_name": text(message["recipient"]), "arguments": {"text": said}}]
    else:
        turn.text = said
    return turn


def _text(content: dict[str, Any], lost: Lost) -> str:
    kind = content.get("content_type")
    if kind in ("text", "multimodal_text") or isinstance(content.get("parts"), list):
        return "\n".join(filter(None, (_part(part, lost) for part in a_list(content.get("parts")))))
    if kind == "code":
        language = text(content.get("language"))
        return f"```{language if language != 'unknown' else ''}\n{text(content.get('text'))}\n```"
    if kind == "thoughts":
        thoughts = mappings(content.get("thoughts"))
        told = ("\n".join(filter(None, (text(each.get("summary")), text(each.get("content"))))) for each in thoughts)
        return "\n\n".join(filter(None, told))
    if kind == "user_editable_context":
        return "\n\n".join(filter(None, (text(content.get(name)) for name in ("user_profile", "user_instructions"))))
    names = ("text", "result", "content", "model_set_context")
    found = next((text(content.get(name)) for name in names if text(content.get(name))), "")
    if kind and not found:
        lost[f"contents of the kind {str(kind)[:40]} have no text and are left out"] += 1
    return found


def _part(part: Any, lost: Lost) -> str:
    if isinstance(part, str):
        return part
    kind = part.get("content_type") if isinstance(part, dict) else type(part).__name__
    if isinstance(part, dict) and text(part.get("text")):
        return text(part["text"])
    if kind == "image_asset_pointer":
        lost["pictures are not in the export"] += 1
        return PICTURE
    lost[f"parts of the kind {str(kind)[:40]} are left out"] += 1
    return ""


_FILE: Final = ConversationFile("mapping", "title", _conversation, _session)
CHATGPT: Final = Format("chatgpt", "ChatGPT's conversations.json", recognise, read)
