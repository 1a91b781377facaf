"""A tool of an MCP server, as it is offered and run here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import validator_of
from integrations.client.errors import ServiceAway
from playground.models import McpServer
from playground.tools.mcp.connecting import ServerRefused, connected, standing
from playground.tools.mcp.listing import keep, tools_of
from playground.tools.tool import Caller, Progress, Tool, ToolFailed

if TYPE_CHECKING:
    from mcp.types import CallToolResult

LONGEST_NAME: Final = 64
LONGEST_DESCRIPTION: Final = 4_000
LONGEST_MESSAGE: Final = 200
"""Characters of a word on progress."""
CHANGED: Final = (
    "The tool describes itself otherwise than when it was looked at, or is gone. It was not run: an administrator has "
    "to look at it again."
)
NO_SIGN: Final = re.compile(r"[^A-Za-z0-9_-]")


class ToolChanged(ServerRefused):
    """It says something else of itself than what an administrator has looked at."""


class OfServer(Tool):
    """As its server tells it, and an administrator has confirmed it."""

    category = "mcp"

    def __init__(self, server: McpServer, told: Mapping[str, Any]) -> None:
        self._server, self._own_name, self._fingerprint = server, told["name"], told["fingerprint"]
        self.name = offered_name(server.name, told["name"])
        self.description = told["description"][:LONGEST_DESCRIPTION]
        self.parameters = told["parameters"]
        is_trusted = server.trusts_annotations and told["is_read_only"]
        self.needs_approval = server.needs_approval and not is_trusted
        self.patience = float(server.seconds)

    @property
    def unavailable_reason(self) -> str:
        """While the server rests after failures in a row."""
        try:
            standing(self._server).check()
        except ServiceAway as error:
            return str(error)
        return ""

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """Its structured content, else its texts; other contents are told as what they are."""
        health = standing(self._server)
        try:
            result = await self._called(arguments, caller)
        except ServerRefused:
            await health.answered()
            raise
        except ToolFailed:
            await health.failed()
            raise
        await health.answered()
        text = "\n".join(_texts(result.content))
        if result.is_error:
            raise ToolFailed(text or "The tool failed, and did not say why.")
        return text if result.structured_content is None else result.structured_content

    async def _called(self, arguments: Mapping[str, Any], caller: Caller) -> CallToolResult:
        """Its result, where it still says of itself what was confirmed: it is asked that before each call (T31)."""
        is_listed_anew = False

        def list_anew() -> None:
            nonlocal is_listed_anew
            is_listed_anew = True

        async def heard(progress: float, total: float | None, message: str | None) -> None:
            figures = [each for each in (progress, total) if each is not None]
            if all(map(math.isfinite, figures)):
                caller.on_progress(Progress(progress, total, (message or "")[:LONGEST_MESSAGE]))

        async with connected(self._server, on_list_changed=list_anew) as client:
            listing = await tools_of(client)
            if self._fingerprint not in {each["fingerprint"] for each in listing}:
                await keep(self._server, listing)
                raise ToolChanged(CHANGED)
            # Not the client's own `call_tool`: that sends a call again, by itself, to a tool that has just changed.
            result = await client.session.call_tool(self._own_name, dict(arguments), progress_callback=heard)
            if is_listed_anew:
                await keep(self._server, await tools_of(client))
        return result


def offered_name(server: str, tool: str) -> str:
    """`server__tool`, in the signs and the length that every provider takes."""
    return f"{server}__{NO_SIGN.sub('_', tool)}"[:LONGEST_NAME]


def why_not_offered(told: Mapping[str, Any]) -> str:
    """What keeps a tool from being offered, whatever was confirmed; empty where nothing does."""
    if told.get("is_task"):
        return "it runs as a task that is asked about later, which is not done here"
    try:
        validator_of(dict(told["parameters"]))
    except InvalidSchema as error:
        return f"its schema is not taken: {error}"
    return "" if told["parameters"].get("type", "object") == "object" else "its arguments are no object"


def offered_of(server: McpServer) -> Iterator[OfServer]:
    """The tools of a server that an administrator has confirmed as they are; of two with one name, the first."""
    names = set[str]()
    for told in server.listing:
        if told["fingerprint"] in server.offered and not why_not_offered(told):
            tool = OfServer(server, told)
            if tool.name not in names:
                names.add(tool.name)
                yield tool


def _texts(content: Any) -> Iterator[str]:
    for part in content or ():
        match part.type:
            case "text":
                yield part.text
            case "resource_link":
                yield f"[a link to {part.name}: {part.uri}]"
            case "resource" if getattr(part.resource, "text", None) is not None:
                yield part.resource.text
            case "image" | "audio":
                yield f"[{part.type}, {part.mime_type}, {len(part.data) * 3 // 4} bytes: not shown]"
            case kind:
                yield f"[{kind}: not shown]"
