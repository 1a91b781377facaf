"""GitHub Models' `.prompt.yml` (docs.github.com, "Storing prompts in GitHub repositories"), with its tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from foundation.http import body_gate
from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces
from templates_app.exchange.mapping.calls import model_id_of, parameters_of
from templates_app.exchange.mapping.definitions import Definitions
from templates_app.exchange.mapping.members import (
    answer_format,
    details_of,
    list_of,
    mapping_of,
    note_unknown,
    text_of,
)
from templates_app.exchange.mapping.properties import define
from templates_app.exchange.mapping.roles import asked
from templates_app.exchange.mapping.turns import content_of, turns_of
from templates_app.exchange.mapping.used_names import used_in
from templates_app.exchange.source import Source

_OWN: Final = frozenset({"modelParameters", "testData", "evaluators", "responseFormat", "jsonSchema"})
_KNOWN: Final = frozenset({"name", "description", "model", "messages", "variables", *_OWN})
_ENDING: Final = re.compile(r"\.prompt\.ya?ml\Z", re.IGNORECASE)
_REGISTRY: Final = re.compile(r"azureml://registries/(?P<of>[^/]+)/models/(?P<name>[^/]+)")
_STRINGS: Final[Mapping[str, str]] = {"equals": "equals", "contains": "icontains", "startsWith": "starts-with"}
"""As `gh models eval` judges: it looks for what is contained in letters of any case."""
_SIMILARITY: Final = "github/similarity"
_EXPECTED: Final = "expected"
THRESHOLD: Final = 0.75
Assertion = dict[str, Any]


def recognises(source: Source) -> bool:
    """By its two endings, or by members that only this format has beside its messages."""
    given = source.mapping
    is_named = bool(_ENDING.search(source.name))
    return isinstance(given.get("messages"), list) and (is_named or bool(given.keys() & _OWN))


def read(source: Source, choices: Choices) -> Drafts:
    """The one template that the file holds; its test data go along as promptfoo's tests."""
    given = source.value
    if not isinstance(given, Mapping) or "messages" not in given:
        raise refused("messages", "required", "A prompt of GitHub Models has messages.")
    draft = Draft({})
    name = text_of(given.get("name"), "name") or _ENDING.sub("", source.name).rpartition("/")[2] or choices.name
    draft.entry |= details_of(draft, name=name, description=text_of(given.get("description"), "description"))
    names = Names(draft)
    draft.entry["versions"] = [{"number": 1, **_version(given, names, draft)}]
    if tests := _tests(given, names, draft):
        draft.material["tests"] = {"tests": tests}
    note_unknown(given, _KNOWN, draft)
    return Drafts([draft])


def _version(given: Mapping[str, Any], names: Names, draft: Draft) -> dict[str, Any]:
    turns = turns_of(given["messages"], draft, "messages", text=lambda text: from_double_braces(text, names))
    made = content_of(asked(turns, draft), draft, names, "messages")
    parameters = parameters_of(mapping_of(given.get("modelParameters"), "modelParameters"), draft)
    definitions = Definitions(draft, names)
    if given.get("variables") is not None:  # which people add, and the format has not
        define(given["variables"], "variables", definitions)
    settings = {
        "model_id": _model_id(given.get("model"), draft),
        "response_format": _answer(given, draft) or parameters.pop("response_format", None),
        "default_parameters": {name: value for name, value in parameters.items() if name != "response_format"},
        "variables": definitions.complete(used_in(made)),
    }
    return {**made, **{name: value for name, value in settings.items() if value}}


def _model_id(given: Any, draft: Draft) -> str:
    if isinstance(given, str) and (found := _REGISTRY.match(given)):
        return model_id_of(found["name"], draft, provider="openai" if "openai" in found["of"] else "")
    return model_id_of(given, draft)


def _answer(given: Mapping[str, Any], draft: Draft) -> dict[str, Any] | None:
    kind = given.get("responseFormat")
    if kind is None and given.get("jsonSchema") is None:
        return None
    wanted: Any = kind
    if kind in (None, "json_schema"):
        said = _schema(given.get("jsonSchema"))
        inner = said.get("schema")
        schema = inner if isinstance(inner, Mapping) else said
        wanted = answer_format(schema, text_of(said.get("name"), "jsonSchema.name"))
        beside = {name: said[name] for name in ("description", "strict") if name in said and schema is not said}
        wanted["json_schema"] |= beside
    found: Any = parameters_of({"responseFormat": wanted}, draft).get("response_format")
    return found if isinstance(found, dict) and found != {"type": "text"} else None


