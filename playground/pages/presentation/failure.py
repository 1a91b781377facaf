"""Why a run failed, for whoever reads it: the cause, who said so and in which words, and when to try again."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from typing import Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from foundation.words import counted
from playground.engine.runner import OUR_MISTAKE, TRY_AGAIN_AFTER
from playground.models import Origin, PromptExecution
from providers.catalogue import listing
from providers.errors import SENTENCE, Code

SENTENCES: Final = {str(code): sentence for code, sentence in SENTENCE.items()}
NOT_ITS_PROVIDER: Final = {
    *(Code.INTERRUPTED, Code.STORAGE_UNAVAILABLE, Code.ARTIFACT_UNAVAILABLE, Code.LIMIT_REACHED),
    *(Code.TOOL_ROUNDS_EXCEEDED, Code.PROVIDER_BUSY),
}
"""Failures of which the provider knows nothing."""
LONG: Final = 140
"""Characters of a provider's words that are shown unfolded."""
_ANSWERED: Final = re.compile(r"It answered with (\d{3})(?:: (.*)|\.)", re.DOTALL)
_INSIDE_200: Final = re.compile(r"It sent an error(?:: (.*)|\.)", re.DOTALL)
_AGAIN: Final = re.compile(rf" ?{re.escape(TRY_AGAIN_AFTER)} [\d:]{{8}} UTC\.$")


class FailureView:
    """A failed run's reason; every page that shows one shows this."""

    def __init__(self, execution: PromptExecution) -> None:
        self.code = execution.error_code
        self._execution = execution
        message = execution.error_message or ""
        self.is_ours = message == OUR_MISTAKE
        self.cause = (
            OUR_MISTAKE if self.is_ours else SENTENCES.get(self.code, "The run failed for a reason of its own.")
        )
        """One sentence."""
        said = "" if self.is_ours else _AGAIN.sub("", message.removeprefix(self.cause).strip())
        answered, inside = _ANSWERED.fullmatch(said), _INSIDE_200.fullmatch(said)
        self.status = answered[1] if answered else ""
        """The HTTP status that the provider answered with; empty where it sent none."""
        found = answered[2] if answered else inside[1] if inside else said
        self.words = (found or "").strip()
        """What it said; ours where it said nothing."""
        self.is_quoted = bool(answered or inside)
        """Whether the words are the provider's own."""

    @property
    def is_long(self) -> bool:
        """Whether the words are folded."""
        return len(self.words) > LONG

    @cached_property
    def address(self) -> str:
        """Where the provider was asked, as it is set up now; empty where it is not its failure, or nobody knows."""
        if self.is_ours or self.code in NOT_ITS_PROVIDER or self._execution.origin == Origin.TRACE:
            return ""
        entry = listing.providers().get(self.provider)
        return entry.address if entry else ""

    @property
    def provider(self) -> str:
        """Its short name."""
        told = self._execution.metadata.get("provider")
        return str(told or self._execution.model_id.partition("/")[0])

    @property
    def retry_at(self) -> datetime | None:
        """When the provider may be asked again; None where it did not say."""
        told = self._execution.metadata.get("retry_at")
        return parse_datetime(told) if isinstance(told, str) else None

    @property
    def retry_in(self) -> str:
        """How long that is from now; empty when it is over."""
        seconds = int((self.retry_at - timezone.now()).total_seconds()) if self.retry_at else 0
        if seconds <= 0:
            return ""
        return counted(seconds, "second") if seconds < 120 else counted(seconds // 60, "minute")
