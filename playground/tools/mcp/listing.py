"""Which tools a server has: read every few minutes, kept with a fingerprint of all that a model reads of each."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING, Any, Final

import orjson
from django.db import transaction
from django.utils import timezone

from foundation.database.threads import in_database_thread
from foundation.sealing.encryption import CannotDecrypt
from playground.models import McpServer
from playground.tools.mcp import settings_file
from playground.tools.mcp.connecting import connected, standing
from playground.tools.tool import ToolFailed

if TYPE_CHECKING:
    from mcp import Client

logger = logging.getLogger(__name__)

PATIENCE: Final = 30.0
MOST_TOOLS: Final = 128
MOST_PAGES: Final = 20
LARGEST: Final = 64 * 1024
"""Bytes of all that a server says of one tool."""


async def list_all() -> None:
    """Reads every enabled server, one after the other."""
    for server in await in_database_thread(servers):
        await list_one(server)


def servers() -> list[McpServer]:
    """The enabled ones; those of the settings file have a row from now on, which says what is offered of them."""
    programs = settings_file.programs()
    for name in programs:
        McpServer.objects.get_or_create(name=name, defaults={"url": ""})
    rows = McpServer.objects.filter(is_enabled=True).order_by("name")
    return [row for row in rows if not row.is_of_file or row.name in programs]


async def list_one(server: McpServer) -> None:
    """Keeps what the server has now; where it does not say, what it had, and why."""
    try:
        async with asyncio.timeout(PATIENCE):
            async with connected(server) as client:
                listing, fault = await tools_of(client), ""
        await standing(server).answered()
    except (ToolFailed, CannotDecrypt) as error:
        listing, fault = None, str(error)
    except TimeoutError:
        listing, fault = None, f"It did not answer within {PATIENCE:.0f} seconds."
    if fault:
        await standing(server).failed()
        logger.warning("mcp_server_not_listed", extra={"server": server.name, "reason": fault[:300]})

    await keep(server, listing, fault=fault[:300])


async def keep(server: McpServer, listing: list[dict[str, Any]] | None, *, fault: str = "") -> None:
    """From now on these are its tools, or it could not be read and has those that it had."""
    await in_database_thread(_keep, server, listing, fault)


def _keep(server: McpServer, listing: list[dict[str, Any]] | None, fault: str) -> None:
    with transaction.atomic():
        # Another address meanwhile is another server: what this one said is none of its words.
        row = McpServer.objects.select_for_update().filter(id=server.id, url=server.url).first()
        if row is None:
            return
        row.fault, row.listed_at = fault, timezone.now()
        if listing is not None:
            row.listing = listing
        row.save(update_fields=["fault", "listed_at", *(["listing"] if listing is not None else [])])


async def tools_of(client: Client) -> list[dict[str, Any]]:
    """What the server says now of each of its tools, a fingerprint with it."""
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [told for tool in page.tools if (told := told_of(tool)) is not None]
        cursor = page.next_cursor
        if not cursor or len(found) >= MOST_TOOLS:
            break
    return found[:MOST_TOOLS]


def told_of(tool: Any) -> dict[str, Any] | None:
    """What is kept of a tool; None for one that says too much."""
    hints = tool.annotations.model_dump(exclude_none=True) if tool.annotations else {}
    said = {"name": tool.name, "description": tool.description or tool.title or "", "parameters": tool.input_schema}
    written = orjson.dumps({**said, "hints": hints}, option=orjson.OPT_SORT_KEYS)
    if len(written) > LARGEST:
        return None
    return {
        **said,
        "is_read_only": hints.get("read_only_hint") is True,
        "is_task": tool.execution is not None and tool.execution.task_support == "required",
        "fingerprint": hashlib.sha256(written).hexdigest()[:32],
    }