def _schema(given: Any) -> Mapping[str, Any]:
    """The schema, which is written as a text of JSON."""
    if isinstance(given, str):
        try:
            given = body_gate.parse(given.encode())
        except Problem as problem:
            raise refused("jsonSchema", "malformed_json", f"It is no JSON: {problem.detail}") from None
    return mapping_of(given, "jsonSchema")


def _tests(given: Mapping[str, Any], names: Names, draft: Draft) -> list[dict[str, Any]]:
    asserts = list(_assertions(list_of(given.get("evaluators"), "evaluators"), draft))
    judged = "".join(str(each["value"]) for each in asserts)
    known = frozenset(names.ours)
    made = []
    for at, each in enumerate(list_of(given.get("testData"), "testData")):
        case = mapping_of(each, f"testData.{at}")
        test: dict[str, Any] = {"vars": {ours: case[name] for name in case if (ours := names.of(name)) in known}}
        if fitting := [filled for each in asserts if (filled := _filled(each, case, at, draft))]:
            test["assert"] = fitting
        for name in case:
            if names.of(name) not in known and f"{{{{{name}}}}}" not in judged:
                draft.note(f"testData: nothing in the prompt or its evaluators uses {name[:60]}: it is left out.")
        made.append(test)
    if asserts and not made:
        draft.note("It has evaluators and no test data: without cases, nothing is judged by them.")
    return made


def _assertions(given: list[Any], draft: Draft) -> Iterator[Assertion]:
    for at, each in enumerate(given):
        said = mapping_of(each, f"evaluators.{at}")
        name = text_of(said.get("name"), f"evaluators.{at}.name")[:60] or f"evaluators.{at}"
        if "string" in said:
            yield from _of_strings(
                mapping_of(said["string"], f"evaluators.{at}.string"), name, f"evaluators.{at}", draft
            )
        elif "llm" in said:
            yield _judged(mapping_of(said["llm"], f"evaluators.{at}.llm"), name, f"evaluators.{at}.llm", draft)
        elif said.get("uses") == _SIMILARITY:
            draft.note(f"{name}: a model judges there what is compared here by its meaning, from {THRESHOLD} on.")
            yield {"type": "similar", "value": f"{{{{{_EXPECTED}}}}}", "threshold": THRESHOLD}
        else:
            draft.note(f"The evaluator {name} ({str(said.get('uses'))[:60]}) has no counterpart here, and is left out.")


def _of_strings(said: Mapping[str, Any], name: str, place: str, draft: Draft) -> Iterator[Assertion]:
    for word, value in said.items():
        text = text_of(value, f"{place}.string.{word}")
        if word == "endsWith" and text:
            yield {"type": "regex", "value": text}
        elif word in _STRINGS and text:
            if word == "startsWith":
                draft.note(f"{name}: here the first letters count as they are written, capitals too.")
            yield {"type": _STRINGS[word], "value": text}
        else:
            draft.note(f"{name}: {word[:60]} has no counterpart here, and is left out.")


def _judged(said: Mapping[str, Any], name: str, place: str, draft: Draft) -> Assertion:
    """A judge: what it is asked, and which of its answers are good ones."""
    rubric = "\n\n".join(
        told for word in ("systemPrompt", "prompt") if (told := text_of(said.get(word), f"{place}.{word}").strip())
    )
    good = [
        text_of(choice.get("choice"), f"{place}.choices.{at}.choice")
        for at, choice in enumerate(list_of(said.get("choices"), f"{place}.choices"))
        if isinstance(choice, Mapping) and isinstance(choice.get("score"), int | float) and choice["score"] > 0
    ]
    if good:
        rubric += f"\n\nIt passes when the answer to this would be: {', '.join(good)}."
    draft.note(f"{name}: its choices become a yes or no, and the judge of this service has its own words around them.")
    model = _model_id(said.get("modelId"), draft)
    provider = {"provider": model.replace("/", ":", 1)} if model else {}
    return {"type": "llm-rubric", "value": rubric, **provider}


def _filled(each: Assertion, case: Mapping[str, Any], at: int, draft: Draft) -> Assertion | None:
    """The assertion with the case's values in it; None where the case lacks what it needs."""
    if each["type"] == "similar" and case.get(_EXPECTED) in (None, ""):
        draft.note(f"testData.{at}: nothing is expected of it, so it is not compared.")
        return None
    text = each["value"]
    for name, value in case.items():
        text = text.replace(f"{{{{{name}}}}}", value if isinstance(value, str) else orjson.dumps(value).decode())
    return {**each, "value": f"(?i:{re.escape(text)})$" if each["type"] == "regex" else text}


GITHUB_MODELS: Final = Format("github-models", "GitHub Models (.prompt.yml)", recognises, read)
