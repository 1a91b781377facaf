"""`POST /v1/traces` as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from foundation.rest.json_shapes import ANY, OBJECT, TEXT, Shape, listed, shaped
from playground.gateway.described import JSON, KEY, ForeignDoor, refusals
from playground.gateway.traces.refusal import PROTOBUF

BYTES: Final[Any] = {"contentMediaType": PROTOBUF}


class TracesExport(Shape):
    """An ExportTraceServiceRequest of OTLP: ids in hex, 64-bit numbers as text, names in camelCase."""

    schema = {"type": "object", "properties": {"resourceSpans": ANY}, "additionalProperties": {}}


class TracesTaken(Shape):
    """An ExportTraceServiceResponse: empty where everything was taken."""

    schema = shaped(partialSuccess=shaped("*", rejectedSpans=TEXT, errorMessage=TEXT))


class RpcStatus(Shape):
    """A google.rpc.Status."""

    schema = shaped("message", message=TEXT, details=listed(OBJECT))


class Traces(ForeignDoor):
    """POST /v1/traces."""

    problem = RpcStatus

    @extend_schema(
        operation_id="traces_export",
        summary="Keep calls that were made elsewhere",
        auth=KEY,
        parameters=[
            OpenApiParameter(
                "Content-Encoding", {"type": "string", "enum": ["gzip", "identity"]}, OpenApiParameter.HEADER
            )
        ],
        request={JSON: TracesExport, PROTOBUF: BYTES},
        responses={
            (200, JSON): TracesTaken,
            (200, PROTOBUF): OpenApiResponse(BYTES, description="The same message, in the encoding of the request."),
            **refusals(RpcStatus, 415),
        },
    )
    def post(self) -> None:
        """OTLP over HTTP (1.x): the calls of models among the spans become history, each once."""


documented = [path("v1/traces", Traces.as_view())]
