"""One prompt of LangChain while it is read: its turns, its variables, its examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.exchange.dialects.langchain_nodes import Node, class_of, kind_of, members_of
from templates_app.exchange.dialects.langchain_texts import (
    Text,
    engine_of,
    filled,
    joined,
    literal,
    rendered,
    text_of,
    variable,
)
from templates_app.exchange.formats.format import Draft, refused
from templates_app.exchange.mapping.braces import Names
from templates_app.exchange.mapping.turns import ROLES, content_of
from templates_app.variables.validation import type_of

_SPEAKERS: Final[Mapping[str, str]] = {"System": "system", "Human": "user", "AI": "assistant", "Chat": ""}
_CLASS: Final = re.compile(r"(System|Human|AI|Chat)Message(?:PromptTemplate)?(?:Chunk)?")


class Prompt:
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
        other = Prompt(self._draft, Names(Draft({})))
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
