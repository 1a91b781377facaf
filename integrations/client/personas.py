"""Personas as presets of a system prompt: projects name some, the LLM Service has its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integrations.client.texts import LONGEST_NAME, text

MOST_PERSONAS: Final = 50
LONGEST_PERSONA: Final = 8_000
PROMPTS: Final = ("system_prompt", "systemPrompt", "prompt", "guidelines", "description")
"""Fields that may hold what a persona is told, the most telling first."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A preset of a system prompt."""

    name: str
    prompt: str


def personas_of(rows: Any) -> list[Persona]:
    """Presets of a list of names, or of objects with a name and a prompt; one without a prompt is named in it."""
    found = (_persona(row) for row in (rows if isinstance(rows, list) else []))
    return [each for each in found if each][:MOST_PERSONAS]


def _persona(row: Any) -> Persona | None:
    if isinstance(row, str):
        row = {"name": row}
    if not isinstance(row, Mapping):
        return None
    name = text(row.get("name") or row.get("id"), LONGEST_NAME).strip()
    prompts = (text(row.get(field), LONGEST_PERSONA) for field in PROMPTS)
    prompt = next((each for each in prompts if each.strip()), f"You are {name}.")
    return Persona(name, prompt) if name else None
