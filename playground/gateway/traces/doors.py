"""`POST /v1/traces`: OTLP over HTTP (opentelemetry.io/docs/specs/otlp, 1.x), in protobuf and in JSON."""

from __future__ import annotations

import logging
import zlib
from types import ModuleType
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import Problem, answers_problems, only
from foundation.words import number
from playground.gateway.running import check_bearer
from playground.gateway.traces.refusal import PROTOBUF
from playground.gateway.traces.span import NoSpans

logger = logging.getLogger(__name__)

JSON: Final = "application/json"
GZIP: Final = 16 + zlib.MAX_WBITS


@only("POST")
@answers_problems
async def traces(request: SignedInRequest) -> HttpResponse:
    """Keeps the calls among the spans, and answers in the encoding of the request."""
    check_bearer(request)
    if request.content_type not in (PROTOBUF, JSON):
        raise Problem(415, "unsupported_media_type", f"{PROTOBUF} or {JSON} is expected.")
    told = await in_database_thread(_taken, request.principal, request.content_type, _encoding(request), request.body)
    return HttpResponse(told, content_type=request.content_type)


def _taken(user: User, kind: str, encoding: str, body: bytes) -> bytes:
    from playground.gateway.traces.keeping import keep

    codec = _codec(kind)
    try:
        outcome = keep(user, codec.spans_of(_unpacked(body, encoding)), now=timezone.now())
    except NoSpans as error:
        raise Problem(400, "malformed_traces", str(error)) from None
    figures = {"kept": len(outcome.kept), "known": outcome.known, "others": outcome.others}
    logger.info("traces_taken", extra={**figures, "rejected": outcome.rejected})
    told: bytes = codec.answer(outcome.rejected, outcome.message)
    return told


def _codec(kind: str) -> ModuleType:
    """Loaded with the first trace: few processes ever see one."""
    if kind == JSON:
        from playground.gateway.traces import json_text

        return json_text
    from playground.gateway.traces import protobuf

    return protobuf


def _encoding(request: SignedInRequest) -> str:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("gzip", "identity", ""):
        raise Problem(
            415, "unsupported_encoding", "gzip, or no encoding, is expected.", headers={"Accept-Encoding": "gzip"}
        )
    return encoding


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The bytes as they were before they were packed; never more than is taken of them."""
    if encoding != "gzip":
        return body
    most = settings.MAX_TRACES_BYTES
    packed = zlib.decompressobj(GZIP)
    try:
        unpacked = packed.decompress(body, most + 1)
    except zlib.error:
        raise Problem(400, "malformed_gzip", "The body is not gzip.") from None
    if len(unpacked) > most:
        raise Problem(413, "too_large", f"Unpacked, a body is taken up to {number(most)} bytes ({most // 2**20} MB).")
    if not packed.eof or packed.unused_data:
        raise Problem(400, "malformed_gzip", "The body is not one whole gzip member.")
    return unpacked
