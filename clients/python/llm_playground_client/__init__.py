"""A thin client of the LLM Playground Service: prompts by name, runs, streams, and templates in and out."""

from __future__ import annotations

from llm_playground_client.asynchronous import AsyncClient
from llm_playground_client.client import Client
from llm_playground_client.errors import (
    AmbiguousSlug,
    FieldProblem,
    Misconfigured,
    NeedsService,
    PlaygroundError,
    ProblemError,
    TemplateNotFound,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
    UnreadableFile,
)
from llm_playground_client.events import Event
from llm_playground_client.execution import Execution
from llm_playground_client.prompt import Prompt
from llm_playground_client.template import Template

__all__ = [
    "AmbiguousSlug",
    "AsyncClient",
    "Client",
    "Event",
    "Execution",
    "FieldProblem",
    "Misconfigured",
    "NeedsService",
    "PlaygroundError",
    "ProblemError",
    "Prompt",
    "Template",
    "TemplateNotFound",
    "TimedOut",
    "UnexpectedAnswer",
    "Unreachable",
    "UnreadableFile",
]
