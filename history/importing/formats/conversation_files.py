"""A conversations.json, as ChatGPT and Claude export it: a list of conversations, each of which becomes a session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from history.importing.formats.conversation import Conversation, a_bundle, executions_of, mappings, name_of
from history.importing.formats.format import Read

Lost = Counter[str]
"""How often what of a conversation is not in the file, or has no place here, a sentence each."""


@dataclass(frozen=True, slots=True)
class ConversationFile:
    """What two such files have apart: `messages` and `title` are members of a conversation."""

    messages: str
    title: str
    conversation: Callable[[dict[str, Any], int, Lost], Conversation]
    """The turns of one, by its place in the file."""
    session: Callable[[dict[str, Any], str], dict[str, Any]]
    """The session that one becomes, by its name."""

    def listed(self, value: Any) -> list[dict[str, Any]]:
        """The conversations of a file, which may also be one by itself."""
        if isinstance(value, dict):
            return [value] if self.messages in value else mappings(value.get("conversations"))
        return mappings(value)

    def holds(self, value: Any, kind: type) -> bool:
        """Whether one of the first conversations has its messages as a value of this kind."""
        return any(isinstance(each.get(self.messages), kind) for each in self.listed(value)[:20])

    def read(self, value: Any, *, taken: Callable[[dict[str, Any]], None] = lambda given: None) -> Read:
        """Each conversation a session; `taken` is told of those that are. What is lost is counted in the notes."""
        found = Read([])
        for position, given in enumerate(self.listed(value)):
            name = name_of(given.get(self.title), f"Conversation {position + 1}")
            lost: Lost = Counter()
            executions, unanswered = executions_of(self.conversation(given, position, lost))
            if not executions:
                found.notes.append(f"“{name[:80]}” has no messages and is left out.")
                continue
            if unanswered:
                lost["questions without an answer are kept as cancelled runs"] += unanswered
            taken(given)
            found.notes += [f"“{name[:80]}”: {what} ({number})." for what, number in lost.items()]
            found.bundles.append(a_bundle(self.session(given, name), executions))
        return found
