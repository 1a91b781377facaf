"""Queues of reviews over REST: made, changed, read by their owner (api.md, "Evaluation")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from evaluation_app.api.review_shapes import AgreementJSON, ReviewJSON, ReviewLabelJSON
from evaluation_app.models import ReviewKind, ReviewQueue, ReviewScale, ReviewSelection
from evaluation_app.review import creating
from evaluation_app.review.agreement import agreement_of
from evaluation_app.review.raters import names_of
from evaluation_app.review.representation import label_json, review_json
from evaluation_app.review.said import labels_of
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer, TextField

LONGEST_RUBRIC = 20_000
MOST_RATERS = 20


class RubricBody(StrictSerializer):
    """What reviewers go by."""

    text = TextField(max_length=LONGEST_RUBRIC, allow_blank=True)
    scale = serializers.ChoiceField(choices=ReviewScale.choices, required=False, help_text="pass_fail when left out.")
    pass_from: Any = serializers.IntegerField(
        min_value=1, max_value=5, required=False, help_text="Of one_to_five: the rating that passes; 4 when left out."
    )


class NewReviewBody(StrictSerializer):
    """Body of POST /api/reviews."""

    test_id = serializers.UUIDField()
    name = serializers.CharField(max_length=255)
    kind = serializers.ChoiceField(choices=ReviewKind.choices, required=False, help_text="single when left out.")
    selection = serializers.ChoiceField(
        choices=ReviewSelection.choices,
        required=False,
        help_text="random (drawn from all answers) when left out: labels of others may not calibrate a judge.",
    )
    size = serializers.IntegerField(
        min_value=1, max_value=creating.MOST_ITEMS, required=False, help_text="Items; all when left out."
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    variants = serializers.ListField(
        child=serializers.CharField(max_length=300),
        min_length=2,
        max_length=2,
        required=False,
        help_text="Of pairs: whose answers are compared; needed where the test has more than two variants.",
    )
    blind = serializers.BooleanField(required=False, help_text="true when left out.")
    rubric = RubricBody()
    raters_per_item = serializers.IntegerField(min_value=1, max_value=MOST_RATERS, required=False)
    lock_seconds = serializers.IntegerField(min_value=30, max_value=86_400, required=False)
    link_days = serializers.IntegerField(
        min_value=1, max_value=365, required=False, allow_null=True, help_text="30 when left out; null: no link."
    )


class ReviewChangeBody(StrictSerializer):
    """Body of PATCH /api/reviews/{id}."""

    name = serializers.CharField(max_length=255, required=False)
    rubric = TextField(max_length=LONGEST_RUBRIC, allow_blank=True, required=False, help_text="Until the first label.")
    raters_per_item = serializers.IntegerField(min_value=1, max_value=MOST_RATERS, required=False)
    lock_seconds = serializers.IntegerField(min_value=30, max_value=86_400, required=False)
    link: Any = serializers.ChoiceField(
        choices=["new", "revoked"], required=False, help_text="A new link ends the one before."
    )
    link_days = serializers.IntegerField(min_value=1, max_value=365, required=False)


class ReviewsQuery(PageQuery):
    """Query of GET /api/reviews."""

    test_id = serializers.UUIDField(required=False)


class ReviewsView(APIView):
    """`/api/reviews`."""

    @extend_schema(operation_id="reviews_list", parameters=[ReviewsQuery], responses=page_of(ReviewJSON))
    def get(self, request: Request) -> Response:
        """Your reviews, the newest first."""
        wanted, pages = query_of(request, ReviewsQuery), Pages()
        found = ReviewQueue.objects.visible_to(principal(request)).select_related("test")
        if "test_id" in wanted:
            found = found.filter(test_id=wanted["test_id"])
        rows: Any = pages.paginate_queryset(found.order_by("-created_at", "-id"), request, view=self)
        return pages.get_paginated_response([_told(request, queue) for queue in rows or ()])

    @extend_schema(
        operation_id="reviews_create",
        parameters=[LOCATION],
        request=NewReviewBody,
        responses={201: ReviewJSON, **problems(404, 409)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Draws answers of a test that has ended, and gives the link by which anybody reviews them."""
        queue = creating.create(user=principal(request), asked=body_of(request, NewReviewBody), now=timezone.now())
        return Response(_told(request, queue), status=201, headers={"Location": f"/api/reviews/{queue.id}"})


class ReviewView(APIView):
    """`/api/reviews/{id}`."""

    @extend_schema(operation_id="reviews_get", responses=ReviewJSON)
    def get(self, request: Request, review_id: UUID) -> Response:
        """The review, how far it is, and its link while it leads there."""
        return Response(_told(request, creating.visible(principal(request), review_id)))

    @extend_schema(
        operation_id="reviews_change", request=ReviewChangeBody, responses={200: ReviewJSON, **problems(409)}
    )
    def patch(self, request: Request, review_id: UUID) -> Response:
        """Changes it; `link` makes a new link, or takes the one that there is back."""
        queue = creating.visible(principal(request), review_id)
        changed = creating.change(queue, body_of(request, ReviewChangeBody), now=timezone.now())
        return Response(_told(request, changed))

    @extend_schema(operation_id="reviews_delete", responses={204: None})
    def delete(self, request: Request, review_id: UUID) -> Response:
        """Deletes it with all its labels."""
        creating.delete(creating.visible(principal(request), review_id))
        return Response(status=204)


class ReviewLabelsView(APIView):
    """`/api/reviews/{id}/labels`."""

    @extend_schema(operation_id="reviews_labels", parameters=[PageQuery], responses=page_of(ReviewLabelJSON))
    def get(self, request: Request, review_id: UUID) -> Response:
        """What reviewers said and did not take back, skips too, in the order in which they said it."""
        query_of(request, PageQuery)
        queue, pages = creating.visible(principal(request), review_id), Pages()
        rows: Any = pages.paginate_queryset(labels_of(queue), request, view=self)
        names = names_of(queue)
        return pages.get_paginated_response([label_json(label, names) for label in rows or ()])


class ReviewAgreementView(APIView):
    """`/api/reviews/{id}/agreement`."""

    @extend_schema(operation_id="reviews_agreement", responses=AgreementJSON)
    def get(self, request: Request, review_id: UUID) -> Response:
        """How far reviewers agree beyond chance, and every item where they do not."""
        return Response(agreement_of(creating.visible(principal(request), review_id)))


def _told(request: Request, queue: ReviewQueue) -> dict[str, Any]:
    return review_json(queue, origin=request.build_absolute_uri("/"), now=timezone.now())
