"""Configurations of promptfoo, also those that OpenAI's Evals export and those that we do (`export_code.promptfoo`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.exchange.dialects.promptfoo_pieces import whole
from templates_app.exchange.dialects.promptfoo_prompts import Prompt, beside, content, elsewhere, prompts_of
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.calls import config_of, model_id_of
from templates_app.exchange.mapping.naming import beginning_of, name_of, named_apart
from templates_app.exchange.mapping.turns import texts_of
from templates_app.exchange.source import Source
from templates_app.variables.validation import type_of

_BESIDE: Final = frozenset(
    {"providers", "targets", "tests", "defaultTest", "scenarios", "redteam", "assertionTemplates"}
)
_TESTS: Final = ("tests", "defaultTest", "assertionTemplates", "scenarios")
_TOLD: Final = frozenset({"prompts", "providers", "targets", "description", *_TESTS})
_QUIET: Final = frozenset({"$schema", "version", "outputPath", "sharing", "writeLatestResults", "env", "tags"})
_KINDS: Final = frozenset({"chat", "completion", "completions", "messages", "responses", "text", "text-generation"})
_VENDORS: Final[Mapping[str, str]] = {
    "azureopenai": "azure",
    "google": "gemini",
    "palm": "gemini",
    "togetherai": "together_ai",
    "fireworks": "fireworks_ai",
    "vertex": "vertex_ai",
}
_OTHERS: Final = (
    "openai anthropic azure bedrock cerebras cloudflare-ai cohere databricks deepseek github groq huggingface "
    "hyperbolic litellm mistral nscale ollama openrouter perplexity replicate xai moonshot alibaba ai21 lmstudio"
)
_MODELS: Final = frozenset({*_OTHERS.split(), *_VENDORS.values()})
"""Prefixes behind which a model's name stands; others name programs, files and services."""
_NO_MODELS: Final = frozenset({"assistant", "embedding", "embeddings", "realtime", "image", "moderation", "agents"})


_OF_ITS_OWN: Final = frozenset({"model", "omitDefaults"})
"""What a provider's configuration says of promptfoo, and not of the call."""
_OF_OUR_JINJA2: Final = {"options": {"disableVarExpansion": True}}
"""What our export sets for a text in Jinja2 (`export_code.promptfoo`), which needs no second look."""


def recognises(source: Source) -> bool:
    """`prompts` beside what tests them."""
    found = source.mapping
    is_ours = str(found.get("format", "")).startswith("llm-playground")
    return "prompts" in found and not is_ours and bool(_BESIDE & found.keys())


def read(source: Source, choices: Choices) -> Drafts:
    """A template a prompt, each with the first of the providers, and with the tests as material."""
    config = source.value
    if not isinstance(config, Mapping):
        raise refused("", "invalid", "A configuration of promptfoo is an object with `prompts`.")
    config = whole(config)
    drafts = Drafts()
    for prompt in prompts_of(config.get("prompts")):
        if found := beside(prompt, source.name, choices.files):
            drafts.templates += [_draft(each, config, source, choices) for each in found]
            drafts.files |= {each.file for each in found}
        elif path := elsewhere(prompt):
            drafts.notes.append(f"{prompt.place}: the prompt stands elsewhere ({path[:200]}), and is not carried over.")
        else:
            drafts.templates.append(_draft(prompt, config, source, choices))
    if not drafts.templates:
        message = " ".join(drafts.notes) or "There is no prompt in it."
        raise refused("prompts", "empty", f"{message} Bring the files with the prompts themselves.")
    if others := sorted(map(str, config.keys() - _TOLD - _QUIET)):
        drafts.notes.append(f"Not carried over: {', '.join(others)[:500]}.")
    drafts.notes += _tests_elsewhere(config)
    drafts.templates = named_apart(drafts.templates)
    return drafts


def _draft(prompt: Prompt, config: Mapping[str, Any], source: Source, choices: Choices) -> Draft:
    draft = Draft({}, prompt.place)
    version = content(prompt, draft, is_jinja=config.get("defaultTest") == _OF_OUR_JINJA2)
    version |= _settings(prompt, config, draft)
    if variables := _variables(version, config):
        version["variables"] = variables
    entry = draft.entry
    prompts = config["prompts"]
    whole = name_of(config.get("description")) if isinstance(prompts, str) or len(prompts) == 1 else ""
    entry["name"] = name_of(prompt.label, choices.name, whole, beginning_of(_text(version)), source.stem) or "Prompt"
    if (said := config.get("description")) and isinstance(said, str) and not _is_of_ours(said, entry["name"]):
        entry["description"] = said[:10_000]
    entry["versions"] = [version]
    if tests := {name: found for name in _TESTS if (found := _here(config.get(name)))}:
        draft.material["tests"] = tests
    return draft


