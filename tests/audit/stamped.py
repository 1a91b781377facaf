"""What tests of time stamps begin with: an authority that is configured, and stamps of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from audit.models import AuditStamp
from audit.tasks import publish_heads
from tests.audit.test_publishing import configure, grow
from tests.servers.timestamp_authority import TimestampAuthority


@pytest.fixture
def authority(settings: Settings, tmp_path: Path) -> Iterator[TimestampAuthority]:
    """An authority that is configured, with its root."""
    with TimestampAuthority() as server:
        trust(settings, tmp_path, server.signer.pem)
        configure(settings, audit_timestamp_url=server.url)
        yield server


@pytest.fixture
def three(db: None, authority: TimestampAuthority) -> list[AuditStamp]:
    """Three stamps, of a chain of 3, 6 and 9 rows."""
    for _ in range(3):
        grow()
        publish_heads()
    return stamps()


def stamps() -> list[AuditStamp]:
    """Those that are kept."""
    return list(AuditStamp.objects.order_by("number"))


def trust(settings: Settings, tmp_path: Path, pem: bytes) -> Path:
    """As if the environment named these roots."""
    path = tmp_path / "roots.pem"
    path.write_bytes(pem)
    configure(settings, audit_timestamp_roots=path)
    return path


def keep_outside(settings: Settings, tmp_path: Path) -> Path:
    """As if the environment named a file for stamps."""
    path = tmp_path / "stamps"
    configure(settings, audit_timestamp_file=path)
    return path
