"""A template's versions over REST: list, diff, restore, render, fork."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from foundation.rest.openapi import ETAG, LOCATION
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.api.openapi import DifferenceJSON, RenderedJSON, TemplateJSON, UserJSON, VersionJSON
from templates_app.api.templates import response_of
from templates_app.bodies import VersionNumberField
from templates_app.lookup import chosen, version_by_number, visible
from templates_app.models import PromptTemplate
from templates_app.partials import use
from templates_app.partials.expanding import expanded
from templates_app.rendering.render import render
from templates_app.representation import NO_CALL, version_json
from templates_app.versions import lifecycle
from templates_app.versions.difference import changes


class VersionsView(APIView):
    """`/api/templates/{id}/versions`."""

    @extend_schema(operation_id="templates_versions", parameters=[PageQuery], responses=page_of(VersionJSON))
    def get(self, request: Request, template_id: UUID) -> Response:
        """Versions, newest first, with what their executions came to."""
        query_of(request, PageQuery)
        template = visible(principal(request), template_id)
        pages = Pages()
        found = template.versions.select_related("author").defer("sealed").order_by("-number")
        page: Any = pages.paginate_queryset(found, request, view=self)
        names: dict[UUID, list[str]] = {}
        for label in template.labels.all():
            names.setdefault(label.version_id, []).append(label.name)
        return pages.get_paginated_response([version_json(each, sorted(names.get(each.id, []))) for each in page])


class UsedByView(APIView):
    """`/api/templates/{id}/used-by`."""

    @extend_schema(operation_id="templates_used_by", parameters=[PageQuery], responses=page_of(UserJSON))
    def get(self, request: Request, template_id: UUID) -> Response:
        """Which templates insert this one, as far as you may see them: by present versions and by labelled ones."""
        query_of(request, PageQuery)
        user, pages = principal(request), Pages()
        page: Any = pages.paginate_queryset(use.users_of(visible(user, template_id), user), request, view=self)
        return pages.get_paginated_response([use.user_json(each) for each in page])


class DiffQuery(StrictSerializer):
    """Two versions."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": VersionNumberField(), "to": VersionNumberField()}


class DiffView(APIView):
    """`/api/templates/{id}/diff`."""

    @extend_schema(
        operation_id="templates_diff",
        parameters=[OpenApiParameter("from", int, required=True), OpenApiParameter("to", int, required=True)],
        responses=DifferenceJSON,
    )
    def get(self, request: Request, template_id: UUID) -> Response:
        """What changed from one version to another, word by word."""
        asked = query_of(request, DiffQuery)
        template = visible(principal(request), template_id)
        old, new = (version_by_number(template, asked[name]) for name in ("from", "to"))
        return Response({"from": old.number, "to": new.number, "changes": changes(old.content, new.content)})


class RestoreBody(StrictSerializer):
    """Which version is to be the present one again."""

    version = VersionNumberField()
    note = serializers.CharField(max_length=1_000, allow_blank=True, required=False, default="")


class RestoreView(APIView):
    """`/api/templates/{id}/restore`."""

    @extend_schema(
        operation_id="templates_restore", parameters=[ETAG], request=RestoreBody, responses={200: TemplateJSON}
    )
    @idempotent
    def post(self, request: Request, template_id: UUID) -> Response:
        """Saves an earlier version's content as a new version."""
        asked, user = body_of(request, RestoreBody), principal(request)
        lifecycle.restore(user=user, template_id=template_id, number=asked["version"], note=asked["note"])
        return response_of(template_id, user)


class RenderBody(StrictSerializer):
    """Values, and the version they are for."""

    variables = serializers.DictField(required=False)
    version = VersionNumberField(required=False)
    label: Any = serializers.CharField(max_length=50, required=False)


class RenderView(APIView):
    """`/api/templates/{id}/render`."""

    @extend_schema(operation_id="templates_render", request=RenderBody, responses={200: RenderedJSON})
    def post(self, request: Request, template_id: UUID) -> Response:
        """What would be sent; 400 with an error a variable."""
        asked = body_of(request, RenderBody)
        return Response(rendered_json(visible(principal(request), template_id), asked))


def rendered_json(template: PromptTemplate, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What would be sent for a checked `RenderBody`; a Problem has an error a variable."""
    version = chosen(template, number=asked.get("version"), label=asked.get("label"))
    rendered = render(expanded(version).content, asked.get("variables", {}))
    told = {"prompt": rendered.prompt, "system_prompt": rendered.system_prompt or None}
    call = {**NO_CALL, **version.content.call_json(), "messages": rendered.messages}
    return {**told, "version": version.number, **call}


class ForkView(APIView):
    """`/api/templates/{id}/fork`."""

    @extend_schema(
        operation_id="templates_fork", parameters=[ETAG, LOCATION], request=None, responses={201: TemplateJSON}
    )
    @idempotent
    def post(self, request: Request, template_id: UUID) -> Response:
        """A private copy of yours, which remembers where it comes from."""
        user = principal(request)
        made = lifecycle.fork(user=user, template=visible(user, template_id))
        return response_of(made.id, user, status=201)
