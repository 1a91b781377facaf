"""Who calls, where proxies stand in between: `X-Forwarded-For` is believed of configured proxies alone.

Anybody may send the header, so it is read from its end, the part that the nearest proxy wrote: the first address
that is no proxy of ours is the caller's. Without configured proxies the header means nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from foundation import context

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ForwardedFor:
    """Puts the caller's address in the place of the proxy's, for requests and sockets alike."""

    def __init__(self, application: Any, *, proxies: Sequence[str]) -> None:
        self._application = application
        self._proxies = [ipaddress.ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._proxies and scope.get("client"):
            host, port = scope["client"]
            caller = caller_of(host, _forwarded(scope), self._proxies)
            scope = {**scope, "client": (caller, port if caller == host else 0)}
        if scope["type"] == "websocket" and scope.get("client"):
            # A request's middleware does so for requests; sockets pass none.
            context.address.set(str(scope["client"][0]).partition("%")[0][:45])
        await self._application(scope, receive, send)


def caller_of(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address of whoever asked first, as far as our proxies vouch for it.

    `forwarded` is the header's list, in its order; what cannot be read ends the walk at the proxy that passed it on.
    """
    caller, address = peer, _address(peer)
    for entry in reversed(forwarded):
        if address is None or not any(address in proxy for proxy in proxies):
            break
        address = _address(entry)
        caller = caller if address is None else str(address)
    return caller


def _forwarded(scope: Any) -> list[str]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [entry.strip() for line in lines for entry in line.split(",")]


def _address(text: str) -> IP | None:
    """An address as proxies write it: also with a port, and IPv6 in brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
