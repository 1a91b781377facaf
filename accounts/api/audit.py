"""The audit log over REST: administrators see all of it, everybody what they did themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role, User
from accounts.requests import principal
from audit.acts import API_TOKEN, Act
from audit.export import FORMATS
from audit.models import AuditEntry
from audit.reading import all_entries, entries_of, page_of, walked
from foundation import context
from foundation.downloads.sending import download
from foundation.numbers import LARGEST_INTEGER
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import ATTACHMENT, files, problems
from foundation.rest.pagination import LARGEST
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer

PAGE = 50


class AuditFilter(StrictSerializer):
    """What narrows the log."""

    actor = serializers.UUIDField(required=False, help_text="The id of whoever did it.")
    act = serializers.ChoiceField(Act.choices, required=False)
    kind = serializers.CharField(max_length=40, required=False, help_text="Of the object, such as `template`.")
    object = serializers.CharField(max_length=255, required=False, help_text="The object's id.")
    by = serializers.CharField(
        max_length=60,
        required=False,
        help_text="`session`, `web_token`, `api_token`, `api_token:<id>`, `service` or `database`.",
    )
    address = serializers.IPAddressField(required=False, help_text="Where the request came from.")
    organisation = serializers.CharField(max_length=255, required=False, help_text="Of whoever did it.")
    to = serializers.DateTimeField(required=False, help_text="Before then.")

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which is no name in Python."""
        since = serializers.DateTimeField(required=False, help_text="From then on.")
        return {**super().get_fields(), "from": since}


class AuditQuery(AuditFilter):
    """Query of GET /api/audit."""

    cursor = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_INTEGER)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)


class AuditEntryJSON(serializers.ModelSerializer[AuditEntry]):
    """What was done; names of fields, and nothing of what stands in them."""

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "organisation", "actor", "by", "act", "kind", "object_id", "concerns", "fields", "address",
            "request_id",
        ]  # fmt: skip


class AuditJSON(serializers.Serializer[Any]):
    """A page of the audit log, newest first."""

    next = serializers.URLField(allow_null=True)
    results = AuditEntryJSON(many=True)


class AuditView(APIView):
    """`GET /api/audit`."""

    @extend_schema(operation_id="audit_list", parameters=[AuditQuery], responses={200: AuditJSON, **problems(400)})
    def get(self, request: Request) -> Response:
        """Who did what to which thing. Administrators see all; others, and API tokens, what they did themselves."""
        asked = query_of(request, AuditQuery)
        page = page_of(entries_seen_by(principal(request)), asked, size=asked.get("page_size", PAGE))
        return Response(AuditJSON({"next": _next(request, page.next), "results": page.entries}).data)


class AuditExportQuery(AuditFilter):
    """Query of GET /api/audit/export."""

    format = serializers.ChoiceField(choices=list(FORMATS), required=False, default="csv")


class AuditExportView(APIView):
    """`GET /api/audit/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="audit_export",
        parameters=[AuditExportQuery, ATTACHMENT],
        responses={**files(*(each.media_type for each in FORMATS.values())), **problems(400)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The entries that one may read and that fit, newest first, as a file; that it was taken is an entry too."""
        asked = query_of(request, AuditExportQuery)
        chosen = FORMATS[asked.pop("format")]
        chunks = chosen.write(walked(entries_seen_by(principal(request)), asked))
        return download(chunks, title="audit log", media_type=chosen.media_type, suffix=chosen.suffix)


def sees_all(user: User) -> bool:
    """Whether somebody reads what others did: administrators, but not a token of theirs, which may leak."""
    return user.has_role(Role.ADMIN) and not context.asker.get().by.startswith(API_TOKEN)


def entries_seen_by(user: User) -> QuerySet[AuditEntry]:
    """All for administrators, what they did themselves for others."""
    return all_entries() if sees_all(user) else entries_of(user.id)


def _next(request: Request, cursor: int | None) -> str | None:
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = str(cursor)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
