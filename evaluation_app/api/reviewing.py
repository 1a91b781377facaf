"""Reviewing over REST, for the queue's owner; everybody else has its link (`evaluation_app.pages.reviewing`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.api.review_shapes import AdoptedJSON, LabelledJSON, NextItemJSON
from evaluation_app.models import ReviewLock, ReviewQueue, ReviewRater, Winner
from evaluation_app.review import creating
from evaluation_app.review.adopting import adopt_from
from evaluation_app.review.claiming import next_item
from evaluation_app.review.labelling import Said, label, undo
from evaluation_app.review.progress import own_progress, progress_of
from evaluation_app.review.raters import names_of, user_rater
from evaluation_app.review.representation import item_json, label_json
from evaluation_app.review.showing import shown
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer, TextField

LONGEST_CORRECTION = 100_000
LONGEST_COMMENT = 10_000


class NextBody(StrictSerializer):
    """Body of POST …/next."""

    besides = serializers.UUIDField(required=False, help_text="The item that is looked at now: another one is given.")


class SaidBody(StrictSerializer):
    """What is said of an item: one of passed, rating and winner, as its review asks; or a skip."""

    passed = serializers.BooleanField(required=False)
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False)
    winner = serializers.ChoiceField(choices=Winner.choices, required=False, help_text="By the sides as shown.")
    skip = serializers.BooleanField(required=False)
    corrected = TextField(max_length=LONGEST_CORRECTION, allow_blank=True, required=False)
    comment = TextField(max_length=LONGEST_COMMENT, allow_blank=True, required=False)
    seconds = serializers.FloatField(min_value=0, max_value=86_400, required=False)


class AdoptBody(StrictSerializer):
    """Body of POST …/adopt: the text itself, or whose correction; the newest one when left out."""

    text = TextField(max_length=LONGEST_CORRECTION, required=False)
    label_id = serializers.UUIDField(required=False)


class ReviewNextView(APIView):
    """`/api/reviews/{id}/next`."""

    @extend_schema(operation_id="reviews_next", request=NextBody, responses={200: NextItemJSON, **problems(409)})
    def post(self, request: Request, review_id: UUID) -> Response:
        """The next item that is yours to judge, kept for you for the review's time; null: there is none now."""
        queue, rater = _of(request, review_id)
        lock = next_item(queue, rater, now=timezone.now(), besides=body_of(request, NextBody).get("besides"))
        return Response(_item(queue, rater, lock))


class ReviewItemView(APIView):
    """`/api/reviews/{id}/items/{item}`."""

    @extend_schema(operation_id="reviews_label", request=SaidBody, responses={200: LabelledJSON, **problems(409)})
    def post(self, request: Request, review_id: UUID, item_id: UUID) -> Response:
        """Says what you think of an item, or skips it; 409 `item_lost` where others have taken your place."""
        queue, rater = _of(request, review_id)
        given = body_of(request, SaidBody)
        is_skip = given.pop("skip", False)
        made = label(queue, rater, item_id, Said(**given), is_skip=is_skip, now=timezone.now())
        return Response({"label": label_json(made, names_of(queue)), "progress": _progress(queue, rater)})


class ReviewUndoView(APIView):
    """`/api/reviews/{id}/undo`."""

    @extend_schema(operation_id="reviews_undo", request=None, responses={200: NextItemJSON, **problems(409)})
    def post(self, request: Request, review_id: UUID) -> Response:
        """Takes back the last thing you said, and gives the item again; once more: the one before it."""
        queue, rater = _of(request, review_id)
        return Response(_item(queue, rater, undo(queue, rater, now=timezone.now())))


class ReviewAdoptView(APIView):
    """`/api/reviews/{id}/items/{item}/adopt`."""

    @extend_schema(operation_id="reviews_adopt", request=AdoptBody, responses=AdoptedJSON)
    def post(self, request: Request, review_id: UUID, item_id: UUID) -> Response:
        """Makes a corrected answer what is expected of its case in later tests."""
        user, given = principal(request), body_of(request, AdoptBody)
        item = creating.item_of(creating.visible(user, review_id), item_id)
        row = adopt_from(item, owner=user, text=given.get("text"), label_id=given.get("label_id"))
        return Response({"case_key": row.case_key, "text": row.text, "label_id": row.label_id})


def _of(request: Request, review_id: UUID) -> tuple[ReviewQueue, ReviewRater]:
    user = principal(request)
    queue = creating.visible(user, review_id)
    return queue, user_rater(queue, user)


def _item(queue: ReviewQueue, rater: ReviewRater, lock: ReviewLock | None) -> dict[str, Any]:
    item = item_json(queue, shown(queue, lock)) if lock else None
    return {"item": item, "progress": _progress(queue, rater)}


def _progress(queue: ReviewQueue, rater: ReviewRater) -> dict[str, Any]:
    return {**progress_of(queue).as_json, "yours": own_progress(queue, rater, now=timezone.now()).as_json}
