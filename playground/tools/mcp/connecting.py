"""A connection to a server, for one call: the SDK keeps tasks and streams, which must not outlive the call's clock."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from foundation.http.guarded import AddressRefused, check_url
from integrations.client.standing import Standing, standing_of
from playground.models import McpServer
from playground.tools.mcp import settings_file
from playground.tools.tool import ToolFailed

if TYPE_CHECKING:
    from mcp import Client

HANDSHAKE: Final = 10.0
"""Seconds until a server has said who it is."""


def standing(server: McpServer) -> Standing:
    """How it has answered of late."""
    return standing_of(f"MCP server {server.name}", server.url)


class ServerRefused(ToolFailed):
    """The server is there, and says that a request does not hold."""


@asynccontextmanager
async def connected(server: McpServer) -> AsyncIterator[Client]:
    """The initialised client; raises ToolFailed for whatever goes wrong before, within or after."""
    # Two seconds of imports, which nobody's stream should wait for.
    await asyncio.to_thread(importlib.import_module, "mcp")
    from mcp import Client, MCPError

    faults: Any = None
    try:
        async with AsyncExitStack() as stack:
            if server.is_of_file:
                transport = _program(server, stack)
            else:
                faults, transport = await _at_address(server, stack)
            async with asyncio.timeout(HANDSHAKE):
                client = await stack.enter_async_context(Client(transport))
            yield client
    except Exception as error:
        inner = _first(error)
        if isinstance(inner, ToolFailed):
            raise inner from None
        if faults and faults.fault:
            raise ToolFailed(faults.fault) from None
        if isinstance(inner, MCPError):
            raise ServerRefused(f"Its server refused: {str(inner)[:300]}") from None
        if isinstance(inner, TimeoutError):
            raise ToolFailed(f"It did not answer within {HANDSHAKE:.0f} seconds.") from None
        raise ToolFailed(f"It cannot be reached ({type(inner).__name__}).") from None


def _program(server: McpServer, stack: AsyncExitStack) -> Any:
    from mcp.client.stdio import StdioServerParameters, stdio_client

    program = settings_file.programs().get(server.name)
    if program is None:
        raise ToolFailed("The settings file no longer names this server.")
    words = StdioServerParameters(**program.model_dump(exclude_none=True))
    # What it says on its error stream is no business of our log.
    return stdio_client(words, errlog=stack.enter_context(open(os.devnull, "w")))


async def _at_address(server: McpServer, stack: AsyncExitStack) -> tuple[Any, Any]:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    from playground.tools.mcp.transport import Guarded

    try:
        check_url(server.url, allow_private=server.allow_private_address)
    except AddressRefused as error:
        raise ToolFailed(f"The address is refused: {error}.") from None
    guarded = Guarded(is_guarded=not server.allow_private_address)
    http = await stack.enter_async_context(httpx2.AsyncClient(transport=guarded, headers=server.headers, timeout=None))
    return guarded, streamable_http_client(server.url, http_client=http)


def _first(error: BaseException) -> BaseException:
    """The SDK's tasks fail in groups: the first of those that are no groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
