"""MLflow's prompt registry (mlflow.org, "Prompt Registry"): versions as its REST API or `mlflow.genai` write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from foundation import words
from foundation.http import body_gate
from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces, from_nunjucks
from templates_app.exchange.mapping.calls import model_id_of, parameters_of
from templates_app.exchange.mapping.definitions import Definitions
from templates_app.exchange.mapping.members import (
    answer_format,
    details_of,
    list_of,
    mapping_of,
    note_unknown,
    tags_of,
    text_of,
)
from templates_app.exchange.mapping.roles import asked
from templates_app.exchange.mapping.turns import content_of, turns_of
from templates_app.exchange.mapping.used_names import used_in
from templates_app.exchange.source import Source
from templates_app.lookup import LABEL

TEXT: Final = "mlflow.prompt.text"
_OF_PROMPTS: Final = "mlflow.prompt."
_OWN_TAGS: Final = ("mlflow.", "_mlflow_prompt_")
_LISTS: Final = ("model_versions", "prompt_versions", "versions", "prompts", "registered_models")
_SINGLE: Final = ("model_version", "prompt_version", "registered_model", "prompt")
_SIGNS: Final = frozenset({"commit_message", "aliases", "creation_timestamp", "model_config", "is_text_prompt", "uri"})
_KNOWN: Final = frozenset(
    {"name", "version", "template", "tags", "aliases", "commit_message", "description", "creation_timestamp"}
    | {"response_format", "model_config", "last_updated_timestamp", "status", "current_stage", "source", "run_id"}
    | {"is_text_prompt", "prompt_type", "uri", "user_id", "variables", "run_link", "status_message", "messages"}
)
LONGEST_NOTE: Final = 1_000
_FIRST: Final = 1 << 31


def recognises(source: Source) -> bool:
    """By the tags of prompts, or by a template with its name, its version and another word of MLflow's."""
    try:
        given = source.value if source.mapping or source.text.lstrip().startswith("[") else source.lines
    except Problem:
        given = None
    return any(_is_version(each) for each, _ in _objects(given, ""))


def _is_version(given: Mapping[str, Any]) -> bool:
    if any(name.startswith(_OF_PROMPTS) for name in _tags(given.get("tags"))):
        return True
    is_plain = "input_variables" not in given and isinstance(given.get("template"), str | list)
    return is_plain and {"name", "version"} <= given.keys() and bool(given.keys() & _SIGNS)


