"""`.prompty` (prompty.ai): front matter of either schema, and a text whose lines such as `system:` say who speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from templates_app.content import VariableType
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces, from_nunjucks
from templates_app.exchange.mapping.calls import model_id_of, parameters_of, tools_of
from templates_app.exchange.mapping.definitions import Definitions
from templates_app.exchange.mapping.members import (
    answer_format,
    details_of,
    front_and_body,
    list_of,
    mapping_of,
    note_unknown,
    tags_of,
    text_of,
    without_references,
)
from templates_app.exchange.mapping.properties import define, kind_of, properties_of, schema_of
from templates_app.exchange.mapping.roles import Turn, asked, spoken
from templates_app.exchange.mapping.turns import content_of, turns_of
from templates_app.exchange.mapping.used_names import used_in
from templates_app.exchange.source import Source
from templates_app.rendering.placeholders import NAME

SUFFIX: Final = ".prompty"
_MODEL: Final = frozenset({"api", "apiType", "configuration", "connection", "options", "id", "parameters"})
_KNOWN: Final = frozenset(
    {"name", "description", "tags", "metadata", "model", "inputs", "inputSchema", "input_schema", "outputs", "sample"}
    | {"outputSchema", "output_schema", "template", "tools", "response_format", "$schema"}
)
_NAMED: Final = frozenset({"type", "name", "model", "azure_deployment"})
"""What of a configuration says which model it is."""
_OF_TOOLS: Final = frozenset({"name", "kind", "type", "description", "parameters", "function"})
_FIRST_ROLE: Final = re.compile(r"\A\s{0,20}(?:#{1,6}[ \t]{0,5})?(?:system|user)[ \t]{0,5}:[ \t]{0,20}$", re.I | re.M)
_PICTURE: Final = re.compile(r"!\[[^\]\n]{0,300}\]\((?P<of>[^()\n]{1,2000})\)")
_PLACE: Final = re.compile(r"\{\{\s{0,9}(?P<name>" + NAME + r")\s{0,9}\}\}")
_SERVICES: Final = frozenset({"openai", "azure", "azure_openai", "anthropic", "google", "mistral", "cohere", "ollama"})


def recognises(source: Source) -> bool:
    """By its ending; a pasted text by a model such as only this format has, or by how its text begins."""
    if source.suffix:
        return source.suffix == SUFFIX
    front = source.front
    model = front.get("model")
    if isinstance(model, Mapping) and model.keys() & _MODEL:
        return True
    return bool(front) and bool(_FIRST_ROLE.match((source.head or ({}, ""))[1]))


def read(source: Source, choices: Choices) -> Drafts:
    """The one template that the file holds."""
    draft = Draft({})
    front, body = front_and_body(source.text)
    metadata = mapping_of(front.get("metadata"), "metadata")
    name = text_of(front.get("name"), "name") or source.stem or choices.name
    tags = [*tags_of(front.get("tags"), "tags", draft), *tags_of(metadata.get("tags"), "metadata.tags", draft)]
    description = text_of(front.get("description"), "description")
    draft.entry |= details_of(draft, name=name, description=description, tags=dict.fromkeys(tags))
    note_unknown(front, _KNOWN, draft)
    note_unknown(metadata, {"tags"}, draft, of="metadata")
    version, examples = _version(front, body, draft)
    draft.entry["versions"] = [{"number": 1, **version}]
    if examples:
        draft.material["tests"] = {"tests": [{"description": "Sample", "vars": examples}]}
        draft.note("Its sample becomes a test case; the variables have no defaults by it.")
    return Drafts([draft])


def _version(front: Mapping[str, Any], body: str, draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    names = Names(draft)
    definitions = Definitions(draft, names)
    inputs = next((word for word in ("inputs", "inputSchema", "input_schema") if front.get(word) is not None), "inputs")
    given = without_references(front.get(inputs), inputs, draft)
    examples = define(given, inputs, definitions)
    kinds = {name: kind_of(said) for name, said, _ in properties_of(given, inputs)}
    threads = frozenset(name for name, kind in kinds.items() if kind == "thread")
    turns, slots = spoken(body, threads=threads, draft=draft)
    engine = _put_into_our_words(turns, front, names, draft)
    pictures = _pictures(turns, draft)
    made = content_of(turns_of(asked(turns, draft), draft, "body"), draft, names)
    _type_places(made, slots, pictures, definitions, draft)
    used = used_in(made, engine)
    variables = definitions.complete(used)
    sample = front.get("sample")
    if isinstance(sample, Mapping):
        examples |= without_references(sample, "sample", draft)
    elif sample is not None:
        without_references(sample, "sample", draft)
        draft.note("The sample stands elsewhere: it is not carried over.")
    settings = _settings(front, draft)
    if engine == "plain" or given or slots or pictures:
        made["variables"] = variables
    # Else they are found, with their types, when the text is read for good.
    known = {each["name"] for each in variables}
    values = {ours: value for name, value in examples.items() if (ours := names.of(name)) in known}
    if lost := sorted(name[:60] for name in examples if names.of(name) not in known):
        draft.note(f"The sample has values that no variable takes, which are left out: {', '.join(lost)[:300]}.")
    return {**made, **settings, **({"engine": engine} if engine != "plain" else {})}, values


def _put_into_our_words(turns: list[Turn], front: Mapping[str, Any], names: Names, draft: Draft) -> str:
    """The turns' texts in the words of the engine that they need, whose name is given."""
    language = _language(front.get("template"))
    said = [turn for turn in turns if "role" in turn]
    texts = [turn["content"] for turn in said]
    if language == "mustache":
        if any(re.search(r"\{\{\s{0,9}[#^/>]", text) for text in texts):
            draft.note("Sections of Mustache ({{#x}}…{{/x}}) have no counterpart here: they stay as text.")
        made, engine = [from_double_braces(text, names) for text in texts], "plain"
    else:
        if language not in ("jinja2", "jinja", "nunjucks", ""):
            draft.note(f"It is written for the template engine {language[:60]}, and read as Jinja2.")
        made, engine = from_nunjucks(texts)
        for name in dict.fromkeys(found["name"] for text in texts for found in _PLACE.finditer(text)):
            names.of(name)
    for turn, text in zip(said, made, strict=True):
        turn["content"] = text
    return engine


