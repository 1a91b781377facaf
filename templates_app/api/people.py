"""What people do with a template beside editing it: rate, keep, share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.share_bodies import MemberSerializer
from accounts.requests import principal
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.api.openapi import RatingJSON, ShareJSON
from templates_app.library import ratings
from templates_app.lookup import visible
from templates_app.models import Visibility
from templates_app.sharing import share, share_json


class RateBody(StrictSerializer):
    """A rating."""

    rating = serializers.IntegerField(min_value=1, max_value=5)


class RateView(APIView):
    """`/api/templates/{id}/rate`."""

    @extend_schema(operation_id="templates_rate", request=RateBody, responses={200: RatingJSON})
    def post(self, request: Request, template_id: UUID) -> Response:
        """Your rating; another one takes its place."""
        value = body_of(request, RateBody)["rating"]
        template = ratings.rate(user=principal(request), template_id=template_id, value=value)
        return Response({"rating": template.rating, "ratings_count": template.ratings_count, "mine": value})


class FavouriteView(APIView):
    """`/api/templates/{id}/favourite`."""

    @extend_schema(operation_id="templates_favourite", request=None, responses={204: None})
    def put(self, request: Request, template_id: UUID) -> Response:
        """Puts it among your favourites."""
        ratings.set_favourite(user=principal(request), template_id=template_id, is_favourite=True)
        return Response(status=204)

    @extend_schema(operation_id="templates_unfavourite", responses={204: None})
    def delete(self, request: Request, template_id: UUID) -> Response:
        """Takes it out of your favourites."""
        ratings.set_favourite(user=principal(request), template_id=template_id, is_favourite=False)
        return Response(status=204)


class TemplateShareBody(StrictSerializer):
    """Who sees the template, and as what."""

    visibility = serializers.ChoiceField(choices=Visibility.choices)
    members: Any = serializers.ListSerializer(child=MemberSerializer(), required=False, max_length=200, default=list)


class ShareView(APIView):
    """`/api/templates/{id}/share`."""

    @extend_schema(operation_id="templates_share_retrieve", responses=ShareJSON)
    def get(self, request: Request, template_id: UUID) -> Response:
        """Who sees it, and as what."""
        query_of(request, StrictSerializer)
        return Response(share_json(visible(principal(request), template_id)))

    @extend_schema(operation_id="templates_share", request=TemplateShareBody, responses=ShareJSON)
    def put(self, request: Request, template_id: UUID) -> Response:
        """Sets who sees it; those who are not in the list any more lose it at once."""
        asked = body_of(request, TemplateShareBody)
        return Response(share_json(share(user=principal(request), template_id=template_id, **asked)))
