"""A configuration of promptfoo, which tests a prompt against models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import yaml

from providers.wires.anthropic.messages import conversation
from providers.wires.parts import as_text, is_text
from templates_app.call.turns import Message, Slot
from templates_app.content import PART_TYPES, Engine
from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import headline, one_line
from templates_app.export_code.parameters import Arguments, for_anthropic, for_ollama, for_openai, json_schema
from templates_app.export_code.promptfoo_texts import (
    has_references,
    holds_signs,
    is_odd,
    jinja_text,
    kept,
    literal,
    literals,
    plain_text,
    renamed,
)
from templates_app.export_code.value_texts import text_of

_PREFIXES: Final = {"openai": "openai:chat:", "anthropic": "anthropic:messages:", "ollama": "ollama:chat:"}
_ASKED: Final = {"anthropic": for_anthropic, "ollama": for_ollama}
_OWN: Final = frozenset({"temperature", "top_p", "thinking"})
"""What promptfoo knows of Anthropic's API by name; all else of a body goes into it as it is."""
_STREAMED: Final = 8_192
"""Tokens from which on Anthropic's SDK for JavaScript wants longer answers as a stream."""
# What YAML 1.1 takes for a text and promptfoo's YAML 1.2 for a number, such as 1e5 and 0o17.
_LIKE_A_NUMBER: Final = re.compile(r"[-+.]?[0-9]")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, which people can read."""


def _written(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # YAML takes these for line breaks too, and would give each of them back as \n outside of double quotes.
    is_odd = any(mark in text for mark in "\r\x85\u2028\u2029")
    style = '"' if is_odd or _LIKE_A_NUMBER.match(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)


def render(handover: Handover) -> str:
    """`promptfooconfig.yaml` with the prompt, the model and the example as its first test."""
    is_jinja = handover.content.engine is Engine.JINJA2
    asked = _ASKED.get(handover.wire, for_openai)(handover)
    left_out = sorted({*asked.dropped, *(asked.given.keys() & handover.content.parameters.keys() & {"timeout"})})
    notes = [
        *headline(handover),
        "Run: npx promptfoo@latest eval -c this-file.yaml; the provider's key in its own variable.",
    ]
    if has_references(asked.given):
        notes.append("Set PROMPTFOO_DISABLE_REF_PARSER=true: it looks for what a schema's $ref names in this file.")
    if is_jinja:
        notes.append(
            "The prompt is written in Jinja2; promptfoo renders it by Nunjucks, which differs in a few filters and"
            " writes True, None, 1.0 and lists in its own way."
        )
    if changed := [f"{name} as {word}" for name, word in _renamed(handover).items() if name != word]:
        notes.append(one_line(f"Variables with names of promptfoo's own: {', '.join(changed)}."))
    if slots := handover.content.slots:
        notes.append(one_line(f"The example's messages stand in the place of {', '.join(slots)}."))
    if parts := [each.name for each in handover.content.variables if each.type in PART_TYPES]:
        notes.append(one_line(f"Not carried over as pictures or files, only as text: {', '.join(parts)}."))
    notes += whole_call.notes(handover)
    notes += map(one_line, asked._replace(dropped=left_out).notes)
    described: dict[str, Any] = {
        "description": one_line(f"{handover.name}, version {handover.version}"),
        "prompts": [_prompt(handover, asked)],
        "providers": [_provider(handover, asked)],
        "tests": [_test(handover)],
    }
    if is_jinja:
        # Lists are values of loops here, and no list of tests.
        described["defaultTest"] = {"options": {"disableVarExpansion": True}}
    text = yaml.dump(described, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return "".join(f"# {note}\n" for note in notes) + text


def _chat(handover: Handover, addition: str) -> str:
    """Messages as JSON: promptfoo fills in each string of it by itself, so that no value can break out."""
    written = _writer(handover)
    messages = [each for turn in handover.content.turns for each in _turns(turn, handover, written)]
    if addition:
        # A provider with one place for system turns has it behind the others there.
        first = sum(each["role"] == "system" for each in messages) if handover.wire == "anthropic" else 0
        messages.insert(first, {"role": "system", "content": literal(addition)})
    return json.dumps(messages, ensure_ascii=False, indent=2)


def _prompt(handover: Handover, asked: Arguments) -> dict[str, Any]:
    """The prompt, with what keeps promptfoo from parameters of its own: temperature 0, 1,024 tokens, no stream."""
    made: dict[str, Any] = {
        "label": one_line(handover.name) or "prompt",
        "raw": _chat(handover, asked.addition),
    }
    if handover.wire == "anthropic":
        own = {"stream": True} if asked.given["max_tokens"] > _STREAMED else {}
        is_said = asked.given.get("extra_body", {}).keys() & {"temperature", "top_p", "thinking"}
        made["config"] = own if is_said else {"temperature": 1, **own}
    elif handover.wire != "ollama":
        made["config"] = {"omitDefaults": True}
    return {name: value for name, value in made.items() if value}


def _writer(handover: Handover) -> Callable[[str], str]:
    """How a text of the template is written for Nunjucks."""
    odd = frozenset(name for name, value in _values(handover).items() if is_odd(value))
    if handover.content.engine is Engine.JINJA2:
        return partial(jinja_text, odd=odd)
    return partial(plain_text, names=_renamed(handover), odd=odd)


def _turns(turn: Message, handover: Handover, written: Callable[[str], str]) -> list[dict[str, Any]]:
    """The turn with its places; the example's messages in a placeholder, since one string cannot become several."""
    if isinstance(turn, Slot):
        return [_mapped(each, literal, handover) for each in handover.all_values.get(turn.name) or ()]
    return [_mapped(turn.as_json(), written, handover)]


