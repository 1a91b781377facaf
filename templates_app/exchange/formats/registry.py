"""The formats that templates can come in as."""

from __future__ import annotations

from typing import Final

from templates_app.exchange.formats.csv_table import CSV
from templates_app.exchange.formats.dotprompt import DOTPROMPT
from templates_app.exchange.formats.format import Format
from templates_app.exchange.formats.github_models import GITHUB_MODELS
from templates_app.exchange.formats.langchain import LANGCHAIN
from templates_app.exchange.formats.langfuse import LANGFUSE
from templates_app.exchange.formats.llm_playground import LLM_PLAYGROUND
from templates_app.exchange.formats.mlflow import MLFLOW
from templates_app.exchange.formats.openai_prompt import OPENAI_PROMPT
from templates_app.exchange.formats.promptfoo import PROMPTFOO
from templates_app.exchange.formats.prompty import PROMPTY
from templates_app.exchange.formats.text import TEXT

_IN_ORDER: Final = (
    LLM_PLAYGROUND, PROMPTFOO, LANGFUSE, OPENAI_PROMPT, LANGCHAIN, GITHUB_MODELS, MLFLOW, PROMPTY, DOTPROMPT, CSV, TEXT,
)  # fmt: skip
FORMATS: Final[dict[str, Format]] = {known.name: known for known in _IN_ORDER}
"""By name, in the order in which a file is tried: text is what no other is."""
