"""The pages of this app in the palette, models, and runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from foundation.presentation.palette import ACTS, Found, Page, found_by, has_pages, rank
from playground.models import Origin, PromptExecution
from playground.pages.compare import saved
from providers.catalogue import listing

RUNS_READ: Final = 100
"""One's own last runs, whose prompts are opened to be looked through."""
SHOWN: Final = 100
"""Characters of a prompt."""


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Playground", "playground", "prompt run try", keys="g p"),
        Page("History", "history", "past runs earlier answers search difference"),
        Page("Compare models", "compare", "columns beside vote"),
        Page("Comparisons", "comparisons", "past saved votes compare columns"),
        Page("Tools", "tools", "functions calculator mcp"),
        Page("Providers", "providers", "models prices health keys", about="How they do, and their models"),
        Page(
            "Playground defaults",
            "playground-defaults",
            "default model parameters temperature",
            about="The model and the parameters that a new prompt begins with",
            is_setting=True,
        ),
        Page("Help", "help", "keys shortcuts prompts guidance"),
        Page("API", "docs", "openapi rest reference doors curl"),
        Page("New prompt", "playground", "run write begin", kind=ACTS),
    )
    found_by(models)
    found_by(runs)
    found_by(saved.found)


def models(user: Any, words: str) -> Iterator[Found]:
    """Models that can be asked: each leads to the playground where it is chosen."""
    if not words:
        return
    for each in listing.models_for(user):
        if each["available"] and rank(f"{each['name']} {each['id']}", words) is not None:
            yield Found(
                "Models", each["name"], f"{reverse('playground')}?{urlencode({'model': each['id']})}", each["id"]
            )


def runs(user: Any, words: str) -> Iterator[Found]:
    """One's own last runs by what was asked; any that may be seen by its id."""
    if not words:
        return
    try:
        rows = PromptExecution.objects.visible_to(user).filter(id=UUID(words))
    except ValueError:
        # Those of tests, many of one prompt, stand under their test.
        own = PromptExecution.objects.filter(user=user).exclude(origin__in=(Origin.EVALUATION, Origin.JUDGE))
        rows = own.order_by("-created_at", "-id")[:RUNS_READ]
    for each in rows:
        prompt = " ".join(str((each.request or {}).get("prompt") or "").split())
        if str(each.id) == words or (prompt and rank(prompt, words) is not None):
            yield Found(
                "Runs", prompt[:SHOWN] or str(each.id), f"{reverse('playground')}?execution={each.id}", each.model_id
            )
