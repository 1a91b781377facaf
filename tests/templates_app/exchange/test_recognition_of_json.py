"""Each file is told from those of every other format."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from templates_app.exchange.formats.csv_table import CSV
from templates_app.exchange.formats.langchain import LANGCHAIN
from templates_app.exchange.formats.langfuse import LANGFUSE
from templates_app.exchange.formats.openai_prompt import OPENAI_PROMPT
from templates_app.exchange.formats.promptfoo import PROMPTFOO
from templates_app.exchange.source import Source
from templates_app.export_code.formats import FORMATS
from tests.templates_app.exporting_code import handover, plain_content

ALL: Final = (PROMPTFOO, CSV, LANGFUSE, OPENAI_PROMPT, LANGCHAIN)
MESSAGES: Final = [{"role": "user", "content": "Hi {{x}}"}]
SAMPLES: Final[list[tuple[str, str, Any]]] = [
    ("promptfoo", "promptfooconfig.yaml", "prompts:\n- Hi {{x}}\nproviders: openai:gpt-4o\n"),
    ("promptfoo", "a.json", {"prompts": [{"raw": "a", "label": "b"}], "tests": []}),
    ("promptfoo", "", FORMATS["promptfoo"].render(handover(plain_content("Say {{a}}")))),
    ("csv", "a.csv", "act,prompt\nA,b\n"),
    ("csv", "", "name;prompt\nA;b\n"),
    ("langfuse", "a.json", {"name": "a", "version": 1, "type": "text", "prompt": "b", "config": {"model": "c"}}),
    ("langfuse", "a.json", {"data": [{"name": "a", "type": "chat", "prompt": MESSAGES}], "meta": {}}),
    ("langfuse", "a.json", {"prompts": [{"name": "a", "type": "chat", "prompt": MESSAGES}]}),
    ("openai-prompt", "a.json", {"model": "gpt-4o", "messages": MESSAGES}),
    ("openai-prompt", "a.json", {"model": "gpt-4o", "input": "Hi", "instructions": "Be kind."}),
    ("openai-prompt", "", FORMATS["request-json"].render(handover(plain_content("Say {{a}}")))),
    ("openai-prompt", "", FORMATS["curl"].render(handover(plain_content("Say {{a}}")))),
    ("langchain", "a.json", {"_type": "prompt", "input_variables": ["x"], "template": "Hi {x}"}),
    ("langchain", "a.yaml", "input_variables: [x]\ntemplate: Hi {x}\ntemplate_format: f-string\n"),
    ("", "a.json", {"format": "llm-playground-templates", "version": 1, "templates": [{"prompt": "a"}]}),
    ("", "a.json", {"format": "llm-playground-sessions", "messages": [], "prompts": [], "model": "a"}),
    ("", "a.prompt.yml", "model: openai/gpt-4o\nmessages:\n- role: user\n  content: Hi {{x}}\ntestData: []\n"),
    ("", "a.prompty", "---\nname: a\nmodel:\n  api: chat\n---\nuser:\nHi {{x}}\n"),
    ("", "a.prompt", "---\nmodel: googleai/gemini\ninput:\n  schema: {}\n---\nHi {{x}}\n"),
    ("", "a.md", "# A prompt, with text\n\nSay {{x}}\n"),
    ("", "a.txt", "Say {{x}}, prompt me\n"),
    ("", "", "Hi"),
    ("", "a.json", "{"),
    ("", "a.json", ""),
    ("", "a.json", "\x00\xff"),
    ("", "a.jsonl", '{"messages": [{"role": "user", "content": "a"}]}\n{"messages": []}\n'),
]


@pytest.mark.parametrize(("wanted", "name", "value"), SAMPLES)
def test_a_file_is_of_one_format_or_of_none(wanted, name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    found = [each.name for each in ALL if each.recognises(Source(text.encode("latin-1", "replace"), name))]
    assert found == ([wanted] if wanted else [])
