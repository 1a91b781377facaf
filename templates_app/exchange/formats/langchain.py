"""Prompts of LangChain: JSON of `dumps` and of the hub, and the older files of `load_prompt`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from templates_app.exchange.dialects.langchain_nodes import Node, class_of, prompts_in, settings_of
from templates_app.exchange.dialects.langchain_prompt import Prompt
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.naming import beginning_of, name_of, named_apart
from templates_app.exchange.mapping.turns import texts_of
from templates_app.exchange.source import Source

_MARKS: Final = frozenset({"_type", "input_variables", "template_format"})
_MANIFESTS: Final = ("manifest", "committed_prompt")
_DULL: Final = re.compile(r"(?i)(?:[_-]?(?:prompt|template|chain|llm|config|file|data|kwargs|message)s?)+|\d+")


def recognises(source: Source) -> bool:
    """What `dumps` writes (`lc`), a `_type` of a prompt, or a template with the names of its variables."""
    found = source.mapping
    inner = next((found[name] for name in _MANIFESTS if isinstance(found.get(name), Mapping)), found)
    if inner.get("type") == "not_implemented" and "lc" in inner:
        return True
    if class_of(inner) and ("lc" in inner or inner["id"][0] in ("langchain", "langchain_core")):
        return any(prompts_in(inner))
    is_chain = "memory" in inner and "verbose" in inner
    return (is_chain or bool(_MARKS & inner.keys())) and any(prompts_in(inner))


def read(source: Source, choices: Choices) -> Drafts:
    """A template a prompt; a chain may hold several."""
    drafts = Drafts()
    for node in prompts_in(source.value):
        if path := _elsewhere(node):
            drafts.notes.append(f"{node.place or 'template_path'}: the text stands in another file ({path[:200]}).")
        else:
            drafts.templates.append(_draft(node, source, choices))
    if not drafts.templates:
        told = " ".join(drafts.notes) or "There is no prompt of LangChain in it, or LangChain did not write it down."
        raise refused("template" if drafts.notes else "", "empty", told)
    drafts.templates = named_apart(drafts.templates)
    return drafts


def _elsewhere(node: Node) -> str:
    """The file that the prompt's text stands in."""
    names = (f"{part}_path" for part in ("template", "prefix", "suffix", "example_prompt"))
    paths = (node.members.get(name) for name in names if not node.members.get(name.removesuffix("_path")))
    return next((path for path in paths if isinstance(path, str) and path), "")


def _draft(node: Node, source: Source, choices: Choices) -> Draft:
    draft = Draft({}, node.place)
    version = {**Prompt(draft).content(node), **settings_of(node.model, draft)}
    if schema := node.members.get("schema_", node.members.get("schema")):
        _ask_for(schema, version, draft)
    metadata = node.members.get("metadata")
    hub = metadata.get("lc_hub_repo") if isinstance(metadata, Mapping) else None
    own = source.mapping
    text = version.get("prompt") or " ".join(texts_of(version.get("messages", [])))
    path = next((each for each in reversed(node.place.split(".")) if each and not _DULL.fullmatch(each)), "")
    stem = "" if _DULL.fullmatch(source.stem) else source.stem
    draft.entry["name"] = name_of(
        node.members.get("name"),
        hub,
        own.get("repo"),
        choices.name,
        path if node.model or "." in node.place else "",
        stem,
    ) or beginning_of(text)
    draft.entry["versions"] = [version]
    return draft


def _ask_for(schema: Any, version: dict[str, Any], draft: Draft) -> None:
    """The schema of a structured prompt as the format of the answer."""
    asked: dict[str, Any] = {}
    if isinstance(schema, Mapping):
        named = schema.get("title", schema.get("name"))
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", named)[:64].strip("_") if isinstance(named, str) else ""
        inner = {"name": name or "answer", "schema": dict(schema)}
        wanted = {"type": "json_schema", "json_schema": inner}
        asked = settings_of({"response_format": wanted}, draft)
    if "response_format" in asked:
        version.setdefault("response_format", asked["response_format"])
    elif not isinstance(schema, Mapping):
        draft.note("The schema of its answer is none, and left out.")


LANGCHAIN: Final = Format("langchain", "LangChain prompts", recognises, read)
