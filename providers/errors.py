"""The execution engine's error vocabulary: class or code, HTTP status, a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Code(StrEnum):
    """Why an execution failed; stable, part of the API."""

    RATE_LIMITED = "rate_limited"
    PROVIDER_QUOTA = "provider_quota"
    PROVIDER_BUSY = "provider_busy"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    PROVIDER_ERROR = "provider_error"
    PROVIDER_AUTHENTICATION = "provider_authentication"
    PROVIDER_REFUSED = "provider_refused"
    MODEL_NOT_FOUND = "model_not_found"
    CONTEXT_WINDOW_EXCEEDED = "context_window_exceeded"
    MALFORMED_RESPONSE = "malformed_response"
    OUTPUT_TOO_LARGE = "output_too_large"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_IDLE = "timeout_idle"
    TIMEOUT_TOTAL = "timeout_total"
    STREAM_CUT = "stream_cut"
    LIMIT_REACHED = "limit_reached"
    INTERRUPTED = "interrupted"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    ARTIFACT_UNAVAILABLE = "artifact_unavailable"
    TOOL_ROUNDS_EXCEEDED = "tool_rounds_exceeded"


HTTP_STATUS: dict[Code, int] = {
    Code.RATE_LIMITED: 503,
    Code.PROVIDER_QUOTA: 503,
    Code.PROVIDER_BUSY: 503,
    Code.PROVIDER_UNAVAILABLE: 503,
    Code.STORAGE_UNAVAILABLE: 503,
    Code.ARTIFACT_UNAVAILABLE: 503,
    Code.TIMEOUT_CONNECT: 504,
    Code.TIMEOUT_FIRST_BYTE: 504,
    Code.TIMEOUT_IDLE: 504,
    Code.TIMEOUT_TOTAL: 504,
    Code.LIMIT_REACHED: 402,
    Code.CONTEXT_WINDOW_EXCEEDED: 400,
    Code.MODEL_NOT_FOUND: 404,
}
"""Status of a failed execution over the API; every code not named here is 502."""

SENTENCE: dict[Code, str] = {
    Code.RATE_LIMITED: "The provider asks to slow down.",
    Code.PROVIDER_QUOTA: "The provider's spending or usage limit is used up.",
    Code.PROVIDER_BUSY: "Too many runs are waiting for this provider.",
    Code.PROVIDER_UNAVAILABLE: "The provider failed repeatedly and is being left alone for a moment.",
    Code.PROVIDER_UNREACHABLE: "The provider cannot be reached.",
    Code.PROVIDER_ERROR: "The provider reported an error of its own.",
    Code.PROVIDER_AUTHENTICATION: "The provider does not accept the key it was given.",
    Code.PROVIDER_REFUSED: "The provider refused this request.",
    Code.MODEL_NOT_FOUND: "The provider does not have this model.",
    Code.CONTEXT_WINDOW_EXCEEDED: "Prompt and answer do not fit into the model's context window.",
    Code.MALFORMED_RESPONSE: "The provider's answer is not in the format it promised.",
    Code.OUTPUT_TOO_LARGE: "The answer grew beyond the size limit and was stopped.",
    Code.TIMEOUT_CONNECT: "The provider did not take the connection in time.",
    Code.TIMEOUT_FIRST_BYTE: "The provider did not begin to answer in time.",
    Code.TIMEOUT_IDLE: "The provider fell silent in the middle of its answer.",
    Code.TIMEOUT_TOTAL: "The run took longer than it was allowed to.",
    Code.STREAM_CUT: "The connection to the provider broke in the middle of the answer.",
    Code.LIMIT_REACHED: "Another attempt could cost more than this run may.",
    Code.INTERRUPTED: "The service was restarted during this run.",
    Code.STORAGE_UNAVAILABLE: "The answer could not be stored.",
    Code.ARTIFACT_UNAVAILABLE: "A picture or file of the prompt could not be opened.",
    Code.TOOL_ROUNDS_EXCEEDED: "The model called tools again and again without coming to an answer.",
}


@dataclass(slots=True)
class ProviderFailure(Exception):
    """A call to a provider that did not work out.

    `detail` is our own wording plus at most 200 printable characters of the provider's; it never
    holds a key, a URL with credentials or a header. `is_retryable` says whether the same call may
    work later; the engine retries only while nothing was shown.
    """

    code: Code
    detail: str = ""
    is_retryable: bool = False
    retry_after: float | None = None
    """Seconds that the provider asked to wait, when it said so."""
    retry_at: datetime | None = None

    def __str__(self) -> str:
        return f"{SENTENCE[self.code]} {self.detail}".strip()
