"""Whether static files have to be collected: a fingerprint of all sources, kept beside the collected ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

STAMP = ".fingerprint"


def have_changed() -> bool:
    """Whether the sources differ from what was collected last."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    return not stamp.exists() or stamp.read_text() != _fingerprint()


def remember() -> None:
    """To be called after collecting."""
    (Path(settings.STATIC_ROOT) / STAMP).write_text(_fingerprint())


def _fingerprint() -> str:
    # Another storage collects other files: with packed ones beside them, for one.
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in finders.get_finders():
        for path, storage in sorted(finder.list([]), key=lambda item: str(item[0])):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\n".encode())
    return digest.hexdigest()
