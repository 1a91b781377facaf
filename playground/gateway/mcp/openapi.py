"""`POST /mcp` as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from foundation.rest.json_shapes import ANY, NULL, OBJECT, TEXT, WHOLE, Shape, maybe, one_of, shaped, word
from playground.gateway.described import BEARER, ForeignDoor
from playground.gateway.mcp.methods import METHODS, VERSIONS

ID: Final = one_of(TEXT, WHOLE)
LIST: Final = OpenApiExample("The tools", value={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, request_only=True)


class McpMessage(Shape):
    """One message of JSON-RPC 2.0: a request, or a notification without `id`."""

    schema = {
        "type": "object",
        "properties": {
            "jsonrpc": word("2.0"),
            "id": ID,
            "method": {**TEXT, "description": ", ".join(METHODS)},
            "params": maybe(OBJECT),
            "result": ANY,
            "error": ANY,
        },
        "required": ["jsonrpc"],
        "anyOf": [{"required": ["method"]}, {"required": ["result"]}, {"required": ["error"]}],
    }


ERROR: Final = shaped("code message", code=WHOLE, message=TEXT, data=ANY)


class McpError(Shape):
    """What the protocol refuses; faults of a tool are its result."""

    schema = shaped("*", jsonrpc=word("2.0"), id=one_of(TEXT, WHOLE, NULL), error=ERROR)


class McpAnswer(Shape):
    """The response to a request: its result, or what the protocol refuses."""

    schema = one_of(shaped("*", jsonrpc=word("2.0"), id=ID, result=OBJECT), McpError)


class Mcp(ForeignDoor):
    """POST /mcp."""

    problem = McpError

    @extend_schema(
        operation_id="mcp",
        summary="Templates, runs and tests for MCP clients",
        auth=BEARER,
        parameters=[
            OpenApiParameter(
                "MCP-Protocol-Version", {"type": "string", "enum": list(VERSIONS)}, OpenApiParameter.HEADER
            )
        ],
        request=McpMessage,
        examples=[LIST],
        responses={
            200: McpAnswer,
            202: OpenApiResponse(description="A notification was taken; nothing is said to it."),
        },
    )
    def post(self) -> None:
        """Streamable HTTP without a session: any process answers any call, at once and in JSON."""


documented: list[Any] = [path("mcp", Mcp.as_view())]
