"""The guard of every call to an address that somebody typed in: no way into this host or its networks.

The address that was judged is the one connected to, so a name that answers differently the second
time (DNS rebinding) gains nothing. Redirects are off in the transport.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

# Python 3.11 calls these global: they lead into networks that they embed, or that were private once.
NOT_GLOBAL: Final = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96", "fec0::/10"))
)
# Full stops of other scripts, which IDNA reads as dots.
DOTS: Final = dict.fromkeys(
    map(ord, "\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}"), "."
)
# Names that never leave a machine or a network (RFC 6761, 6762, 8375, 9476 and ICANN's .internal).
LOCAL_ENDINGS: Final = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp"})
LOCAL_NAMES: Final = ("home.arpa",)


class AddressRefused(ValueError):
    """The address lies where no outward call may go; the message names it."""


def check_address(address: str) -> None:
    """Raises AddressRefused unless the IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or any(ip in network for network in NOT_GLOBAL):
        raise AddressRefused(f"{ip} is not an address of the public internet")


def check_url(url: str, *, allow_private: bool) -> None:
    """Raises AddressRefused for a URL that is not plain http(s), or names a host that is refused; it asks nobody."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("this is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "\\" in url:
        raise AddressRefused("an http or https URL without user name is expected")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise AddressRefused("a URL holds no spaces and no control characters")
    if port == 0:
        raise AddressRefused("port 0 is no port")
    if not allow_private:
        _check_host(_plain(host))


def _plain(host: str) -> str:
    """A host as resolvers read it: letters of one width and in lower case, ordinary dots, none at the end."""
    return unicodedata.normalize("NFKC", host).translate(DOTS).lower().rstrip(".")


def _check_host(host: str) -> None:
    if "%" in host:
        raise AddressRefused("an address with a zone is one of this machine's networks")
    literals = _literal_addresses(host)
    for literal in literals:
        check_address(literal)
    if literals:
        return
    if not host or host.rpartition(".")[2].isdigit():
        raise AddressRefused(f"{host or 'a dot'} is no name of a host")
    if "." not in host or host.rpartition(".")[2] in LOCAL_ENDINGS or host.endswith(LOCAL_NAMES):
        raise AddressRefused(f"{host} is a name of this machine or its network")
    try:
        host.encode("idna")
    except UnicodeError:
        raise AddressRefused(f"{host} is no name of a host") from None


def _literal_addresses(host: str) -> list[str]:
    """The addresses that a host means without asking anybody: also decimal, octal, hex and short forms."""
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def guarded_socket(target: AddrInfoType) -> socket.socket:
    """A socket for an address that passed the check, also where no name was resolved; OSError otherwise."""
    family, kind, protocol, _, address = target
    try:
        check_address(str(address[0]))
    except AddressRefused as error:
        raise OSError(f"refused: {error}") from None
    return socket.socket(family, kind, protocol)


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead into this host or its networks."""

    def __init__(self) -> None:
        # Made with the first look-up: it binds to the event loop that runs then.
        self._resolver: ThreadedResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of `host`, all of which passed the check; OSError otherwise, as for an unknown name."""
        if self._resolver is None:
            self._resolver = ThreadedResolver()
        answers = await self._resolver.resolve(host, port, family)
        for answer in answers:
            try:
                check_address(answer["host"])
            except AddressRefused as error:
                raise OSError(f"refused: {error}") from None
        return answers

    async def close(self) -> None:
        """Ends the resolver."""
        if self._resolver is not None:
            await self._resolver.close()