def _is_of_ours(description: str, name: str) -> bool:
    """Whether it says no more than the name does, as in an export of ours."""
    return description == name or re.fullmatch(re.escape(name) + r", version \d+", description) is not None


def _text(version: Mapping[str, Any]) -> str:
    return str(version.get("prompt") or " ".join(texts_of(version.get("messages", []))))


def _here(tests: Any) -> Any:
    """What of the tests stands in the configuration itself."""
    if isinstance(tests, list):
        return [each for each in tests if not isinstance(each, str)]
    return None if isinstance(tests, str) else tests


def _tests_elsewhere(config: Mapping[str, Any]) -> Iterator[str]:
    for name in _TESTS:
        given = config.get(name)
        paths = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)]
        if paths:
            yield f"{name}: it stands in another file ({', '.join(paths)[:300]}), and is not carried over."


def _settings(prompt: Prompt, config: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """Model and parameters: those of the first provider, with what the prompt says itself."""
    place = "targets" if "targets" in config and "providers" not in config else "providers"
    listed = [*_providers(config.get(place), place)]
    if not listed:
        return config_of(prompt.config, draft)
    (first, given), *others = listed
    if others:
        draft.note(
            f"Of its providers, {first[:100]} is taken; left out: {', '.join(name for name, _ in others)[:500]}."
        )
    made = config_of(_unpacked(given, prompt.config), draft)
    model = _model_id(first, draft)
    return {**made, **({"model_id": model} if model else {})}


def _unpacked(*configs: Mapping[str, Any]) -> dict[str, Any]:
    """One configuration of several, the later one first; what goes into the body as it is, is part of it."""
    made: dict[str, Any] = {}
    for config in configs:
        for name, value in config.items():
            is_body = name in ("extra_body", "passthrough") and isinstance(value, Mapping)
            made |= value if is_body else {str(name): value}
    return {name: value for name, value in made.items() if name not in _OF_ITS_OWN}


def _providers(given: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each with its configuration, in all the shapes that promptfoo takes."""
    for at, each in enumerate(given if isinstance(given, list) else [] if given is None else [given]):
        if isinstance(each, str):
            yield each, {}
        elif isinstance(each, Mapping) and "id" in each:
            if not isinstance(each["id"], str):
                raise refused(f"{place}.{at}.id", "invalid", "A provider's name is text.")
            config = each.get("config")
            yield each["id"], config if isinstance(config, Mapping) else {}
        elif isinstance(each, Mapping) and each:
            for name, inner in each.items():
                config = inner.get("config") if isinstance(inner, Mapping) else None
                yield str(name), config if isinstance(config, Mapping) else {}
        else:
            raise refused(f"{place}.{at}", "invalid", "A provider is a text, or an object with an id.")


def _model_id(provider: str, draft: Draft) -> str:
    """`openai:chat:gpt-4o` as `openai/gpt-4o`; empty, with a note, for what is no model."""
    prefix, _, rest = provider.partition(":")
    kind, _, name = rest.partition(":")
    vendor = _VENDORS.get(prefix.lower(), prefix.lower())
    if vendor not in _MODELS or kind in _NO_MODELS or not rest or rest in _KINDS:
        draft.note(f"{provider[:200]!r} names no model: choose one after the import.")
        return ""
    model = name if kind in _KINDS else rest
    return model_id_of(model, draft, provider="" if vendor == "litellm" else vendor)


def _variables(version: Mapping[str, Any], config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Types by the values in the tests, where the text does more than put them in; empty where all are texts."""
    if version.get("engine") != "jinja2":
        return []
    system = str(version.get("system_prompt", ""))
    words = set(re.findall(r"\w+", " ".join([system, _text(version), *texts_of(version.get("messages", []))])))
    values = {name: value for name, value in _values(config) if name in words and value is not None}
    kinds = {name: type_of(value).value for name, value in values.items() if re.fullmatch(r"[A-Za-z_]\w{0,63}", name)}
    if set(kinds.values()) <= {"string"}:
        return []
    return [{"name": name, "type": kind} for name, kind in list(kinds.items())[:100]]


def _values(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    tests = config.get("tests")
    for test in [config.get("defaultTest"), *(tests if isinstance(tests, list) else [])]:
        found = test.get("vars") if isinstance(test, Mapping) else None
        if isinstance(found, Mapping):
            yield from ((str(name), value) for name, value in found.items())


PROMPTFOO: Final = Format("promptfoo", "promptfoo configuration", recognises, read)
