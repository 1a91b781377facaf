"""Templates over REST: the library, one template, its lint (api.md, "Templates")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.rest.conditional import is_current, is_stale
from foundation.rest.openapi import ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, UNDELETE_LINK, problems
from foundation.rest.pagination import Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer, TextField
from providers.catalogue.listing import model
from templates_app.api.openapi import FindingSerializer, LintRuleSerializer, NamedCountSerializer, TemplateJSON
from templates_app.bodies import (
    ContentSerializer,
    TemplateChangeSerializer,
    TemplateSerializer,
    VersionNumberField,
    content_of,
)
from templates_app.errors import stale
from templates_app.library import facets, filters
from templates_app.linting.lint import lint
from templates_app.linting.registry import all_rules
from templates_app.lookup import visible
from templates_app.models import PromptTemplate, Visibility
from templates_app.partials.binding import as_drafted
from templates_app.partials.references import LONGEST_SLUG, SLUG
from templates_app.representation import as_of, template_json, told_json, whole_json
from templates_app.versions import cache, lifecycle, saving


class FacetQuery(StrictSerializer):
    """Which templates are counted; the facet's own filter is not looked at."""

    search = serializers.CharField(max_length=500, required=False)
    category = serializers.CharField(max_length=100, required=False)
    tag = serializers.CharField(max_length=100, required=False)
    owner = serializers.RegexField(r"^(me|[0-9a-fA-F-]{32,36})$", required=False, help_text="me, or a user's id")
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    slug = serializers.RegexField(
        f"^{SLUG}$",
        max_length=LONGEST_SLUG,
        required=False,
        help_text="one owner has each once; others may have it too",
    )
    label: Any = serializers.CharField(max_length=50, required=False)
    favourite = serializers.BooleanField(required=False, allow_null=True, default=None)

    def validate_owner(self, value: str) -> str:
        if value != "me":
            serializers.UUIDField().run_validation(value)
        return value


