"""A connection to a server, for one call: the SDK keeps tasks and streams, which must not outlive the call's clock."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from foundation.http.guarded import AddressRefused, check_url
from integrations.client.standing import Standing, standing_of
from playground.models import McpServer
from playground.tools.mcp import settings_file
from playground.tools.tool import ToolFailed

if TYPE_CHECKING:
    from mcp import Client

UNKNOWN_REVISION: Final = "Unsupported protocol version from the server: "
"""How the SDK begins to say so."""
HANDSHAKE: Final = 10.0
"""Seconds until a server has said who it is."""


def standing(server: McpServer) -> Standing:
    """How it has answered of late."""
    return standing_of(f"MCP server {server.name}", server.url)


class ServerRefused(ToolFailed):
    """The server is there, and says that a request does not hold."""


@asynccontextmanager
async def connected(server: McpServer, *, on_list_changed: Callable[[], None] = lambda: None) -> AsyncIterator[Client]:
    """The initialised client; raises ToolFailed for whatever goes wrong before, within or after. `on_list_changed`
    hears that the server has other tools from now on."""
    # Two seconds of imports, which nobody's stream should wait for.
    await asyncio.to_thread(importlib.import_module, "mcp")
    from mcp import Client, MCPError

    faults, is_greeted = None, False
    try:
        async with AsyncExitStack() as stack:
            if server.is_of_file:
                transport = _program(server, stack)
            else:
                faults, transport = await _at_address(server, stack)
            async with asyncio.timeout(HANDSHAKE):
                client = await stack.enter_async_context(Client(transport, message_handler=_hearing(on_list_changed)))
            is_greeted = True
            yield client
    except Exception as error:
        inner = _first(error)
        if isinstance(inner, ToolFailed):
            raise inner from None
        if faults and faults.fault:
            raise ToolFailed(faults.fault) from None
        if not is_greeted and (told := _revision_refused(inner)):
            raise ToolFailed(told) from None
        if isinstance(inner, MCPError):
            raise ServerRefused(f"Its server refused: {str(inner)[:300]}") from None
        if isinstance(inner, TimeoutError):
            raise ToolFailed(f"It did not answer within {HANDSHAKE:.0f} seconds.") from None
        raise ToolFailed(f"It cannot be reached ({type(inner).__name__}).") from None


def _hearing(on_list_changed: Callable[[], None]) -> Any:
    from mcp.types import ToolListChangedNotification

    async def hear(message: Any) -> None:
        # Exceptions that come this way are the SDK's notes on what it could not read; the call tells them itself.
        if isinstance(message, ToolListChangedNotification):
            on_list_changed()

    return hear


def _revision_refused(error: BaseException) -> str:
    """What to say where server and SDK have no revision of the protocol in common; empty where it is something else."""
    from mcp import MCPError
    from mcp_types import UNSUPPORTED_PROTOCOL_VERSION
    from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

    if isinstance(error, MCPError) and error.code == UNSUPPORTED_PROTOCOL_VERSION:
        supported = error.error.data.get("supported") if isinstance(error.error.data, dict) else None
        named = ", ".join(str(each)[:20] for each in supported[:8]) if isinstance(supported, list) else ""
    elif isinstance(error, RuntimeError) and str(error).startswith(UNKNOWN_REVISION):
        named = str(error).removeprefix(UNKNOWN_REVISION)[:20]
    else:
        return ""
    return f"It speaks revision {named or '?'} of MCP; spoken here are {', '.join(KNOWN_PROTOCOL_VERSIONS)}."


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
