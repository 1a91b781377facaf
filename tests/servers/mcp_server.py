"""An MCP server made with the official SDK, as a program: `[--port N | --stdio]`.

It says its address on its first line. Its tools are kind, slow, huge, failing, or change what they say of themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from foundation.processes import launch
from foundation.supervisor import programs

server = MCPServer("double", log_level="ERROR")
seen: dict[str, Any] = {"headers": [], "calls": []}
READS = ToolAnnotations(read_only_hint=True)


@server.tool(annotations=READS)
def add(a: int, b: int) -> dict[str, int]:
    """Adds two numbers."""
    seen["calls"].append("add")
    return {"sum": a + b}


@server.tool()
def greet(name: str) -> CallToolResult:
    """Greets somebody."""
    seen["calls"].append("greet")
    picture = ImageContent(type="image", data="AAAA", mime_type="image/png")
    texts = [TextContent(type="text", text=f"Hello {name}"), TextContent(type="text", text="and goodbye")]
    return CallToolResult(content=[*texts, picture])


@server.tool()
async def slow() -> str:
    """Takes its time."""
    seen["calls"].append("slow")
    await asyncio.sleep(30)
    return "at last"


@server.tool()
async def working(steps: int, ctx: Context, pause: float = 0.6) -> str:
    """Tells how far it is, after each step."""
    for step in range(1, steps + 1):
        await asyncio.sleep(pause)
        await ctx.report_progress(step, steps, f"step {step}")
    return "done"


@server.tool()
async def stuck(ctx: Context) -> str:
    """Says once how far it is, and no more."""
    await ctx.report_progress(1)
    await asyncio.sleep(30)
    return "at last"


@server.tool()
def huge(size: int) -> CallToolResult:
    """Says a lot."""
    return CallToolResult(content=[TextContent(type="text", text="x" * size)])


@server.tool()
def broken() -> CallToolResult:
    """Fails."""
    return CallToolResult(content=[TextContent(type="text", text="there is no more paper")], is_error=True)


@server.tool(name="odd.name/here")
def odd() -> str:
    """Has signs in its name that no provider takes."""
    return "odd"


@server.tool()
def environment() -> dict[str, Any]:
    """Tells the variables that it runs with."""
    return {"names": sorted(os.environ)}


def changing(words: str) -> None:
    """Has the tool `greet` say something else of itself."""
    server.remove_tool("greet")
    server.add_tool(greet, name="greet", description=words)


async def state(request: Request) -> Response:
    """What it has seen."""
    return JSONResponse(seen)


async def change(request: Request) -> Response:
    """`POST /change?words=…`."""
    changing(request.query_params["words"])
    return JSONResponse({})


async def elsewhere(request: Request) -> Response:
    """Sends whoever comes to another place."""
    seen["calls"].append("elsewhere")
    return RedirectResponse(request.query_params["to"], status_code=307)


def main() -> None:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stdio", action="store_true")
    asked = parser.parse_args()
    if asked.stdio:
        server.run("stdio")
        return
    app = server.streamable_http_app()
    app.add_route("/state", state)
    app.add_route("/change", change, methods=["POST"])
    app.add_route("/elsewhere", elsewhere, methods=["GET", "POST"])

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/mcp":
            seen["headers"].append({name.decode(): value.decode() for name, value in scope["headers"]})
        await app(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", asked.port))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(noted, log_level="error")).run(sockets=[listening])


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Its address, for as long as this lasts."""
    command = [sys.executable, "-m", "tests.servers.mcp_server"]
    process = launch(command, folder=programs.ROOT, output=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
