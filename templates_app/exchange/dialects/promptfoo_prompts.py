"""The prompts of a promptfoo configuration: texts, chats as JSON or YAML inside of a text, objects, other files."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from foundation.problems import Problem
from templates_app.exchange import parsing
from templates_app.exchange.formats.format import Draft, refused
from templates_app.exchange.mapping.braces import Names, from_nunjucks
from templates_app.exchange.mapping.turns import content_of, said, texts_of, turns_of, with_texts
from templates_app.exchange.source import Source
from templates_app.rendering.placeholders import names_in

_ELSEWHERE: Final = re.compile(
    r"(?:file|exec|python|https?|package|langfuse|portkey|helicone|huggingface)://\S.*"
    r"|(?:exec|python):\S.*"
    r"|[^\s{}\"'<>]{1,300}\.(?:txt|json|jsonl|ya?ml|md|j2|njk|csv|xlsx|[cm]?[jt]s|py|sh)(?::\w+)?",
    re.DOTALL,
)
_TEXT_FILES: Final = (".txt", ".md", ".j2", ".njk", ".json", ".yaml", ".yml")
_BETWEEN: Final = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_DUMPED: Final = re.compile(r"\{\{-?[ \t]{0,9}([A-Za-z_]\w{0,63})[ \t]{0,9}\|[ \t]{0,9}dump[ \t]{0,9}-?\}\}")
_UNQUOTED: Final = re.compile(r"(?<=[:\[,])(\s{0,50})(" + _DUMPED.pattern + ")")
_PLACE: Final = re.compile(r"\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}", re.DOTALL)
_OTHER_WORDS: Final = (
    (re.compile(r"\|(\s{0,9})dump\b"), r"|\1tojson"),
    (re.compile(r"([=!]=)="), r"\1"),
    (re.compile(r"(\{%-?\s{0,9})elseif\b"), r"\1elif"),
)
"""What Nunjucks writes otherwise than Jinja2."""


class Prompt(NamedTuple):
    """One entry of `prompts`."""

    value: Any
    """A text, or messages."""
    label: Any
    config: Mapping[str, Any]
    place: str
    file: str = ""
    """The file beside the configuration that it stands in."""


def prompts_of(given: Any) -> Iterator[Prompt]:
    """Every entry; a Problem names one that is none."""
    if isinstance(given, str):
        yield Prompt(given, "", {}, "prompts")
    elif isinstance(given, Mapping):
        for path, label in given.items():
            yield Prompt(str(path), label, {}, f"prompts.{path}")
    elif isinstance(given, list):
        for at, each in enumerate(given):
            yield _prompt(each, f"prompts.{at}")
    else:
        raise refused("prompts", "invalid", "A prompt, or a list of prompts, is expected.")


def _prompt(given: Any, place: str) -> Prompt:
    if isinstance(given, (str, list)):
        return Prompt(given, "", {}, place)
    if not isinstance(given, Mapping):
        raise refused(place, "invalid", "A prompt is a text, or an object with label and raw.")
    config = given.get("config")
    label = given.get("label") or given.get("display") or given.get("name")
    if "role" in given:
        value: Any = [{"role": given["role"], "content": given.get("content")}]
    else:
        names = (name for name in ("raw", "content", "prompt", "template", "file", "id") if given.get(name))
        name = next(names, None)
        if name is None:
            raise refused(f"{place}.raw", "required", "The prompt's text is expected.")
        value = given[name]
        label = label or (given.get("id") if name != "id" else None)
    return Prompt(value, label, config if isinstance(config, Mapping) else {}, place)


def elsewhere(prompt: Prompt) -> str:
    """The file or program that makes the prompt; empty where it stands here."""
    text = prompt.value.strip() if isinstance(prompt.value, str) else ""
    return text if "\n" not in text and _ELSEWHERE.fullmatch(text) else ""


def beside(prompt: Prompt, config: str, files: Mapping[str, bytes]) -> list[Prompt]:
    """The prompts of the files that it names, where these came together with the configuration."""
    path = elsewhere(prompt).removeprefix("file://")
    if not path or not files:
        return []
    wanted = posixpath.normpath(posixpath.join(posixpath.dirname(config.replace("\\", "/")), path))
    names = sorted(name for name in files if fnmatchcase(name, wanted) and name.lower().endswith(_TEXT_FILES))
    return [made for name in names for made in _in_file(prompt, name, files[name], is_one=len(names) == 1)]


def _in_file(prompt: Prompt, name: str, data: bytes, *, is_one: bool) -> Iterator[Prompt]:
    source = Source(data, name)
    is_chat = source.suffix in (".json", ".yaml", ".yml")
    texts = [source.text] if is_chat else [text for text in _BETWEEN.split(source.text) if text.strip()]
    for number, text in enumerate(texts, 1):
        chat = source.value if is_chat and isinstance(source.value, list) else text
        label = prompt.label if is_one and prompt.label else source.stem
        numbered = f"{label} ({number})" if len(texts) > 1 else label
        yield prompt._replace(value=chat if is_chat else text.strip("\r\n"), label=numbered, file=name)


def content(prompt: Prompt, draft: Draft, *, is_jinja: bool = False) -> dict[str, Any]:
    """The fields of a content that the prompt's texts are; `is_jinja` where it is known to be written in Jinja2."""
    chat = prompt.value if isinstance(prompt.value, list) else _chat(prompt.value, draft, prompt.place)
    turns = said("user", prompt.value, draft, prompt.place) if chat is None else turns_of(chat, draft, prompt.place)
    texts = texts_of(turns)
    texts, engine = (texts, "jinja2") if is_jinja else from_nunjucks(texts)
    names = Names(draft)
    for name in names_in(*texts):
        names.of(name)
    if engine == "jinja2" and not is_jinja:
        texts = [_PLACE.sub(_in_jinja2, text) for text in texts]
        draft.note("It is written for Nunjucks and rendered by Jinja2 here, which differs in a few filters.")
    made = content_of(with_texts(turns, texts), draft, names, prompt.place)
    return {**made, "engine": engine} if engine == "jinja2" else made


def _in_jinja2(place: re.Match[str]) -> str:
    text = place[0]
    for pattern, words in _OTHER_WORDS:
        text = pattern.sub(words, text)
    return text


def _chat(text: Any, draft: Draft, place: str) -> list[Any] | None:
    """The messages that promptfoo would read out of the text; None where it is the text itself that is sent."""
    if not isinstance(text, str):
        raise refused(place, "invalid", "The prompt's text is expected.")
    begun = text.lstrip()
    if begun.startswith("- role:"):
        try:
            value = parsing.read(text.encode())
        except Problem:
            value = None
    elif begun[:1] in ("[", "{") and '"role"' in text:
        value = _json(text)
    else:
        return None
    chat = value.get("messages") if isinstance(value, Mapping) else value
    if isinstance(chat, list) and chat and all(isinstance(each, Mapping) and "role" in each for each in chat):
        if isinstance(value, Mapping) and (others := sorted(map(str, value.keys() - {"messages"}))):
            draft.note(f"Not carried over: {', '.join(others)[:300]}.")
        return chat
    draft.note("Its messages are made by its template: they are taken as one text.")
    return None


def _json(text: str) -> Any:
    """Also where values are put between the quotes by `dump`, which makes a string of them."""
    for each in (text, _UNQUOTED.sub(r'\1"{{ \3 }}"', text)):
        try:
            return json.loads(each, strict=False)
        except (ValueError, RecursionError):
            continue
    return None
