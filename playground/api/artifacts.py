"""Pictures and files for prompts over REST (api.md, "Parts"): uploaded, looked at, fetched."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import principal
from foundation.downloads.naming import content_disposition, uploaded_name
from foundation.media.facts import LARGEST
from foundation.media.recognise import TAKEN
from foundation.problems import not_found
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import ATTACHMENT, files, problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from foundation.sealing.files.opening import contents
from foundation.words import number
from playground.attachments.representation import attachment_json
from playground.attachments.storing import take
from playground.models import Attachment

HEADERS: Final = {
    "Cache-Control": "private, max-age=300",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Whatever somebody uploaded is shown by us in an <img>, and runs nowhere."""
SUFFIXES: Final = dict(zip(TAKEN, (".png", ".jpg", ".webp", ".gif", ".pdf", ".txt"), strict=True))


class UploadSerializer(StrictSerializer):
    """Body of POST /api/artifacts (multipart/form-data)."""

    file: Any = serializers.FileField(
        help_text=(
            f"PNG, JPEG, WebP, GIF, PDF or plain text in UTF-8, up to {number(LARGEST)} bytes; told from its bytes."
        )
    )


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file that was uploaded for prompts; `expires_at` is null once an execution was sent it."""

    artifact_id = serializers.UUIDField()
    media_type = serializers.ChoiceField(choices=TAKEN)
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    pages = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class UploadView(APIView):
    """`POST /api/artifacts`."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="artifacts_create",
        request={"multipart/form-data": UploadSerializer},
        responses={201: AttachmentSerializer, **problems(429)},
    )
    def post(self, request: Request) -> Response:
        """Keeps a picture or a file for a prompt; the same bytes again are the same artifact."""
        query_of(request, StrictSerializer)
        rules = UploadSerializer(data=request.data)
        rules.is_valid(raise_exception=True)
        file = rules.validated_data["file"]
        kept = take(user=principal(request), data=file.read(), name=file.name or "", now=timezone.now())
        return Response(facts(kept), status=201)


class ContentView(APIView):
    """`GET /api/artifacts/{id}/content`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="artifacts_content", parameters=[ATTACHMENT], responses={**files(*TAKEN), **problems(410)}
    )
    def get(self, request: Request, artifact_id: UUID) -> HttpResponseBase:
        """The file's bytes: yours, and those of executions that you may read."""
        query_of(request, StrictSerializer)
        found = visible(principal(request), artifact_id)
        headers = {**HEADERS, "Content-Length": str(found.size), "Content-Disposition": _disposition(found)}
        return StreamingHttpResponse(_sent(found), content_type=found.media_type, headers=headers)


def visible(user: User, artifact_id: UUID) -> Attachment:
    """The file where `user` may see it; a 404 problem for strangers."""
    found = Attachment.objects.visible_to(user).filter(id=artifact_id).first()
    if found is None:
        raise not_found("The artifact")
    return found


def facts(attachment: Attachment) -> dict[str, Any]:
    """Its facts in JSON."""
    is_used = Attachment.objects.used().filter(id=attachment.id).exists()
    return attachment_json(attachment, is_used=is_used)


def _sent(attachment: Attachment) -> Any:
    pieces = contents(attachment)

    async def sent() -> Any:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece

    return sent()


def _disposition(attachment: Attachment) -> str:
    """An attachment under its own name, for whoever opens its address; an <img> does not mind."""
    suffix = SUFFIXES[attachment.media_type]
    name = uploaded_name(str(attachment.facts.get("name") or "file"), suffix=suffix)
    return content_disposition(name, fallback=f"artifact{suffix}")
