"""An execution as a span of OpenTelemetry's conventions for generative AI: figures and names, never a text.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from __future__ import annotations

import time
from typing import Final

from foundation.traces import export
from foundation.traces.context import Trace
from foundation.traces.export import Span, Value
from playground.engine.run import Run
from playground.models import Status

PROVIDERS: Final = {
    "openai": "openai", "anthropic": "anthropic", "bedrock": "aws.bedrock", "gemini": "gcp.gemini", "cohere": "cohere",
}  # fmt: skip
"""The convention's names of those that it knows, by wire; others go by the names that they have here."""


def tell(run: Run, trace: Trace, *, began: int) -> None:
    """Hands over the span of a run that has ended; `began` in nanoseconds since 1970."""
    if not export.is_on():
        return
    record, metadata = run.record, run.record.metadata
    provider, _, model = record.model_id.partition("/")
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDERS.get(provider, provider),
        "gen_ai.request.model": model,
        "gen_ai.response.model": metadata.get("answered_model") or model,
        "gen_ai.response.id": str(record.id),
        "gen_ai.usage.input_tokens": record.prompt_tokens,
        "gen_ai.usage.output_tokens": record.completion_tokens,
        "playground.execution.origin": record.origin,
        "playground.execution.status": str(record.status),
    }
    if reason := metadata.get("finish_reason"):
        attributes["gen_ai.response.finish_reasons"] = (reason,)
    if record.error_code:
        attributes["error.type"] = str(record.error_code)
    error = str(record.error_code or record.status) if record.status == Status.FAILED else ""
    export.export(Span(f"chat {model}", trace, began, time.time_ns(), attributes, error))
