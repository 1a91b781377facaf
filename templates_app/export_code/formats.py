"""The formats of a handover, by the names that the API knows them by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from foundation.downloads.naming import file_name
from templates_app.export_code import (
    curl,
    promptfoo,
    python_anthropic,
    python_litellm,
    python_openai,
    request_json,
    typescript,
)
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import snake, words


@dataclass(frozen=True, slots=True)
class Format:
    """One way to hand a prompt over; `language` is what a reader calls it."""

    name: str
    language: str
    media_type: str
    suffix: str
    render: Callable[[Handover], str]

    def file_name(self, handover: Handover) -> str:
        """A name for the file: ASCII letters, digits, underscores and the suffix."""
        return f"{snake(handover.name)}_v{handover.version}{self.suffix}"

    def file_name_in_any_script(self, handover: Handover) -> str:
        """The same with the letters that ASCII has nothing for: Python, Node.js and shells read such files too."""
        return file_name(f"{words(handover.name)}_v{handover.version}", suffix=self.suffix)


_ALL: Final = (
    Format("python-openai", "Python (openai)", "text/x-python", ".py", python_openai.render),
    Format("python-anthropic", "Python (anthropic)", "text/x-python", ".py", python_anthropic.render),
    Format("python-litellm", "Python (litellm)", "text/x-python", ".py", python_litellm.render),
    Format("typescript", "TypeScript (openai)", "text/x-typescript", ".ts", typescript.render),
    Format("curl", "Shell (curl)", "text/x-sh", ".sh", curl.render),
    Format("request-json", "JSON request", "application/json", ".json", request_json.render),
    Format("promptfoo", "promptfoo configuration", "application/yaml", ".yaml", promptfoo.render),
)
FORMATS: Final[dict[str, Format]] = {each.name: each for each in _ALL}
