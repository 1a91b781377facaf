"""A file of each format, with what it is called."""

from __future__ import annotations

from typing import Final

from templates_app.exchange.formats.dotprompt import DOTPROMPT
from templates_app.exchange.formats.github_models import GITHUB_MODELS
from templates_app.exchange.formats.llm_playground import LLM_PLAYGROUND
from templates_app.exchange.formats.mlflow import MLFLOW
from templates_app.exchange.formats.prompty import PROMPTY
from templates_app.exchange.formats.text import TEXT
from templates_app.exchange.source import Source

FORMATS: Final = (LLM_PLAYGROUND, PROMPTY, GITHUB_MODELS, DOTPROMPT, MLFLOW, TEXT)

PROMPTY_FRONT: Final = {
    "name": "A",
    "description": "b",
    "tags": ["x"],
    "metadata": {"tags": ["y"]},
    "model": {
        "api": "chat",
        "configuration": {"type": "azure_openai", "azure_deployment": "gpt-4o"},
        "parameters": {"temperature": 0.1, "tools": [], "response_format": {"type": "text"}},
        "options": {"maxOutputTokens": 5, "additionalProperties": {"stream": True}},
    },
    "inputs": [{"name": "a", "kind": "array", "items": {"kind": "string"}, "default": [], "enumValues": []}],
    "outputs": [{"name": "o", "kind": "object", "properties": [{"name": "p", "kind": "string"}]}],
    "tools": [{"name": "t", "kind": "function", "parameters": [{"name": "q", "kind": "string"}], "description": "d"}],
    "sample": {"a": ["1"]},
    "template": {"format": {"kind": "jinja2"}},
}
DOTPROMPT_FRONT: Final = {
    "model": "googleai/gemini-2.5-flash",
    "description": "d",
    "config": {"temperature": 0.1, "stopSequences": ["x"]},
    "input": {
        "schema": {"a": "string, b", "c?(enum)": ["x"], "d(array)": {"e": "string"}},
        "default": {"a": "b"},
    },
    "output": {"format": "json", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "tools": [{"name": "t", "description": "d", "inputSchema": {"q": "string"}}, "other"],
    "toolChoice": "auto",
}
GITHUB: Final = {
    "name": "n",
    "description": "d",
    "model": "openai/gpt-4o",
    "modelParameters": {"temperature": 0.5, "maxTokens": 4},
    "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "Hi {{x}}"}],
    "testData": [{"x": "1", "expected": "2"}],
    "evaluators": [
        {"name": "a", "string": {"contains": "b", "endsWith": "c"}},
        {"name": "s", "uses": "github/similarity"},
        {"name": "l", "llm": {"modelId": "m", "prompt": "p", "choices": [{"choice": "c", "score": 1}]}},
    ],
    "responseFormat": "json_schema",
    "jsonSchema": '{"name": "n", "schema": {"type": "object"}}',
}
MLFLOW_VERSIONS: Final = {
    "registered_model": {
        "name": "n",
        "aliases": [{"alias": "a", "version": "1"}],
        "tags": [{"key": "k", "value": "v"}],
    },
    "model_versions": [
        {
            "name": "n",
            "version": "1",
            "tags": [
                {"key": "mlflow.prompt.text", "value": '[{"role": "user", "content": "Hi {{x}}"}]'},
                {"key": "_mlflow_prompt_type", "value": "chat"},
            ],
            "aliases": ["b"],
            "creation_timestamp": 5,
            "description": "d",
        },
        {
            "name": "n",
            "version": 2,
            "template": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
            "commit_message": "c",
            "response_format": {"type": "object"},
            "model_config": {"model_name": "gpt-4o", "extra_params": {"seed": 1}},
        },
    ],
}
OURS: Final = {
    "format": "llm-playground-templates",
    "version": 1,
    "notes": ["x"],
    "templates": [{"id": "x", "name": "A", "versions": [{"number": 1, "prompt": "Hi"}]}],
}
TEXT_FRONT: Final = {
    "name": "n",
    "tags": ["a"],
    "description": "d",
    "category": "c",
    "model": "gpt-4o",
    "temperature": 1,
}


def recognised(data: bytes, name: str) -> list[str]:
    """The formats that say the file is theirs."""
    return [each.name for each in FORMATS if each.recognises(Source(data, name))]
