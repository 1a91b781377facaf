"""A tool behind an address (`models.http_tool`): one guarded call, bounded in time and size, no redirects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import orjson

from foundation.http.guarded import AddressRefused, GuardedResolver, check_url, guarded_socket
from foundation.traces.context import passed_on
from playground.models.http_tool import HttpTool, Method
from playground.tools.tool import Caller, Tool, ToolFailed

MOST_READ: Final = 256 * 1024
"""Bytes of an answer; what comes after is not read."""
SHOWN: Final = 300
"""Characters of an answer that is an error."""
PLACE: Final = re.compile(r"\{([^{}]*)\}")
IN_QUERY: Final = frozenset({Method.GET, Method.DELETE})


class BehindAddress(Tool):
    """As an administrator has set it up."""

    category = "http"

    def __init__(self, row: HttpTool) -> None:
        self._row = row
        self.name = row.name
        self.description = row.description
        self.parameters = row.parameters or {"type": "object", "properties": {}}
        self.needs_approval = row.needs_approval
        self.patience = float(row.seconds)

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """Its answer: JSON where it says so, else its text."""
        row = self._row
        url, rest = _filled(row.url, arguments)
        try:
            check_url(url, allow_private=row.allow_private_address)
        except AddressRefused as error:
            raise ToolFailed(f"The address is refused: {error}.") from None
        in_query = row.method in IN_QUERY
        sent: dict[str, Any] = {"params": _query(rest)} if in_query else {"data": orjson.dumps(rest)}
        headers = {"Accept": "application/json", **({} if in_query else {"Content-Type": "application/json"})}
        try:
            async with (
                session_of(is_guarded=not row.allow_private_address) as session,
                session.request(
                    row.method, url, headers={**headers, **passed_on(), **row.headers}, allow_redirects=False, **sent
                ) as response,
            ):
                return _read(response, await _body(response))
        except (aiohttp.ClientError, OSError) as error:
            # Their own texts name addresses.
            raise ToolFailed(f"It cannot be reached ({type(error).__name__}).") from None


def session_of(*, is_guarded: bool) -> aiohttp.ClientSession:
    """A session for one call: no cookies, no proxies; where guarded, no way into this host or its networks."""
    connector = (
        aiohttp.TCPConnector(resolver=GuardedResolver(), socket_factory=guarded_socket)
        if is_guarded
        else aiohttp.TCPConnector()
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "llm-playground"},
        # Its call has a clock of its own.
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
    )


def _filled(url: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address with its arguments, which cannot leave their places, and the rest of them."""
    rest = dict(arguments)

    def fill(place: re.Match[str]) -> str:
        value = rest.pop(place[1], None)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value in ("", ".", ".."):
            raise ToolFailed(f"{place[1]} is a part of the address: a text or a number is expected.")
        return quote(str(value), safe="")

    return PLACE.sub(fill, url), rest


def _query(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Texts as they are, everything else as JSON."""
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in arguments.items()
    }


async def _body(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(16 * 1024):
        parts.append(part)
        size += len(part)
        if size > MOST_READ:
            # Whoever reads on holds a connection for what nobody sees.
            response.close()
            break
    return b"".join(parts)


def _read(response: aiohttp.ClientResponse, body: bytes) -> Any:
    if 300 <= response.status < 400:
        raise ToolFailed(f"It answered {response.status}: redirects are not followed.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body[:MOST_READ].decode(errors="ignore") if len(body) > MOST_READ else ""
        if not text:
            raise ToolFailed("It answered with what is no text.") from None
    if "\0" in text:
        raise ToolFailed("It answered with what is no text.")
    if response.status >= 400:
        raise ToolFailed(f"It answered {response.status}: {text[:SHOWN]}".rstrip(": "))
    if response.content_type.endswith("json"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            if len(body) <= MOST_READ:
                raise ToolFailed("It promised JSON, and answered with something else.") from None
    return text
