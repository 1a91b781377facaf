"""Why an answer ended, in our words: what providers call it, whichever wire they speak."""

from __future__ import annotations

import re
from typing import Any, Final

OURS: Final[dict[str, str]] = {
    name: ours
    for ours, names in {
        # OpenAI; Anthropic; TGI; Cohere; Bedrock; Ollama; Mistral; vLLM.
        "stop": "stop end_turn stop_sequence eos eos_token end complete completed stop_token finish finished done",
        # … Gemini, Mistral's `model_length`, Cohere's `error_limit`, xAI's limits.
        "length": "length max_tokens max_output_tokens max_completion_tokens max_new_tokens max_length max_len "
        "max_context model_length error_limit token_limit tokens_limit context_length context_length_exceeded "
        "context_window_exceeded model_context_window_exceeded limit truncated incomplete time_limit num_predict",
        "tool_calls": "tool_calls tool_call tool_use function_call function_calls tools",
        # … Gemini's, Azure's, Bedrock's guardrails, Cohere's `error_toxic`, Zhipu's `sensitive`.
        "content_filter": "content_filter content_filtered safety recitation blocklist blocked prohibited_content "
        "spii language image_safety image_recitation image_prohibited_content guardrail guardrails "
        "guardrail_intervened error_toxic sensitive moderation content_moderation data_inspection_failed",
        "refusal": "refusal refused",
        # … vLLM's and SGLang's `abort`, DeepSeek's `insufficient_system_resource`, Zhipu's `network_error`, Gemini's
        # and Bedrock's calls that nobody can read.
        "error": "error errored abort aborted cancel canceled cancelled user_cancel failed failure fail exception "
        "internal_error server_error model_error network_error engine_error engine_overloaded overloaded timeout "
        "insufficient_system_resource malformed_function_call malformed_response malformed_model_output "
        "malformed_tool_use malformed_tool_call unexpected_tool_call too_many_tool_calls "
        "missing_thought_signature preempted",
    }.items()
    for name in names.split()
}
NONE: Final = frozenset(
    {"", "null", "none", "nil", "undefined", "false", "not_finished", "unfinished", "in_progress", "unspecified"}
)
PREFIX: Final = re.compile(r"^(?:finish_?reason|stop_?reason|reason)[_.]+")


def finish_reason(said: Any) -> tuple[str, str] | None:
    """(ours, the provider's own word); None where it says nothing. A word that nobody knows is a "stop"."""
    if isinstance(said, dict):
        said = said.get("type") or said.get("reason")  # SGLang's own way
    if said is None or said is False or said == 0:
        return None
    raw = str(said).strip()
    known = PREFIX.sub("", re.sub(r"[\s-]+", "_", raw.lower()))
    if known in NONE:
        return None
    return OURS.get(known, "stop"), raw