class LibraryQuery(FacetQuery):
    """Query of GET /api/templates; a search without an order gives its best matches first."""

    ordering = serializers.ChoiceField(choices=list(filters.ORDERS), required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


class VersionQuery(StrictSerializer):
    """Which version is meant: at most one of the two."""

    version = VersionNumberField(required=False)
    label: Any = serializers.CharField(max_length=50, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "version" in attrs and "label" in attrs:
            raise serializers.ValidationError({"label": ["Ask by version or by label, not by both."]})
        return attrs


class TemplateQuery(VersionQuery):
    """Which version, and whether with the texts of its partials."""

    expanded = serializers.BooleanField(
        default=False, help_text="true: texts hold the texts of their partials, and no reference to them"
    )


class TemplatesView(APIView):
    """`/api/templates`."""

    @extend_schema(operation_id="templates_list", parameters=[LibraryQuery], responses=page_of(TemplateJSON))
    def get(self, request: Request) -> Response:
        """Templates that you may read; `lint` is told for single templates only."""
        user, wanted = principal(request), query_of(request, LibraryQuery)
        pages = Pages()
        found: Any = filters.Matches(user, wanted)
        page: Any = pages.paginate_queryset(found, request, view=self)
        held = ((template, as_of(template, template.version, with_lint=False)) for template in page)
        return pages.get_paginated_response([template_json(template, each, user) for template, each in held])

    @extend_schema(
        operation_id="templates_create",
        parameters=[ETAG, LOCATION],
        request=TemplateSerializer,
        responses={201: TemplateJSON},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new template of yours, private unless `is_public`."""
        user = principal(request)
        made = lifecycle.create(owner=user, change=saving.new(body_of(request, TemplateSerializer)))
        return response_of(made.id, user, status=201)


class TemplateView(APIView):
    """`/api/templates/{id}`."""

    @extend_schema(
        operation_id="templates_retrieve",
        parameters=[TemplateQuery, IF_NONE_MATCH, ETAG],
        responses={200: TemplateJSON, 304: None},
    )
    def get(self, request: Request, template_id: UUID) -> Response:
        """The template as of a version or label, else as it is; `If-None-Match` is answered with 304."""
        user, wanted = principal(request), query_of(request, TemplateQuery)
        template = visible(user, template_id)
        held = cache.held(template, number=wanted.get("version"), label=wanted.get("label"))
        tag = saving.tag_of(template, held["version"])
        told = (whole_json if wanted["expanded"] else told_json)(template, held, user)
        # What a partial came to is no change of this template's: its tag says nothing of it.
        if not told["partials"] and is_current(request.headers, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(told, headers={"ETag": tag, "Cache-Control": "private, no-cache"})

    @extend_schema(
        operation_id="templates_replace",
        parameters=[IF_MATCH, ETAG],
        request=TemplateSerializer,
        responses={200: TemplateJSON, **problems(409)},
    )
    def put(self, request: Request, template_id: UUID) -> Response:
        """Replaces the template; a new version when the content changed."""
        return self._save(request, template_id, replaces=True)

    @extend_schema(
        operation_id="templates_change",
        parameters=[IF_MATCH, ETAG],
        request=TemplateChangeSerializer,
        responses={200: TemplateJSON, **problems(409)},
    )
    def patch(self, request: Request, template_id: UUID) -> Response:
        """Changes what the body names; a new version when the content changed."""
        return self._save(request, template_id, replaces=False)

    def _save(self, request: Request, template_id: UUID, *, replaces: bool) -> Response:
        user = principal(request)
        rules = TemplateSerializer if replaces else TemplateChangeSerializer
        change_of = saving.changing(body_of(request, rules), replaces=replaces)

        def checked(template: PromptTemplate) -> lifecycle.Change:
            if is_stale(request.headers, saving.tag_of(template, template.version.number)):
                seen = visible(user, template_id)
                raise stale(told_json(seen, cache.held(seen), user))
            return change_of(template)

        lifecycle.save(user=user, template_id=template_id, change_of=checked)
        return response_of(template_id, user)

    @extend_schema(operation_id="templates_delete", parameters=[UNDELETE_LINK], responses={204: None})
    def delete(self, request: Request, template_id: UUID) -> Response:
        """Deletes it; for 30 days POST /api/templates/{id}/undelete brings it back."""
        lifecycle.delete(user=principal(request), template_id=template_id)
        link = f'</api/templates/{template_id}/undelete>; rel="undelete"; method="POST"'
        return Response(status=204, headers={"Link": link})


class UndeleteView(APIView):
    """`/api/templates/{id}/undelete`."""

    @extend_schema(operation_id="templates_undelete", parameters=[ETAG], request=None, responses={200: TemplateJSON})
    def post(self, request: Request, template_id: UUID) -> Response:
        """Brings a template back that was deleted within 30 days."""
        lifecycle.undelete(user=principal(request), template_id=template_id)
        return response_of(template_id, principal(request))


class CategoriesView(APIView):
    """`/api/templates/categories`."""

    @extend_schema(
        operation_id="templates_categories", parameters=[FacetQuery], responses=NamedCountSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Categories of the templates that you may read, as a search and other filters narrow them."""
        return Response(facets.categories(principal(request), query_of(request, FacetQuery)))


class TagsView(APIView):
    """`/api/templates/tags`."""

    @extend_schema(operation_id="templates_tags", parameters=[FacetQuery], responses=NamedCountSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Tags of the templates that you may read, as a search and other filters narrow them."""
        return Response(facets.tags(principal(request), query_of(request, FacetQuery)))


class LintBody(ContentSerializer):
    """What is to be looked at, as it is typed."""

    prompt = TextField(allow_blank=True, required=False, help_text="Or messages.")
    model_id: Any = serializers.CharField(max_length=255, required=False, help_text="Its window is looked at too.")


class LintView(APIView):
    """`/api/templates/lint`."""

    @extend_schema(operation_id="templates_lint", request=LintBody, responses={200: FindingSerializer})
    def post(self, request: Request) -> Response:
        """Guidance on a text: what it lacks or risks, why, and what good looks like."""
        asked = body_of(request, LintBody)
        known = model(asked["model_id"]) if asked.get("model_id") else None
        window = known["context_window"] if known else None
        content = content_of(asked)
        names = as_drafted(content, user=principal(request)).names
        findings = lint(
            content,
            context_window=window,
            model_id=asked.get("model_id", ""),
            also_used=names,
            inferred=frozenset(content.variable_names) if "variables" not in asked else frozenset(),
        )
        return Response({"findings": [finding.as_json() for finding in findings]})


class LintRulesView(APIView):
    """`/api/templates/lint/rules`."""

    @extend_schema(operation_id="templates_lint_rules", responses=LintRuleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every rule with its reason and an example."""
        query_of(request, StrictSerializer)
        return Response([rule.as_json() for rule in all_rules()])


def response_of(template_id: UUID, user: User, *, status: int = 200) -> Response:
    """The template after a write, with its ETag."""
    template = visible(user, template_id)
    held = cache.held(template)
    headers = {"ETag": saving.tag_of(template, held["version"])}
    if status == 201:
        headers["Location"] = f"/api/templates/{template_id}"
    return Response(told_json(template, held, user), status=status, headers=headers)
