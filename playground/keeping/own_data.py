"""What a person has run, said and uploaded, for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from accounts.models import User
from foundation.sealing.encryption import CannotDecrypt, StoreAway
from foundation.sealing.files.opening import pieces
from foundation.sealing.files.values import AWAY
from playground.models import (
    Attachment,
    Comparison,
    ComparisonVote,
    ExecutionComment,
    ExecutionRating,
    ExecutionUsage,
    PlaygroundDefaults,
    PromptExecution,
)
from privacy.own_data.records import of_rows
from privacy.own_data.sources import File, Files, register


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "executions",
        "What you have run, and what came back. `request` is what was asked, `answer` what the model said.",
        lambda user: PromptExecution.objects.filter(user=user),
        "id", "session_id", "template_version_id", "comparison_id", "parent_id", "model_id", "status", "request",
        "answer", "parameters", "error_code", "error_message", "prompt_tokens", "completion_tokens", "estimated_cost",
        "execution_time", "whole_metadata", "created_at", "ended_at",
    )  # fmt: skip
    of_rows(
        "usage",
        "What your runs used, also of runs that are not kept any more. Costs in hundred-millionths of a dollar.",
        lambda user: ExecutionUsage.objects.filter(user_id=user.id),
        "execution_id", "began_at", "session_id", "project_id", "template_version_id", "token_id", "model_id", "origin",
        "status", "error_code", "is_copy", "is_cached", "prompt_tokens", "completion_tokens", "cost", "latency",
        "first_token",
    )  # fmt: skip
    of_rows(
        "comments",
        "Your comments on executions.",
        lambda user: ExecutionComment.objects.filter(author=user),
        "id", "execution_id", "text", "created_at", "edited_at",
    )  # fmt: skip
    of_rows(
        "ratings",
        "Your ratings of answers; `sealed` is the note.",
        lambda user: ExecutionRating.objects.filter(user=user),
        "id", "execution_id", "value", "thumb", "sealed", "rated_at",
    )  # fmt: skip
    of_rows(
        "votes",
        "Which answers you found best; without an execution it was a tie.",
        lambda user: ComparisonVote.objects.filter(user=user),
        "comparison_id", "execution_id", "voted_at",
    )  # fmt: skip
    of_rows(
        "comparisons",
        "The comparisons that you have run, with their names.",
        lambda user: Comparison.objects.filter(user=user),
        "id", "session_id", "name", "created_at",
    )  # fmt: skip
    of_rows(
        "playground_defaults",
        "The model and the parameters that your new prompts begin with.",
        lambda user: PlaygroundDefaults.objects.filter(user=user),
        "model_id", "parameters", "changed_at",
    )  # fmt: skip
    of_rows(
        "uploads",
        "What is known of the files that you have uploaded.",
        lambda user: Attachment.objects.filter(user=user),
        "id", "media_type", "size", "facts", "created_at",
    )  # fmt: skip
    register(Files("uploaded", "The files that you have uploaded, in the order of uploads.jsonl.", _files))


def _files(user: User) -> Iterator[File]:
    for row in Attachment.objects.filter(user=user).exclude(storage_name="").order_by("pk").iterator(chunk_size=100):
        yield File(str(row.facts.get("name") or row.id), partial(_bytes, row))


def _bytes(row: Attachment) -> Iterator[bytes]:
    """A file that the storage lost is an empty one, and keeps no other from coming along."""
    try:
        yield from pieces(row)
    except (FileNotFoundError, CannotDecrypt):
        return
    except Exception as error:  # whatever a storage raises: its libraries share no class
        raise StoreAway(AWAY) from error
