"""Comments and ratings of executions over REST (api.md, "Executions")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from playground import feedback
from playground.models import ExecutionRating


class PersonJSON(serializers.Serializer[Any]):
    """Somebody, by id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class AuthorJSON(PersonJSON):
    """Who said it; one whom only an imported file names has no id."""

    id = serializers.UUIDField(allow_null=True)
    imported = serializers.BooleanField(required=False, help_text="true where an imported file says so")


class CommentJSON(serializers.Serializer[Any]):
    """A comment."""

    id = serializers.UUIDField()
    author = AuthorJSON()
    text = serializers.CharField()
    mentions = PersonJSON(many=True)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class CommentBody(StrictSerializer):
    """What somebody says; `@user name` or `@e-mail` names people who may read it."""

    text = serializers.CharField(max_length=10_000)


class CommentsView(APIView):
    """`/api/executions/{id}/comments`."""

    @extend_schema(operation_id="comments_list", parameters=[PageQuery], responses=page_of(CommentJSON))
    def get(self, request: Request, execution_id: UUID) -> Response:
        """Comments, oldest first."""
        query_of(request, PageQuery)
        found = feedback.seen(principal(request), execution_id).comments.select_related("author")
        pages = Pages()
        page: Any = pages.paginate_queryset(found.order_by("created_at", "id"), request, view=self)
        return pages.get_paginated_response(feedback.comments_json(page))

    @extend_schema(operation_id="comments_create", request=CommentBody, responses={201: CommentJSON})
    @idempotent
    def post(self, request: Request, execution_id: UUID) -> Response:
        """Says something; those who look at the session see it at once."""
        user = principal(request)
        execution = feedback.seen(user, execution_id)
        comment = feedback.add_comment(user=user, execution=execution, text=body_of(request, CommentBody)["text"])
        return Response(feedback.comments_json([comment])[0], status=201)


class CommentView(APIView):
    """`/api/comments/{id}`."""

    @extend_schema(operation_id="comments_change", request=CommentBody, responses=CommentJSON)
    def patch(self, request: Request, comment_id: UUID) -> Response:
        """Changes a comment of yours."""
        text = body_of(request, CommentBody)["text"]
        comment = feedback.change_comment(user=principal(request), comment_id=comment_id, text=text)
        return Response(feedback.comments_json([comment])[0])

    @extend_schema(operation_id="comments_delete", responses={204: None})
    def delete(self, request: Request, comment_id: UUID) -> Response:
        """Removes a comment of yours, or any in a session of yours."""
        feedback.remove_comment(user=principal(request), comment_id=comment_id)
        return Response(status=204)


class RatingBody(StrictSerializer):
    """A value or a thumb, with a note."""

    value = serializers.IntegerField(min_value=1, max_value=5, required=False)
    thumb = serializers.ChoiceField(choices=["up", "down"], required=False)
    note = serializers.CharField(max_length=2_000, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("value" in attrs) == ("thumb" in attrs):
            raise serializers.ValidationError({"value": ["A value from 1 to 5 or a thumb is expected: one of them."]})
        return {"value": None, "thumb": "", **attrs}


class ExecutionRatingJSON(serializers.Serializer[Any]):
    """A rating."""

    execution_id = serializers.UUIDField()
    user = AuthorJSON()
    value = serializers.IntegerField(allow_null=True)
    thumb = serializers.ChoiceField(choices=["up", "down"], allow_null=True)
    note = serializers.CharField()
    rated_at = serializers.DateTimeField()


class RatingView(APIView):
    """`/api/executions/{id}/rating`."""

    @extend_schema(operation_id="ratings_list", parameters=[PageQuery], responses=page_of(ExecutionRatingJSON))
    def get(self, request: Request, execution_id: UUID) -> Response:
        """Everybody's rating."""
        query_of(request, PageQuery)
        execution = feedback.seen(principal(request), execution_id)
        found = ExecutionRating.objects.filter(execution=execution).select_related("user").order_by("rated_at", "id")
        pages = Pages()
        page: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([feedback.rating_json(each) for each in page])

    @extend_schema(operation_id="ratings_set", request=RatingBody, responses=ExecutionRatingJSON)
    def put(self, request: Request, execution_id: UUID) -> Response:
        """Your rating; another one takes its place."""
        user = principal(request)
        execution = feedback.seen(user, execution_id)
        return Response(
            feedback.rating_json(feedback.rate(user=user, execution=execution, **body_of(request, RatingBody)))
        )
