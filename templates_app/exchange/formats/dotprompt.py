"""dotprompt's `.prompt` (google.github.io/dotprompt, Genkit): front matter with Picoschema, and Handlebars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from foundation.problems import Problem
from templates_app.content import VariableType
from templates_app.exchange.dialects import picoschema
from templates_app.exchange.dialects.dotprompt_turns import turns_of_nodes
from templates_app.exchange.dialects.handlebars import parse
from templates_app.exchange.dialects.handlebars_text import Writer, slug_of
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names
from templates_app.exchange.mapping.calls import model_id_of, parameters_of, tools_of
from templates_app.exchange.mapping.definitions import NOTHING, Definitions
from templates_app.exchange.mapping.members import (
    answer_format,
    details_of,
    front_and_body,
    list_of,
    mapping_of,
    note_unknown,
    text_of,
)
from templates_app.exchange.mapping.roles import asked
from templates_app.exchange.mapping.turns import content_of, turns_of
from templates_app.exchange.mapping.used_names import used_in
from templates_app.exchange.source import Source

SUFFIX: Final = ".prompt"
_OWN: Final = frozenset({"config", "input", "output", "toolDefs", "ext"})
_KNOWN: Final = frozenset({"name", "description", "model", "config", "input", "output", "tools", "toolChoice"})
# A licence of comments may stand before the front matter.
_COMMENTS: Final = re.compile(r"\A(?:[ \t]{0,20}(?:#[^\n]{0,500})?\r?\n){1,100}(?=---)")
_MARK: Final = re.compile(r"\{\{[#~]{0,2}\s{0,5}(?:role\s{1,5}[\"']|history\s{0,5}\}\}|media\s{1,5}url|section\s)")
_STORED: Final = re.compile(r"\A_?(?P<name>[^.]+)(?:\.(?P<variant>.+))?\Z")


def recognises(source: Source) -> bool:
    """By its ending; a pasted text by its marks of roles, history or media, or by front matter such as it has."""
    if source.suffix:
        return source.suffix == SUFFIX
    try:
        plain = Source(_COMMENTS.sub("", source.text, count=1).encode())
    except Problem:
        return False
    front = plain.front
    if front.keys() & _OWN and isinstance(front.get("model", ""), str):
        return True
    return bool(front) and bool(_MARK.search((plain.head or ({}, ""))[1]))


def read(source: Source, choices: Choices) -> Drafts:
    """The one template that the file holds; a file of a partial keeps the name that others refer to."""
    draft = Draft({})
    front, body = front_and_body(_COMMENTS.sub("", source.text, count=1))
    stored = _STORED.match(source.stem)
    name = text_of(front.get("name"), "name") or (stored["name"] if stored else source.stem) or choices.name
    draft.entry |= details_of(draft, name=name, description=text_of(front.get("description"), "description"))
    if stored and source.stem.startswith("_") and (slug := slug_of(stored["name"])):
        draft.entry["slug"] = slug
    if variant := (stored and stored["variant"]) or text_of(front.get("variant"), "variant"):
        draft.note(f"It is the variant {variant[:60]} of {name[:60]}: here it is a template of its own.")
        draft.key = f"{name}.{variant}"
        draft.entry |= details_of(draft, name=f"{name} ({variant})")
    draft.entry["versions"] = [{"number": 1, **_version(front, body, draft)}]
    note_unknown(front, {*_KNOWN, "variant"}, draft)
    return Drafts([draft])


def _version(front: Mapping[str, Any], body: str, draft: Draft) -> dict[str, Any]:
    names = Names(draft)
    definitions = Definitions(draft, names)
    required = _define(front, definitions, draft)
    nodes = parse(body, "body")
    writer = Writer(nodes, names, draft, required=required)
    turns, engine, slots = turns_of_nodes(nodes, writer, names, draft)
    if not turns:
        raise refused("body", "empty", "There is no text in it.")
    made = content_of(turns_of(asked(turns, draft), draft, "body"), draft, names, "body")
    for name in slots:
        definitions.retype(name, VariableType.MESSAGES)
    _type_pictures(made, writer, definitions, draft)
    used = used_in(made) if engine == "plain" else [*writer.used, *(name for name in used_in(made) if name == "input")]
    optional = [names.of(name) for name in writer.optional]
    if variables := definitions.complete(used, optional=optional):
        made["variables"] = variables
    if writer.partials:
        draft.note(f"It includes other templates: {', '.join(writer.partials)}. They must be there, by these slugs.")
    settings = _settings(front, draft)
    return {**made, **settings, **({"engine": engine} if engine != "plain" else {})}


def _define(front: Mapping[str, Any], definitions: Definitions, draft: Draft) -> list[str]:
    """Defines the variables of the input's schema, and gives the names of those that may not lack."""
    given = mapping_of(front.get("input"), "input")
    note_unknown(given, {"schema", "default"}, draft, of="input")
    defaults = mapping_of(given.get("default"), "input.default")
    schema: Mapping[str, Any] = {}
    if isinstance(given.get("schema"), str):
        draft.note(f"The schema of its input stands elsewhere ({given['schema'][:60]}): its variables are text.")
    elif given.get("schema") is not None:
        schema = picoschema.schema_of(given["schema"], "input.schema", draft)
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    listed = schema.get("required")
    needed = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    for name in [*properties, *(name for name in defaults if name not in properties)]:
        said = properties.get(name)
        _define_one(str(name), said if isinstance(said, Mapping) else {}, name in needed, defaults, definitions)
    return [*needed, *defaults]


