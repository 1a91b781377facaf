"""Reviews, their items and labels in JSON (api.md, "Evaluation")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from evaluation_app.models import ReviewLabel, ReviewQueue
from evaluation_app.review.links import token_of
from evaluation_app.review.progress import progress_of
from evaluation_app.review.showing import ShownItem


def review_json(queue: ReviewQueue, *, origin: str, now: datetime) -> dict[str, Any]:
    """A queue, as its owner sees it; `origin` is what addresses of this service begin with."""
    return {
        "id": queue.id,
        "name": queue.name,
        "test_id": queue.test_id,
        "kind": queue.kind,
        "selection": queue.selection,
        "is_random": queue.is_random,
        "seed": queue.seed,
        "size": queue.size,
        "blind": queue.is_blind,
        "rubric": {"text": queue.rubric, "scale": queue.scale or None, "pass_from": queue.pass_from},
        "raters_per_item": queue.raters_per_item,
        "lock_seconds": queue.lock_seconds,
        "link": link_json(queue, origin=origin, now=now),
        "progress": progress_of(queue).as_json,
        "created_at": queue.created_at,
    }


def link_json(queue: ReviewQueue, *, origin: str, now: datetime) -> dict[str, Any] | None:
    """Where the queue is reviewed, and until when; None while no link leads there."""
    token = token_of(queue, now=now)
    if token is None:
        return None
    return {"address": origin.rstrip("/") + reverse("review", args=[token]), "ends_at": queue.link_ends_at}


def item_json(queue: ReviewQueue, shown: ShownItem) -> dict[str, Any]:
    """An item, as whoever judges it sees it."""
    former = shown.former
    return {
        "id": shown.item.id,
        "position": shown.item.position,
        "input": shown.input,
        "answers": [
            {"side": each.side, "text": each.text, "variant": each.variant, "model_id": each.model_id}
            for each in shown.answers
        ],
        "until": shown.until,
        "former": former and {"corrected": former.corrected, "comment": former.comment},
    }


def label_json(label: ReviewLabel, names: Mapping[UUID, str]) -> dict[str, Any]:
    """What one rater said, as the queue's owner reads it; `names` of the queue's raters."""
    item, case = label.item, label.item.sample.case
    return {
        "id": label.id,
        "item": item.id,
        "position": item.position,
        "case": case.position,
        "case_key": case.key,
        "samples": [each for each in (item.sample_id, item.other_sample_id) if each],
        "rater": {"id": label.rater_id, "name": names[label.rater_id], "user_id": label.rater.user_id},
        "skipped": label.is_skip,
        "passed": label.passed,
        "rating": label.rating,
        "winner": label.winner or None,
        "corrected": label.corrected,
        "comment": label.comment,
        "seconds": label.seconds,
        "created_at": label.created_at,
    }
