"""A connection to a server, for one call: the SDK keeps tasks and streams, which must not outlive the call's clock."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from foundation.http.guarded import AddressRefused, check_url
from integrations.client.standing import Standing, standing_of
from playground.models import McpServer
from playground.tools.mcp import settings_file
from playground.tools.tool import ToolFailed

if TYPE_CHECKING:
    from mcp import Client


def standing(server: McpServer) -> Standing:
    """How it has answered of late."""
    return standing_of(f"MCP server {server.name}", server.url)


@asynccontextmanager
async def connected(server: McpServer) -> AsyncIterator[Client]:
    """The initialised client. Raises ToolFailed for whatever goes wrong before, within or after; what the server says
    is wrong with a request is the SDK's MCPError."""
    from mcp import Client, MCPError
    from mcp.client.stdio import StdioServerParameters, stdio_client
    from mcp.client.streamable_http import streamable_http_client

    faults: Any = None
    try:
        async with AsyncExitStack() as stack:
            if server.is_of_file:
                program = settings_file.programs().get(server.name)
                if program is None:
                    raise ToolFailed("The settings file no longer names this server.")
                words = StdioServerParameters(**program.model_dump(exclude_none=True))
                # What it says on its error stream is no business of our log.
                sink = stack.enter_context(open(os.devnull, "w"))  # noqa: ASYNC230, SIM115 - a device
                transport: Any = stdio_client(words, errlog=sink)
            else:
                faults, transport = await _at_address(server, stack, streamable_http_client)
            client = await stack.enter_async_context(Client(transport))
            yield client
    except (ToolFailed, MCPError):
        raise
    except Exception as error:
        inner = _first(error)
        if isinstance(inner, ToolFailed | MCPError):
            raise inner from None
        told = (faults.fault if faults else "") or f"It cannot be reached ({type(inner).__name__})."
        raise ToolFailed(told) from None


async def _at_address(server: McpServer, stack: AsyncExitStack, connect: Any) -> tuple[Any, Any]:
    import httpx2

    from playground.tools.mcp.transport import Guarded

    try:
        check_url(server.url, allow_private=server.allow_private_address)
    except AddressRefused as error:
        raise ToolFailed(f"The address is refused: {error}.") from None
    guarded = Guarded(is_guarded=not server.allow_private_address)
    http = await stack.enter_async_context(httpx2.AsyncClient(transport=guarded, headers=server.headers, timeout=None))
    return guarded, connect(server.url, http_client=http)


def _first(error: BaseException) -> BaseException:
    """The SDK's tasks fail in groups: the first of those that are no groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
