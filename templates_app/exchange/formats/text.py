"""A file of Markdown or of plain text: its text is the prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from foundation.problems import Problem
from templates_app.exchange.formats import dotprompt, prompty
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.calls import model_id_of, parameters_of
from templates_app.exchange.mapping.members import details_of, front_and_body, note_unknown, tags_of, text_of
from templates_app.exchange.source import Source
from templates_app.rendering.placeholders import NAME

LONGEST_CATEGORY: Final = 100
_SUFFIXES: Final = frozenset({".md", ".markdown", ".mdc", ".mdx", ".txt", ".text", ".rst", ".adoc"})
_JINJA: Final = frozenset({".j2", ".jinja", ".jinja2"})
_ENDINGS: Final = re.compile(r"(?:\.(?:prompt|md|txt|markdown))+\Z", re.IGNORECASE)
_OF_VALUES: Final = re.compile(r"\A\s*(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[{\[\"]|\]\s*\Z|\Z))")
_KNOWN: Final = frozenset({"name", "title", "description", "tags", "category", "model", "temperature", "max_tokens"})
_HEADING: Final = re.compile(r"^#[ \t](?P<name>[^\n]*)$", re.MULTILINE)
_SECTION: Final = re.compile(
    r"^(?P<level>#{1,6})[ \t](?P<title>[^\n]*)$|^\*{0,2}(?P<label>system|user|assistant)"
    r"(?:[ \t]+(?:prompt|message))?[ \t]*:\*{0,2}[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKERS: Final[Mapping[str, str]] = {
    "system": "system",
    "system prompt": "system",
    "system message": "system",
    "user": "user",
    "user prompt": "user",
    "user message": "user",
    "prompt": "user",
}
_FENCE: Final = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_SINGLE: Final = re.compile(r"(?<![{$\w])\{(?P<name>" + NAME + r")\}(?!\})")
_FOREIGN: Final = re.compile(r"\$\{[^{}\n]{1,60}\}|\$ARGUMENTS\b|<%=?[^%\n]{1,60}%>")
_LOGIC: Final = re.compile(r"\{%-?\s{0,9}(?:if|for|set|include|macro)\b|\{\{[^{}\n]{1,100}[|.(][^{}\n]{0,100}\}\}")


def recognises(source: Source) -> bool:
    """Whether the file is called a text and is no JSON; it is asked last. A pasted text may be meant as anything."""
    try:
        text = source.text
    except Problem:
        return False
    if source.suffix not in _SUFFIXES | _JINJA or _OF_VALUES.match(text) or source.lines is not None:
        return False
    return not (prompty.recognises(source) or dotprompt.recognises(source))


def read(source: Source, choices: Choices) -> Drafts:
    """One template: front matter says what it is called, sections of system and user who speaks."""
    draft = Draft({})
    front, body = _front_and_body(source.text, draft)
    text = body.strip("\n").rstrip()
    if not text.strip():
        raise refused("", "empty", "There is no text in it.")
    stated = text_of(front.get("name", front.get("title")), "name")
    name = stated or _heading(text) or _ENDINGS.sub("", source.stem) or choices.name
    described = text_of(front.get("description"), "description")
    draft.entry |= details_of(draft, name=name, description=described, tags=tags_of(front.get("tags"), "tags", draft))
    if category := text_of(front.get("category"), "category").strip():
        draft.entry["category"] = category[:LONGEST_CATEGORY]
    note_unknown(front, _KNOWN, draft)
    version: dict[str, Any] = {"number": 1, **_split(text)}
    if model := model_id_of(front.get("model"), draft):
        version["model_id"] = model
    given = {word: front[word] for word in ("temperature", "max_tokens") if word in front}
    if parameters := parameters_of(given, draft):
        version["default_parameters"] = parameters
    if source.suffix in _JINJA:
        version["engine"] = "jinja2"
    else:
        _note_marks(text, draft)
    draft.entry["versions"] = [version]
    return Drafts([draft], [note] if (note := source.read.note) else [])


def _front_and_body(text: str, draft: Draft) -> tuple[Mapping[str, Any], str]:
    """Front matter and the text below; a text that only begins with a line of dashes is all text."""
    try:
        return front_and_body(text)
    except Problem as problem:
        if not all(error["code"] == "malformed_yaml" for error in problem.errors):
            raise
        draft.note("What stands between its lines of --- is no YAML: it stays part of the text.")
        return {}, text


def _heading(text: str) -> str:
    """The heading that a text begins with, where it is the only one of its level."""
    found = list(_HEADING.finditer(_without_fences(text)))
    is_one = len(found) == 1 and not text[: found[0].start()].strip()
    return found[0]["name"].strip(" \t#") if is_one else ""


def _without_fences(text: str) -> str:
    """The text with blanks in the place of what fences hold."""
    parts = _FENCE.split(text)
    kept = (part if at % 2 == 0 else re.sub(r"[^\n]", " ", part) for at, part in enumerate(parts))
    return "   ".join(kept)


def _split(text: str) -> dict[str, str]:
    """`prompt` and `system_prompt` where a text has one section of each and nothing before; else all is the prompt."""
    found = [section for section in _SECTION.finditer(_without_fences(text)) if _speaker(section)]
    speakers = [_speaker(section) for section in found]
    if speakers != ["system", "user"] or len({section["level"] for section in found}) > 1:
        return {"prompt": text}
    before = _HEADING.sub("", text[: found[0].start()], count=1)
    system = text[found[0].end() : found[1].start()].strip("\n").rstrip()
    prompt = text[found[1].end() :].strip("\n")
    level = found[0]["level"]
    is_whole = not level or not re.search(rf"^#{{1,{len(level)}}}[ \t]", _without_fences(system + "\n" + prompt), re.M)
    if before.strip() or not system.strip() or not prompt.strip() or not is_whole:
        return {"prompt": text}
    return {"system_prompt": system, "prompt": prompt}


def _speaker(section: re.Match[str]) -> str:
    if section["label"]:
        return section["label"].lower()
    return _SPEAKERS.get(section["title"].strip(" \t#*:").lower(), "")


def _note_marks(text: str, draft: Draft) -> None:
    """Tells of what looks like a place of another system, and is text here."""
    if singles := list(dict.fromkeys(found["name"] for found in _SINGLE.finditer(text))):
        named = ", ".join(f"{{{name}}}" for name in singles[:5])
        draft.note(f"Single braces stay as text ({named}): a variable is written {{{{{singles[0]}}}}}.")
    if foreign := list(dict.fromkeys(found[0] for found in _FOREIGN.finditer(text))):
        draft.note(f"Places of another system stay as text: {', '.join(foreign[:5])}.")
    if _LOGIC.search(text):
        draft.note("It has marks of Jinja2, which stay as text: choose that engine for the template if they are meant.")


TEXT: Final = Format("text", "Markdown or text (.md, .txt)", recognises, read)
