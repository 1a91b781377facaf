"""`MCP_SERVERS_FILE`: programs that speak MCP on their standard streams, named on this machine's disk and nowhere else
(T32). Read once by each process.

    [servers.files]
    command = "uvx"
    args = ["mcp-server-files", "/srv/shared"]
    env = { LOG_LEVEL = "error" }
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from playground.models.mcp_server import NAME


class Program(BaseModel):
    """How one is started; of this service's own environment it gets PATH, HOME and the like alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = Field(min_length=1)
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: Path | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    servers: dict[str, Program] = {}

    @field_validator("servers")
    @classmethod
    def _named(cls, servers: dict[str, Program]) -> dict[str, Program]:
        if wrong := [name for name in servers if not re.fullmatch(NAME, name)]:
            raise ValueError(f"{wrong[0]!r} is no name of a server: 2 to 24 letters, digits, - and single _")
        return servers


class FileRefused(ValueError):
    """The file cannot be used; the message says why, without its values."""


def read(path: Path) -> dict[str, Program]:
    """The programs of a file in TOML, or JSON by its ending, by name; raises FileRefused."""
    try:
        raw: Any = orjson.loads(path.read_bytes()) if path.suffix == ".json" else tomllib.loads(path.read_text())
        return _File.model_validate(raw).servers
    except OSError as error:
        raise FileRefused(f"MCP_SERVERS_FILE: it cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise FileRefused(f"MCP_SERVERS_FILE: {place}: {first['msg']}") from None
    except ValueError as error:
        raise FileRefused(f"MCP_SERVERS_FILE: it does not hold: {error}") from None


@lru_cache(maxsize=1)
def programs() -> dict[str, Program]:
    """Those of the configured file; none without one."""
    path: Path | None = settings.ENV.mcp_servers_file
    return read(path) if path else {}