def _define_one(
    name: str, said: Mapping[str, Any], is_needed: bool, defaults: Mapping[str, Any], definitions: Definitions
) -> None:
    kind = said.get("type", "string")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "string")
    choices = said.get("enum")
    description = said.get("description")
    definitions.add(
        name,
        kind=kind,
        description=description if isinstance(description, str) else "",
        is_required=is_needed,
        default=defaults.get(name, said.get("default", NOTHING)),
        choices=[each for each in choices if each is not None] if isinstance(choices, list) else choices,
        schema=said if said.keys() & {"properties", "items"} else None,
    )


def _type_pictures(made: Mapping[str, Any], writer: Writer, definitions: Definitions, draft: Draft) -> None:
    """A picture is shown by a user's turn; in others its variable stays text."""
    others = [turn for turn in made.get("messages", ()) if turn.get("role") in ("system", "assistant")]
    shown = set(used_in({"system_prompt": made.get("system_prompt", ""), "messages": others}, "jinja2"))
    for name in writer.pictures:
        if name in shown:
            draft.note(f"{name}: pictures stand in what the user says only, so it is text.")
        else:
            definitions.retype(name, VariableType.IMAGE)


def _settings(front: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """Model, parameters, tools and the format of the answer."""
    config = dict(mapping_of(front.get("config"), "config"))
    config.pop("response_format", None)
    parameters = parameters_of(config, draft)
    tools = _tools(list_of(front.get("tools"), "tools"), draft)
    if tools and front.get("toolChoice") is not None:
        parameters |= parameters_of({"tool_choice": front["toolChoice"]}, draft)
    made = {
        "model_id": _model_id(front.get("model"), draft),
        "default_parameters": parameters,
        "tools": tools,
        "response_format": _answer(front, draft) or parameters.pop("response_format", None),
    }
    return {name: value for name, value in made.items() if value}


def _model_id(given: Any, draft: Draft) -> str:
    """`googleai/gemini-2.5-flash` names its provider; a bare name is told by its maker."""
    if isinstance(given, str) and "/" in given:
        provider, _, name = given.partition("/")
        return model_id_of(name, draft, provider=provider)
    return model_id_of(given, draft)


def _tools(given: list[Any], draft: Draft) -> list[dict[str, Any]]:
    """Tools by their definitions; those that are only named are defined in somebody's program."""
    named = [each[:60] for each in given if isinstance(each, str)]
    if named:
        draft.note(f"It calls tools that its program defines, which are left out: {', '.join(named)[:300]}.")
    made = []
    for at, each in enumerate(given):
        if isinstance(each, Mapping):
            schema = each.get("inputSchema", each.get("parameters"))
            read_schema = picoschema.schema_of(schema, f"tools.{at}.inputSchema", draft) if schema is not None else None
            made.append({"name": each.get("name"), "description": each.get("description"), "parameters": read_schema})
        elif not isinstance(each, str):
            raise refused(f"tools.{at}", "invalid", "A tool is a name or an object.")
    return tools_of(made, draft, "tools")


def _answer(front: Mapping[str, Any], draft: Draft) -> dict[str, Any] | None:
    output = mapping_of(front.get("output"), "output")
    note_unknown(output, {"format", "schema"}, draft, of="output")
    kind, given = output.get("format"), output.get("schema")
    wanted: dict[str, Any] | None = None
    if isinstance(given, str) and given.partition(",")[0].strip() not in picoschema.SCALARS:
        draft.note(f"The schema of its answer stands elsewhere ({given[:60]}), and is left out.")
    elif given is not None:
        schema = picoschema.schema_of(given, "output.schema", draft)
        if schema.get("type") == "object":
            wanted = answer_format(schema, draft.entry.get("name", ""))
        else:
            draft.note("The schema of its answer is none of an object, and is left out.")
    if kind not in (None, "json", "text"):
        draft.note(f"The answer's format {str(kind)[:60]} has no counterpart here.")
    if wanted is None and kind == "json":
        wanted = {"type": "json_object"}
    found: Any = parameters_of({"response_format": wanted}, draft).get("response_format") if wanted else None
    return found if isinstance(found, dict) else None


DOTPROMPT: Final = Format("dotprompt", "dotprompt (.prompt)", recognises, read)