def _objects(given: Any, place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """What may be a prompt or a version of one, each with its place."""
    if isinstance(given, list):
        for at, each in enumerate(given):
            yield from _objects(each, f"{place}.{at}".lstrip("."))
    elif isinstance(given, Mapping):
        inner = [name for name in (*_SINGLE, *_LISTS) if isinstance(given.get(name), Mapping | list)]
        if not inner or "template" in given:
            yield given, place
            return
        if "name" in given:
            yield {name: value for name, value in given.items() if name not in inner}, place
        for name in inner:
            yield from _objects(given[name], f"{place}.{name}".lstrip("."))


def _tags(given: Any) -> dict[str, str]:
    """Tags, which are an object or a list of keys and values; what is neither is none."""
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    pairs = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    return {str(each["key"]): str(each.get("value", "")) for each in pairs if "key" in each}


def read(source: Source, choices: Choices) -> Drafts:
    """A template by each name, with its versions in their order."""
    is_whole = source.mapping or source.lines is None
    found = Drafts()
    drafts: dict[str, Draft] = {}
    for given, place in _objects(source.value if is_whole else source.lines, ""):
        name = text_of(given.get("name"), f"{place}.name".lstrip(".")) or source.stem or choices.name
        draft = drafts.setdefault(name, Draft({"versions": [], "labels": {}}, place, name))
        if not draft.entry.get("name"):
            draft.entry |= details_of(draft, name=name)
        if _has_text(given):
            _read_version(given, place, draft)
        else:
            _read_prompt(given, place, draft)
    for name, draft in drafts.items():
        if draft.entry["versions"]:
            draft.entry["versions"].sort(key=lambda version: version["number"])
            _drop_loose_labels(draft)
            found.templates.append(draft)
        else:
            found.notes.append(f"{name[:100] or 'An object'} has no version with a text, and is left out.")
    if not found.templates:
        raise refused("", "empty", "There is no version of a prompt in it: send the answer that has their texts.")
    return found


def _has_text(given: Mapping[str, Any]) -> bool:
    return given.get("template") is not None or TEXT in _tags(given.get("tags"))


def _read_prompt(given: Mapping[str, Any], place: str, draft: Draft) -> None:
    """What a registered prompt says of all its versions."""
    at = f"{place}." if place else ""
    own = [f"{name}: {value}" if value else name for name, value in _tags(given.get("tags")).items() if _is_own(name)]
    description = text_of(given.get("description"), f"{at}description")
    draft.entry |= details_of(draft, name="", description=description, tags=tags_of(own, f"{at}tags", draft))
    _label(given.get("aliases"), None, draft)


def _is_own(tag: str) -> bool:
    return not tag.startswith(_OWN_TAGS)


def _read_version(given: Mapping[str, Any], place: str, draft: Draft) -> None:
    at = f"{place}." if place else ""
    number = _number(given.get("version"), f"{at}version")
    if any(number == version["number"] for version in draft.entry["versions"]):
        raise refused(f"{at}version", "repeated", f"Version {number} of {draft.key[:100]} is here twice.")
    tags = _tags(given.get("tags"))
    version: dict[str, Any] = {"number": number, **_content(given, tags, place, draft)}
    told = (text_of(given.get(name), f"{at}{name}").strip() for name in ("commit_message", "description"))
    if note := next(filter(None, told), tags.get(f"{_OF_PROMPTS}description", "")):
        version["note"] = note[:LONGEST_NOTE]
        if len(note) > LONGEST_NOTE:
            draft.note(f"The note of version {number} is cut to {words.number(LONGEST_NOTE)} characters.")
    if created_at := _time(given.get("creation_timestamp")):
        version["created_at"] = created_at
    if own := sorted(name[:60] for name in tags if _is_own(name)):
        draft.note(f"Version {number}: tags belong to templates here, and are left out: {', '.join(own)[:300]}.")
    note_unknown(given, _KNOWN, draft, of=f"version {number}")
    _label(given.get("aliases"), number, draft)
    draft.entry["versions"].append(version)


def _number(given: Any, place: str) -> int:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
        given = int(given)
    if given is None:
        return 1
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given < _FIRST:
        raise refused(place, "invalid", "A version's number is expected, 1 or more.")
    return given


def _time(given: Any) -> str:
    """The time of milliseconds since 1970; empty where it is none."""
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given < 4_102_444_800_000:
        return ""
    return datetime.fromtimestamp(given / 1000, UTC).isoformat().replace("+00:00", "Z")


def _content(given: Mapping[str, Any], tags: Mapping[str, str], place: str, draft: Draft) -> dict[str, Any]:
    at = f"{place}." if place else ""
    names = Names(draft)
    template, where = given.get("template"), f"{at}template"
    if template is None:
        where = f"{at}tags.{TEXT}"
        is_chat = tags.get("_mlflow_prompt_type") == "chat"
        template = _json(tags[TEXT], where) if is_chat else tags[TEXT]
    messages = template if isinstance(template, list) else [{"role": "user", "content": text_of(template, where)}]
    turns = turns_of(messages, draft, where)
    engine = _put_into_our_words(turns, names, is_jinja=tags.get("_mlflow_prompt_type") == "jinja2")
    made = content_of(asked(turns, draft), draft, names, where)
    made |= _settings(given, tags, at, draft)
    if engine == "jinja2":
        made["engine"] = engine  # its variables are found, with their types, when the template is read for good
    elif used := used_in(made):
        made["variables"] = Definitions(draft, names).complete(used)
    return made


def _put_into_our_words(turns: list[dict[str, Any]], names: Names, *, is_jinja: bool) -> str:
    """The texts in the words of the engine that they need: MLflow takes a text with `{% %}` for Jinja2."""
    holders: list[tuple[dict[str, Any], str]] = []
    for turn in turns:
        if isinstance(turn.get("content"), str):
            holders.append((turn, "content"))
        else:
            holders += [(part, "text") for part in turn.get("content", ()) if part["type"] == "text"]
    texts = [holder[word] for holder, word in holders]
    if is_jinja or any("{%" in text for text in texts):
        texts, engine = from_nunjucks(texts)
    else:
        texts, engine = [from_double_braces(text, names) for text in texts], "plain"
    for (holder, word), text in zip(holders, texts, strict=True):
        holder[word] = text
    return engine


def _settings(given: Mapping[str, Any], tags: Mapping[str, str], at: str, draft: Draft) -> dict[str, Any]:
    config = given.get("model_config")
    if config is None and (text := tags.get("_mlflow_prompt_model_config")):
        config = _json(text, f"{at}tags._mlflow_prompt_model_config")
    config = dict(mapping_of(config, f"{at}model_config"))
    model = model_id_of(config.pop("model_name", None), draft, provider=config.pop("provider", "") or "")
    extra = mapping_of(config.pop("extra_params", None), f"{at}model_config.extra_params")
    answer = given.get("response_format")
    if answer is None and (text := tags.get("_mlflow_prompt_response_format")):
        answer = _json(text, f"{at}tags._mlflow_prompt_response_format")
    if answer:
        config["response_format"] = _answer(answer, f"{at}response_format")
    parameters = parameters_of({**extra, **config}, draft)
    ours = {"model_id": model, "response_format": parameters.pop("response_format", None)}
    return {name: value for name, value in {**ours, "default_parameters": parameters}.items() if value}


def _answer(given: Any, place: str) -> Any:
    """What is kept there is a schema, or a format as OpenAI has it."""
    said = _json(given, place) if isinstance(given, str) else given
    said = mapping_of(said, place)
    return said if "json_schema" in said else answer_format(said, str(said.get("title", "")))


def _json(text: str, place: str) -> Any:
    try:
        return body_gate.parse(text.encode())
    except Problem as problem:
        raise refused(place, "malformed_json", f"It is no JSON: {problem.detail}") from None


def _label(given: Any, number: int | None, draft: Draft) -> None:
    """Aliases as labels: names of this version, or objects (or pairs) that name another."""
    if isinstance(given, Mapping):
        given = [{"alias": alias, "version": version} for alias, version in given.items()]
    for at, each in enumerate(list_of(given, "aliases")):
        said = each if isinstance(each, Mapping) else {"alias": each, "version": number}
        alias = text_of(said.get("alias"), f"aliases.{at}")
        label = alias.lower().replace(" ", "-").replace(".", "-")
        if not LABEL.fullmatch(label):
            draft.note(f"The alias {alias[:60]!r} can be no label here, and is left out.")
            continue
        if label != alias:
            draft.note(f"The alias {alias[:60]} is the label {label} here.")
        draft.entry["labels"][label] = _number(said.get("version", number), f"aliases.{at}.version")


def _drop_loose_labels(draft: Draft) -> None:
    numbers = {version["number"] for version in draft.entry["versions"]}
    for label, number in list(draft.entry["labels"].items()):
        if number not in numbers:
            draft.note(f"The label {label} is left out: version {number} is not in the file.")
            del draft.entry["labels"][label]


MLFLOW: Final = Format("mlflow", "MLflow prompts (JSON)", recognises, read)
