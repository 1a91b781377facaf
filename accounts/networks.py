"""From which networks each user's requests come, by whatever door and credential, so that a new one can be told of.

Networks, not addresses: a line's address changes within its provider's /24 (IPv4), and a site has the whole of its /48
(IPv6, RFC 6177), behind which hosts take new addresses every day. Who writes down less also keeps less of a person.

A process writes a user's network once a day. The audit log cannot tell it instead: a run is no entry there, and an API
token that has leaked does nothing but run.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError, connection

from foundation import context
from foundation.database.threads import in_database_thread

logger = logging.getLogger(__name__)

IPV4_BITS: Final = 24
IPV6_BITS: Final = 48
DAY: Final = 86_400
KEPT: Final = timedelta(days=90)
"""After a network was last seen."""
MOST: Final = 200
"""Networks that are kept of one user: the latest."""
REMEMBERED: Final = 50_000
"""Users' addresses of today that a process remembers."""
_SEEN: Final = """
INSERT INTO user_networks (user_id, network, by, first_seen_at, last_seen_at) VALUES (%s, %s, %s, now(), now())
ON CONFLICT (user_id, network) DO UPDATE SET last_seen_at = excluded.last_seen_at
"""
_FORGET: Final = """
DELETE FROM user_networks WHERE last_seen_at < %s OR id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY last_seen_at DESC, id DESC) AS place
        FROM user_networks
    ) n WHERE place > %s
)
"""

_noted: dict[tuple[UUID, str], int] = {}
"""The day (since 1970) on which this process wrote it down."""


def network_of(address: str) -> str:
    """The network that the address lies in; empty where it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = IPV4_BITS if isinstance(found, ipaddress.IPv4Address) else IPV6_BITS
    return str(ipaddress.ip_network((found, bits), strict=False))


async def note(user_id: UUID, *, by: str) -> None:
    """Writes down where this request of theirs comes from, unless that was done today.

    The request goes on though it cannot be written: the next one tries it again.
    """
    key, today = (user_id, context.address.get()), int(time.time()) // DAY
    if _noted.get(key) == today:
        return
    if len(_noted) >= REMEMBERED:
        _noted.clear()
    _noted[key] = today
    network = network_of(key[1])
    if not network:
        return
    try:
        await in_database_thread(_write, user_id, network, by)
    except DatabaseError as error:
        _noted.pop(key, None)
        logger.warning("network_not_noted", extra={"reason": type(error).__name__})


def _write(user_id: UUID, network: str, by: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [user_id, network, by])


def forget_old(*, now: datetime) -> int:
    """Removes networks not seen for long, and of each user all but the latest; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [now - KEPT, MOST])
        return int(cursor.rowcount)
