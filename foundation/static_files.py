"""Whether static files have to be collected: a fingerprint of all sources, kept beside the collected ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

STAMP = ".fingerprint"


def changed() -> str | None:
    """The sources' fingerprint when it differs from that of what was collected last."""
    now = _fingerprint()
    stamp = Path(settings.STATIC_ROOT) / STAMP
    return None if stamp.exists() and stamp.read_text() == now else now


def remember(fingerprint: str) -> None:
    """To be called after collecting."""
    (Path(settings.STATIC_ROOT) / STAMP).write_text(fingerprint)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in sorted(finder.list([]), key=lambda item: str(item[0])):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\n".encode())
    return digest.hexdigest()