def _mapped(message: dict[str, Any], change: Callable[[str], str], handover: Handover) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        return {**message, "content": change(content)}
    parts = [
        {**each, "text": change(each["text"])} if each["type"] == "text" else _part(each, handover.wire)
        for each in content
    ]
    return {**message, "content": parts}


def _part(part: dict[str, Any], wire: str) -> dict[str, Any]:
    """A picture or a file as the provider has it; one that the service keeps stays named by its artifact."""
    url = part.get("data_url") or part.get("url")
    if part["type"] not in ("image", "file") or url is None:
        return part
    if part["type"] == "image":
        sent: dict[str, Any] = {"type": "image_url", "image_url": {"url": url}}
    else:
        name = part.get("name") or ("file.txt" if url.startswith("data:text/plain") else "document.pdf")
        sent = {"type": "file", "file": {"filename": name, "file_data": url}}
    if wire != "anthropic":
        return as_text(sent) if is_text(sent) else sent
    return conversation([{"role": "user", "content": [sent]}])[1][0]["content"][0]  # type: ignore[no-any-return]


def _provider(handover: Handover, asked: Arguments) -> dict[str, Any]:
    prefix = _PREFIXES.get(handover.wire, f"{handover.asked.prefix}:" if handover.asked.prefix else "openai:chat:")
    config = {name: value for name, value in asked.given.items() if name != "timeout"}
    own = config.pop("extra_body", {})
    config |= {name: value for name, value in own.items() if name in _OWN}
    if others := {name: value for name, value in own.items() if name not in _OWN}:
        config["extra_body"] = others
    # These it renders as it does prompts, parts of them twice; what it hands through it leaves alone.
    if odd := {name: config.pop(name) for name in ("tools", "response_format") if holds_signs(config.get(name))}:
        if handover.wire == "ollama":
            config |= literals(odd)
        else:
            through = "extra_body" if handover.wire == "anthropic" else "passthrough"
            config[through] = {**config.get(through, {}), **odd}
    return {"id": f"{prefix}{handover.model}", "config": config}


def _renamed(handover: Handover) -> dict[str, str]:
    """Names of a plain template's variables there; texts in Jinja2 keep theirs."""
    is_plain = handover.content.engine is Engine.PLAIN
    return renamed(handover.content.variable_names) if is_plain else {}


def _values(handover: Handover) -> dict[str, Any]:
    """Values of variables; those of placeholders stand in the messages already."""
    values = {name: value for name, value in handover.all_values.items() if name not in handover.content.slots}
    is_plain = handover.content.engine is Engine.PLAIN
    return {name: text_of(value) for name, value in values.items()} if is_plain else values


def _test(handover: Handover) -> dict[str, Any]:
    names = _renamed(handover)
    values = {names.get(name, name): kept(value) for name, value in _values(handover).items()}
    wanted = handover.content.parameters.get("response_format")
    if (wanted if isinstance(wanted, str) else (wanted or {}).get("type")) not in ("json_object", "json_schema"):
        return {"vars": values}
    schema = json_schema(handover)
    return {"vars": values, "assert": [{"type": "is-json", **({"value": literals(schema)} if schema else {})}]}
