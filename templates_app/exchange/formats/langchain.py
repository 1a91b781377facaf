"""Prompts of LangChain: JSON of `dumps` and of the hub, and the older files of `load_prompt`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.exchange.formats.braces import Names
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.formats.langchain_nodes import (
    Node,
    class_of,
    kind_of,
    members_of,
    prompts_in,
    settings_of,
)
from templates_app.exchange.formats.langchain_texts import (
    Text,
    engine_of,
    filled,
    joined,
    literal,
    rendered,
    text_of,
    variable,
)
from templates_app.exchange.formats.naming import beginning_of, name_of, named_apart
from templates_app.exchange.formats.turns import ROLES, content_of, texts_of
from templates_app.exchange.source import Source
from templates_app.variables.validation import type_of

_SPEAKERS: Final[Mapping[str, str]] = {"System": "system", "Human": "user", "AI": "assistant", "Chat": ""}
_CLASS: Final = re.compile(r"(System|Human|AI|Chat)Message(?:PromptTemplate)?(?:Chunk)?")
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
    prompt = _Prompt(draft)
    version = {**prompt.content(node), **settings_of(node.model, draft)}
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


class _Prompt:
    """One prompt while it is read."""

    def __init__(self, draft: Draft, names: Names | None = None) -> None:
        self._draft = draft
        self._names = names or Names(draft)
        self._types: dict[str, dict[str, Any]] = {}

    def content(self, node: Node) -> dict[str, Any]:
        """The fields of a content beside the model."""
        turns = self._turns(node.kind, node.members, node.place)
        self._take_partials(node.members, node.place)
        texts = [text for turn in turns for text in _texts(turn)]
        engine = engine_of(texts)
        said = [made for turn in turns if (made := _written(turn, engine))]
        version = content_of(said, self._draft, self._names, node.place)
        if engine != "plain":
            version["engine"] = engine
        if self._types:
            slots = {turn["placeholder"] for turn in turns if "placeholder" in turn}
            version["variables"] = [self._variable(name, name in slots) for name in self._names.ours[:100]]
        return version

    def _variable(self, name: str, is_slot: bool) -> dict[str, Any]:
        told = self._types.get(name, {})
        if not is_slot:
            return {"name": name, **told}
        if told.pop("default_value", None):
            self._draft.note(f"The messages that {name} holds beforehand are not carried over.")
        return {"name": name, **told, "type": "messages"}

    def _turns(self, kind: str, members: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
        """Turns whose texts are not written yet."""
        if kind == "chat":
            return list(self._chat(members, place))
        if kind == "few_shot_chat":
            return list(self._example_turns(members, place))
        text = self._few_shot(members, place) if kind == "few_shot" else self._text(members, "template", place)
        return [{"role": "user", "content": text}]

    def _text(self, members: Mapping[str, Any], name: str, place: str, form: Any = None) -> Text:
        at = f"{place}.{name}".lstrip(".")
        form = members.get("template_format", form)
        return text_of(members.get(name), form, self._names, self._draft, at)

    def _chat(self, members: Mapping[str, Any], place: str) -> Iterator[dict[str, Any]]:
        listed, at = members.get("messages"), f"{place}.messages".lstrip(".")
        if not isinstance(listed, list):
            raise refused(at, "not_a_list", "A list of messages is expected.")
        for position, each in enumerate(listed):
            yield from self._message(each, f"{at}.{position}", members.get("template_format"))

    def _message(self, given: Any, place: str, form: Any) -> Iterator[dict[str, Any]]:
        if isinstance(given, list) and len(given) == 2 and isinstance(given[0], str):
            given = {"role": given[0], "content": given[1]}
        if not isinstance(given, Mapping):
            raise refused(place, "invalid", "A message is an object.")
        if given.get("type") == "not_implemented":
            self._draft.note(f"{place}: LangChain did not write down what it is, so it is left out.")
            return
        name, members = class_of(given), members_of(given)
        if kind := kind_of(given):
            yield from self._turns("few_shot_chat" if kind == "few_shot" else kind, members, place)
        elif name == "MessagesPlaceholder" or "variable_name" in members:
            yield self._slot(members, place)
        else:
            role = self._role(name, members, place)
            if name and not name.endswith("Template"):
                form = "none"
            yield from self._turn(role, members, place, form)

    def _slot(self, members: Mapping[str, Any], place: str) -> dict[str, Any]:
        variable_name = members.get("variable_name")
        if not isinstance(variable_name, str) or not variable_name:
            raise refused(f"{place}.variable_name", "invalid", "The name of a placeholder is expected.")
        name = self._names.of(variable_name)
        if members.get("optional"):
            self._types[name] = {"type": "messages", "required": False}
        return {"placeholder": name}

    def _role(self, name: str, members: Mapping[str, Any], place: str) -> str:
        if (found := _CLASS.fullmatch(name)) and found[1] != "Chat":
            return _SPEAKERS[found[1]]
        said = members.get("role", members.get("type", members.get("_type")))
        role = (
            ROLES.get(said.lower().removesuffix("_message").removesuffix("message")) if isinstance(said, str) else None
        )
        if role is None:
            self._draft.note(f"{place}: who speaks is not said ({str(said or name)[:60]}); it is taken as the user's.")
        return role or "user"

    def _turn(self, role: str, members: Mapping[str, Any], place: str, form: Any) -> Iterator[dict[str, Any]]:
        name = next((each for each in ("prompt", "content", "template") if each in members), "prompt")
        given, at = members.get(name), f"{place}.{name}"
        listed = given if isinstance(given, list) else [given]
        parts = [
            part for position, each in enumerate(listed) if (part := self._part(each, role, f"{at}.{position}", form))
        ]
        if len(parts) == 1 and parts[0]["type"] == "text":
            yield {"role": role, "content": parts[0]["text"]}
        elif parts:
            yield {"role": role, "content": parts}

    def _part(self, given: Any, role: str, place: str, form: Any) -> dict[str, Any] | None:
        """A text, or a picture's place; None for what is not carried over."""
        if isinstance(given, str):
            text = literal(given) if form == "none" else text_of(given, form, self._names, self._draft, place)
            return {"type": "text", "text": text}
        if not isinstance(given, Mapping):
            raise refused(place, "invalid", "A text, or a template, is expected.")
        members = members_of(given)
        if isinstance(members.get("template"), str):
            self._take_partials(members, place)
            return {"type": "text", "text": self._text(members, "template", place, form)}
        if isinstance(members.get("text"), str):
            return self._part(members["text"], role, f"{place}.text", form)
        return self._picture(members, role, place, form)

    def _picture(self, members: Mapping[str, Any], role: str, place: str, form: Any) -> dict[str, Any] | None:
        template = members.get("template", members.get("image_url"))
        url = template.get("url") if isinstance(template, Mapping) else template
        form = members.get("template_format", form)
        text = text_of(url, form, self._names, self._draft, place) if isinstance(url, str) and form != "none" else []
        names = [piece.value for piece in text if piece.kind == "name"]
        if role != "user" or len(names) != 1:
            self._draft.note(f"{place}: what is no text is not carried over.")
            return None
        self._draft.note(f"{names[0]} is a picture here: upload it, where LangChain takes its address.")
        self._types[names[0]] = {"type": "image"}
        return {"type": "text", "text": variable(names[0])}

    def _take_partials(self, members: Mapping[str, Any], place: str) -> None:
        """Values that are filled in beforehand, as defaults."""
        partials = members.get("partial_variables", members.get("partialVariables"))
        for name, value in partials.items() if isinstance(partials, Mapping) else ():
            if class_of(value) or (isinstance(value, Mapping) and "lc" in value) or value is None:
                self._draft.note(f"The value of {str(name)[:60]} is made by a program, and not carried over.")
            else:
                default = {"type": type_of(value).value, "default_value": value, "required": False}
                self._types[self._names.of(str(name))] = default
        if members.get("output_parser"):
            self._draft.note("How its answer is parsed is not carried over.")

    def _few_shot(self, members: Mapping[str, Any], place: str) -> Text:
        separator = members.get("example_separator", "\n\n")
        if not isinstance(separator, str):
            raise refused(f"{place}.example_separator".lstrip("."), "invalid", "Text is expected.")
        ends = [
            self._text({"template": "", **members}, name, place) if members.get(name) else []
            for name in ("prefix", "suffix")
        ]
        examples = [text for turn in self._example_turns(members, place) for text in _texts(turn)]
        return joined([ends[0], *examples, ends[1]], separator)

    def _example_turns(self, members: Mapping[str, Any], place: str) -> Iterator[dict[str, Any]]:
        """The messages of each example, filled in."""
        listed, prompt = members.get("examples"), members.get("example_prompt")
        at = f"{place}.examples".lstrip(".")
        if isinstance(listed, str) or listed is None:
            where = f" ({listed[:200]})" if isinstance(listed, str) else ""
            self._draft.note(f"{at}: its examples stand elsewhere{where}, and are not carried over.")
            return
        if not isinstance(listed, list):
            raise refused(at, "not_a_list", "A list of examples is expected.")
        if not isinstance(prompt, Mapping):
            raise refused(f"{place}.example_prompt".lstrip("."), "required", "The template of an example is expected.")
        self._draft.note("Its examples are written out in it.")
        other = _Prompt(self._draft, Names(Draft({})))
        where = f"{place}.example_prompt".lstrip(".")
        kind = kind_of(prompt)
        turns = other._turns(kind, members_of(prompt), where) if kind else list(other._message(prompt, where, None))
        for position, example in enumerate(listed):
            if not isinstance(example, Mapping):
                raise refused(f"{at}.{position}", "invalid", "An example is an object.")
            values = {other._names.of(str(name)): value for name, value in example.items()}
            for turn in turns:
                if "placeholder" in turn or _is_parts(turn["content"]):
                    self._draft.note(f"{where}: what is no text is not carried over.")
                else:
                    yield {**turn, "content": filled(turn["content"], values, f"{at}.{position}")}


def _texts(turn: Mapping[str, Any]) -> list[Text]:
    content = turn.get("content", [])
    return [part["text"] for part in content] if _is_parts(content) else [content]


def _is_parts(content: list[Any]) -> bool:
    return bool(content) and isinstance(content[0], dict)


def _written(turn: Mapping[str, Any], engine: str) -> dict[str, Any]:
    """The turn with its texts; empty where there is nothing in them."""
    if "placeholder" in turn:
        return dict(turn)
    content = turn["content"]
    if _is_parts(content):
        parts = [{"type": "text", "text": rendered(part["text"], engine)} for part in content]
        kept = [part for part in parts if part["text"].strip()]
        return {"role": turn["role"], "content": kept} if kept else {}
    text = rendered(content, engine)
    return {"role": turn["role"], "content": text} if text.strip() else {}


LANGCHAIN: Final = Format("langchain", "LangChain prompts", recognises, read)
