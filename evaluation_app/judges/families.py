"""Which models are of one family: a judge likes what is of its own."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    "gpt": ("gpt", "chatgpt", "davinci"),
    "claude": ("claude",),
    "gemini": ("gemini", "gemma", "palm"),
    "llama": ("llama",),
    "mistral": ("mistral", "mixtral", "ministral", "codestral", "magistral", "devstral", "pixtral"),
    "qwen": ("qwen", "qwq"),
    "deepseek": ("deepseek",),
    "command": ("command", "aya"),
    "grok": ("grok",),
    "nova": ("nova", "titan"),
    "phi": ("phi",),
    "kimi": ("kimi", "moonshot"),
    "glm": ("glm", "chatglm"),
    "smollm": ("smollm",),
}
_FAMILY: Final = {word: family for family, words in _WORDS.items() for word in words}
_REASONING: Final = re.compile(r"^o[1-9]($|[^a-z])")


def family_of(model_id: str) -> str:
    """The family's name; of an unknown one the letters that the model's name begins with."""
    name = model_id.rpartition("/")[2].lower()
    if _REASONING.match(name):
        return "gpt"
    letters = re.findall(r"[a-z]+", name)
    return next((_FAMILY[word] for word in letters if word in _FAMILY), letters[0] if letters else name)