def _language(given: Any) -> str:
    """`jinja2` in `template: jinja2`, `{type: jinja2}`, `{format: jinja2}` and `{format: {kind: jinja2}}`."""
    for word in ("format", "type", "kind"):
        if isinstance(given, Mapping) and word in given:
            given = given[word]
    return given.strip().lower() if isinstance(given, str) else ""


def _pictures(turns: list[Turn], draft: Draft) -> set[str]:
    """The variables that a user's turn shows as pictures; the others are noted, and stay as text."""
    found: set[str] = set()

    def shown(picture: re.Match[str]) -> str:
        place = _PLACE.fullmatch(picture["of"].strip())
        if place is None:
            draft.note(f"The picture {picture['of'][:80]!r} is not carried over: its place stays as text.")
            return picture[0]
        found.add(place["name"])
        return place[0]

    for turn in turns:
        if turn.get("role") == "user":
            turn["content"] = _PICTURE.sub(shown, turn["content"])
    return found


def _type_places(
    made: Mapping[str, Any], slots: list[str], pictures: set[str], definitions: Definitions, draft: Draft
) -> None:
    """Types the variables by where they stand: only a user's turn may show a picture."""
    for name in slots:
        definitions.retype(name, VariableType.MESSAGES)
    for name in pictures:
        definitions.retype(name, VariableType.IMAGE)
    said = [made.get("system_prompt", "")]
    for turn in made.get("messages", ()):
        if turn.get("role") in ("system", "assistant") and isinstance(turn["content"], str):
            said.append(turn["content"])
    for name in definitions.parts & {found["name"] for text in said for found in _PLACE.finditer(text)}:
        definitions.retype(name, VariableType.STRING)
        draft.note(f"{name}: pictures and files stand in what the user says only, so it is text.")


