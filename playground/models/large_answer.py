"""Answers that are too large for their row, as files of the object storage."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from foundation.sealing.files.row import SealedFile
from playground.models.execution import PromptExecution


class LargeAnswer(SealedFile):
    """Where the answer of an execution lies whose own column says that it is elsewhere."""

    folder = "answers"
    again = "Run the prompt again."

    execution = models.OneToOneField(
        PromptExecution, on_delete=models.CASCADE, primary_key=True, related_name="large_answer"
    )
    execution_id: UUID
    size = models.PositiveBigIntegerField()
    """Bytes, plain."""

    class Meta:
        db_table = "large_answers"

    def __str__(self) -> str:
        return f"answer of {self.execution_id}"
