"""MCP servers over REST: set up at an address, looked at, and which of their tools are offered; for administrators."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from playground.bodies.mcp_servers import (
    McpServerBody,
    McpServerChangeBody,
    McpServerJSON,
    McpServersJSON,
    server_json,
)
from playground.tools.mcp import setting_up


class McpServersView(APIView):
    """`GET | POST /api/mcp-servers`."""

    @extend_schema(operation_id="mcp_servers_list", responses={200: McpServersJSON, **problems(403)})
    def get(self, request: Request) -> Response:
        """The servers whose tools models may be offered, with what they have."""
        query_of(request, StrictSerializer)
        return Response({"results": [server_json(each) for each in setting_up.all_of(principal(request))]})

    @extend_schema(
        operation_id="mcp_servers_create",
        parameters=[LOCATION],
        request=McpServerBody,
        responses={201: McpServerJSON, **problems(403)},
    )
    def post(self, request: Request) -> Response:
        """Sets one up and reads its tools; they are offered once their fingerprints stand in `offered`."""
        setting_up.check_may(principal(request))
        made = setting_up.make(principal(request), body_of(request, McpServerBody))
        return Response(server_json(made), status=201, headers={"Location": f"/api/mcp-servers/{made.id}"})


class McpServerView(APIView):
    """`GET | PATCH | DELETE /api/mcp-servers/{id}`."""

    @extend_schema(operation_id="mcp_servers_server", responses={200: McpServerJSON, **problems(403, 404)})
    def get(self, request: Request, server_id: UUID) -> Response:
        """The server, and its tools as it last told them."""
        query_of(request, StrictSerializer)
        return Response(server_json(setting_up.one_of(principal(request), server_id)))

    @extend_schema(
        operation_id="mcp_servers_change",
        request=McpServerChangeBody,
        responses={200: McpServerJSON, **problems(403, 404)},
    )
    def patch(self, request: Request, server_id: UUID) -> Response:
        """Changes what the body names; at another address nothing is offered, and saved headers are forgotten."""
        user = principal(request)
        setting_up.one_of(user, server_id)
        return Response(server_json(setting_up.change(user, server_id, body_of(request, McpServerChangeBody))))

    @extend_schema(operation_id="mcp_servers_delete", responses={204: None, **problems(403, 404, 409)})
    def delete(self, request: Request, server_id: UUID) -> Response:
        """Its tools are offered no more."""
        setting_up.remove(principal(request), server_id)
        return Response(status=204)


class McpServerListingView(APIView):
    """`POST /api/mcp-servers/{id}/list`."""

    @extend_schema(operation_id="mcp_servers_read", request=None, responses={200: McpServerJSON, **problems(403, 404)})
    def post(self, request: Request, server_id: UUID) -> Response:
        """Reads its tools now, as it is done every five minutes; `fault` says why where it does not tell them."""
        return Response(server_json(setting_up.look(principal(request), server_id)))