def _settings(front: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """Model, parameters, tools and the format of the answer."""
    model = front.get("model")
    model = {"id": model} if isinstance(model, str) else mapping_of(model, "model")
    where = mapping_of(model.get("configuration"), "model.configuration")
    if where.keys() - _NAMED or model.get("connection"):
        draft.note("How its model is reached (addresses, keys, connections) is set up by administrators here.")
    where = {name: value for name, value in where.items() if name in _NAMED}
    told = {name: value for name, value in {**model, "configuration": where}.items() if name != "connection"}
    model = without_references(told, "model", draft)
    where = model.get("configuration", {})
    note_unknown(model, {*_MODEL, "provider", "response", "name"}, draft, of="model")
    api = model.get("apiType", model.get("api", "chat"))
    if api not in ("chat", "completion", "responses", None):
        draft.note(f"It asks for {str(api)[:60]}, where this service asks for text.")
    said = mapping_of(model.get("parameters"), "model.parameters")
    options = mapping_of(model.get("options"), "model.options")
    parameters = {**said, **mapping_of(options.get("additionalProperties"), "model.options.additionalProperties")}
    parameters |= {name: value for name, value in options.items() if name != "additionalProperties"}
    tools = _tools([*list_of(parameters.pop("tools", None), "model.parameters.tools")], "model.parameters.tools", draft)
    tools += _tools(without_references(front.get("tools"), "tools", draft), "tools", draft)
    if front.get("response_format") is not None:
        parameters["response_format"] = without_references(front["response_format"], "response_format", draft)
    ours = parameters_of(parameters, draft)
    answer = _answer(front, draft) or ours.pop("response_format", None)
    ours.pop("response_format", None)
    if not tools and ours.pop("tool_choice", None):
        draft.note("tool_choice is left out, since no tool is there.")
    made = {"model_id": _model_id(model, where, draft), "default_parameters": ours, "tools": tools}
    return {name: value for name, value in {**made, "response_format": answer}.items() if value}


def _model_id(model: Mapping[str, Any], where: Mapping[str, Any], draft: Draft) -> str:
    name = next(
        (of[word] for of in (model, where) for word in ("id", "azure_deployment", "model", "name") if of.get(word)), ""
    )
    said = model.get("provider", where.get("type"))
    provider = said if isinstance(said, str) and said.lower() in _SERVICES else "azure" if said == "foundry" else ""
    if isinstance(name, str) and re.search(r"[<>\s]", name):
        draft.note(f"The model is a place to fill in ({name[:60]}): choose one after the import.")
        return ""
    return model_id_of(name, draft, provider=provider)


def _tools(given: Any, place: str, draft: Draft) -> list[dict[str, Any]]:
    made = []
    for at, each in enumerate(list_of(given, place)):
        if not isinstance(each, Mapping):
            raise refused(f"{place}.{at}", "invalid", "A tool is an object.")
        kind = each.get("kind", each.get("type", "function"))
        if kind != "function":
            draft.note(f"The tool {str(each.get('name'))[:60]} is of the kind {str(kind)[:60]}, and left out.")
            continue
        note_unknown(each, _OF_TOOLS, draft, of=f"the tool {str(each.get('name'))[:60]}")
        made.append({"type": "function", **each} if "function" in each else _function(each, f"{place}.{at}"))
    return tools_of(made, draft, place)


def _function(each: Mapping[str, Any], place: str) -> dict[str, Any]:
    described = {name: each[name] for name in ("name", "description") if name in each}
    return {**described, "parameters": schema_of(each.get("parameters"), f"{place}.parameters")}


def _answer(front: Mapping[str, Any], draft: Draft) -> dict[str, Any] | None:
    """The format of an answer with these outputs."""
    for word in ("outputs", "outputSchema", "output_schema"):
        given = without_references(front.get(word), word, draft)
        if given and (schema := schema_of(given, word))["properties"]:
            answer = answer_format(schema, draft.entry.get("name", ""))
            ours: Any = parameters_of({"response_format": answer}, draft).get("response_format")
            return dict(ours) if ours else None
    return None


PROMPTY: Final = Format("prompty", "Prompty (.prompty)", recognises, read)
